"""What an answer is about, in a few of its own words. Pure: vectors come in as numbers.

Candidates are runs of up to three words without a stop word; weight is how often they occur, a
little more for longer ones, times how near they are to the whole answer. Maximal marginal relevance
(Carbonell and Goldstein 1998) keeps near-doubles out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.text_metrics import FILLERS, sentences, words

MAX_KEYWORDS = 8
MAX_CANDIDATES = 40
MAX_WORDS = 3
MIN_CHARS = 3
RELEVANCE_WEIGHT = 0.5  # against variety


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": _set(
        "a about above after again against ago all also although always am an and another any "
        "anybody anything are around as ask asked at away back be became because become been "
        "before being below best better between both but by call called came can can't cannot "
        "come could couldn't day days did didn't do does doesn't doing don't done down during "
        "each either else enough even ever every everything example few find first for found "
        "from further gave get gets getting give go goes going good got great guess had "
        "hadn't happen happened has hasn't have haven't having he her here hers herself him "
        "himself his how however i i'd i'll i'm i've if in instead into is isn't it it's its "
        "itself just keep kept kind knew know last later least less let like little look "
        "looked lot made make makes many may maybe me mean might mine month months more most "
        "much must my myself need needed never next no nobody nor not nothing now of off "
        "often ok okay on once one only onto or other others our ours out over own part "
        "people perhaps possible probably put quite rather really right said same saw say see "
        "seem seemed seen several shall she should shouldn't since so some somebody somehow "
        "someone something sometimes somewhere soon sort still such take taken tell than that "
        "that's the their theirs them themselves then there there's these they they're thing "
        "things think this those though thought through time times to together told too took "
        "toward tried try two three four five under until up upon us use used usually very "
        "want wanted was wasn't way ways we we'd we're we've week weeks well went were "
        "weren't what whatever when where whether which while who whole whom whose why will "
        "with within without won't would wouldn't year years yes yet you your yours"
    ),
    "de": _set(
        "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei "
        "beim bin bis bist da dabei dann das dass dem den denn der des die dies diese diesem "
        "diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas "
        "euch für gegen gewesen hab habe haben hat hatte hatten hier hin ich ihm ihn ihnen "
        "ihr ihre im in ins ist ja jede jedem jeden jeder jedes kann kein keine können könnte "
        "mal man mehr mein meine mich mir mit muss nach nicht nichts noch nun nur ob oder "
        "ohne schon sehr sein seine sich sie sind so solche soll sollte sondern sonst über um "
        "und uns unser unter viel vom von vor war waren warum was wegen weil wenn wer werden "
        "wie wieder will wir wird wo wurde würde zu zum zur zwischen"
    ),
    "fr": _set(
        "à ai alors après au aussi autre aux avait avec avoir avons bien c'est car ce cela "
        "ces cet cette ceux chaque ci comme dans de des deux donc dont du elle elles en "
        "encore est et étais était être eu fait faire il ils j'ai je l'on la le les leur "
        "leurs lui ma mais me même mes moi mon ne nos notre nous on ont ou où par parce pas "
        "peu peut plus pour pourquoi quand que quel qui s'est sa sans se ses si son sont sous "
        "sur ta te tes toi ton tous tout très tu un une vers vos votre vous y"
    ),
    "es": _set(
        "a al algo algunos ante antes así aunque bien cada como con contra cual cuando de del "
        "desde donde dos el ella ellos en entonces entre era eran es esa ese eso esta estaba "
        "este esto fue ha había hace hacer han hasta hay he la las le les lo los más me mi "
        "mis mucho muy nada ni no nos nosotros o otra otro para pero poco por porque pues que "
        "qué se ser si sí sin sobre son su sus también tan te tener tengo tenía todo todos tu "
        "un una uno y ya yo"
    ),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that might be a keyword. `weight` is its frequency, raised with its length."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Keyword:
    """A chosen phrase; weight 0..1, the best one has 1."""

    text: str
    weight: float


def has_stop_words(language: str) -> bool:
    """Say whether keywords can be found in this language."""
    return language in STOP_WORDS


def candidates(text: str, language: str) -> list[Candidate]:
    """Return the heaviest candidates of a text, at most MAX_CANDIDATES, heaviest first."""
    stop = STOP_WORDS[language] | frozenset(FILLERS.get(language, ()))
    counts: Counter[str] = Counter()
    for sentence in sentences(text):
        run: list[str] = []
        for word in [*words(sentence.text), ""]:
            if word and word not in stop and len(word) >= MIN_CHARS and not word.isdigit():
                run.append(word)
                continue
            for size in range(1, MAX_WORDS + 1):
                ends = range(size, len(run) + 1)
                counts.update(" ".join(run[end - size : end]) for end in ends)
            run = []
    weighed = [Candidate(p, n * (1 + 0.5 * p.count(" "))) for p, n in counts.items()]
    return sorted(weighed, key=lambda c: (-c.weight, c.text))[:MAX_CANDIDATES]


def choose(
    found: Sequence[Candidate],
    vectors: NDArray[np.float32],
    whole: NDArray[np.float32],
    *,
    count: int = MAX_KEYWORDS,
) -> list[Keyword]:
    """Choose by marginal relevance; `vectors` is (candidates, d), `whole` (d,), all unit length."""
    if not found:
        return []
    heaviest = max(c.weight for c in found)
    nearness = _spread(vectors @ whole)
    relevance = np.array([c.weight / heaviest for c in found]) * 0.5 + nearness * 0.5
    between = _spread(vectors @ vectors.T)
    chosen: list[int] = []
    while len(chosen) < min(count, len(found)):
        left = [i for i in range(len(found)) if i not in chosen and not _is_part(i, chosen, found)]
        if not left:
            break
        likeness = between[:, chosen].max(axis=1) if chosen else np.zeros(len(found))
        marginal = RELEVANCE_WEIGHT * relevance - (1 - RELEVANCE_WEIGHT) * likeness
        chosen.append(max(left, key=lambda i: (marginal[i], -i)))
    best = max(relevance[i] for i in chosen)
    keywords = [Keyword(found[i].text, round(float(relevance[i] / best), 3)) for i in chosen]
    return sorted(keywords, key=lambda k: (-k.weight, k.text))


def _is_part(index: int, chosen: Sequence[int], found: Sequence[Candidate]) -> bool:
    """Whether the phrase shares a word with a chosen one: 'time zone' beside 'zone test'."""
    own = set(found[index].text.split())
    return any(own & set(found[i].text.split()) for i in chosen)


def _spread(similarity: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stretch cosines to 0..1: this model's lie in a narrow band."""
    low, high = float(similarity.min()), float(similarity.max())
    if high - low < np.finfo(np.float32).eps:
        return np.ones_like(similarity)
    return (similarity - low) / (high - low)
