"""Descriptions of an answer, never scores: rate, pauses, fillers, readability, vocabulary. Pure.

Every number's formula and source stands in docs/evaluation.md. What can't be measured is None with
a reason in words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

MIN_PAUSE_MS = 400
MIN_SPEECH_MS = 3000  # a rate over less is noise
MIN_READABLE_WORDS = 30  # Flesch's samples had 100; below 30 one long word moves it by 5 points
MIN_VOCABULARY_WORDS = 20

WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)]*(?=\s|$)")
UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue"})  # no spaces between words

FILLERS: Mapping[str, tuple[str, ...]] = {  # only what is hardly ever anything else
    "en": ("um", "umm", "uh", "uhh", "uhm", "erm", "er", "hmm", "hm", "mm", "mhm", "you know"),
    "de": ("äh", "ähm", "öh", "öhm", "hm", "hmm", "mhm"),
    "fr": ("euh", "heu", "hum", "hmm", "bah"),
    "es": ("eh", "em", "ehm", "mmm", "hmm"),
    "it": ("eh", "ehm", "uhm", "mmm", "hmm"),
    "pt": ("hã", "hum", "ahn", "hmm"),
    "nl": ("uh", "uhm", "eh", "ehm", "hm", "hmm"),
}
VOWELS: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"[aeiouy]+"),
    "de": re.compile(r"ie|ei|ai|eu|äu|au|[aeiouyäöü]"),
    "fr": re.compile(r"[aeiouyàâäéèêëîïôöùûüœ]+"),
    "es": re.compile(r"[aeo\u00e1\u00e9\u00ed\u00f3\u00fa]|[iuü]+(?![aeoáéó])"),
    "it": re.compile(r"[aeiouàèéìòù]+"),
    "nl": re.compile(r"[aeiouyéëïöü]+"),
}
SILENT_E = re.compile(r"(?<=[^aeiouy\W])e(?:s|d)?$")


@dataclass(frozen=True, slots=True)
class Readability:
    """A reading-ease formula: constant - per_sentence * words/sentence - per_syllable * ..."""

    name: str
    constant: float
    words_per_sentence: float
    syllables_per_word: float


READABILITY: Mapping[str, Readability] = {
    "en": Readability("Flesch Reading Ease (1948)", 206.835, 1.015, 84.6),
    "de": Readability("Amstad (1978)", 180.0, 1.0, 58.5),
    "es": Readability("Fernández Huerta (1959)", 206.84, 1.02, 60.0),
    "fr": Readability("Kandel and Moles (1958)", 207.0, 1.015, 73.6),
    "it": Readability("Flesch-Vacca (1972)", 206.0, 1.0, 65.0),
    "nl": Readability("Douma (1960)", 206.84, 0.93, 77.0),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands in its text."""

    text: str
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Speech:
    """How an answer was spoken, by voice activity; None where it could not be measured."""

    speech_ms: int | None
    pauses_ms: Sequence[int] | None
    reason: str = ""  # why one of them is None


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured; `reasons` says for each None why."""

    word_count: int
    rate_wpm: float | None
    pause_count: int | None
    pause_total_ms: int | None
    longest_pause_ms: int | None
    filler_count: int | None
    readability: float | None
    readability_formula: str
    vocabulary_share: float | None
    reasons: Mapping[str, str] = field(default_factory=dict)


Measured = tuple[float | None, str]  # (value, reason when it is None)


def words(text: str) -> list[str]:
    """Return the words of `text`, lower case."""
    return [m.group().casefold().replace("\u2019", "'") for m in WORD.finditer(text)]


def sentences(text: str) -> list[Sentence]:
    """Split `text` at its sentence marks; every sentence has at least one word."""
    found = []
    start = 0
    for end in [*(m.end() for m in SENTENCE_END.finditer(text)), len(text)]:
        piece = text[start:end]
        if WORD.search(piece):
            first = start + len(piece) - len(piece.lstrip())
            last = start + len(piece.rstrip())
            found.append(Sentence(text[first:last], first, last))
        start = end
    return found


def measure(text: str, language: str, speech: Speech | None) -> Metrics:
    """Describe an answer in `language` (ISO 639-1); `speech` is None for typed text."""
    tokens = words(text)
    pauses = None if speech is None else speech.pauses_ms
    long_pauses = None if pauses is None else [ms for ms in pauses if ms >= MIN_PAUSE_MS]
    measured = {
        "rate_wpm": rate_wpm(len(tokens), language, speech),
        "filler_count": filler_count(tokens, language, is_spoken=speech is not None),
        "readability": reading_ease(text, language),
        "vocabulary_share": vocabulary_share(tokens, language),
    }
    reasons = {name: reason for name, (value, reason) in measured.items() if value is None}
    if long_pauses is None:
        why = "typed, not spoken" if speech is None else speech.reason
        reasons |= dict.fromkeys(("pause_count", "pause_total_ms", "longest_pause_ms"), why)
    fillers, formula = measured["filler_count"][0], READABILITY.get(language)
    return Metrics(
        word_count=len(tokens),
        rate_wpm=measured["rate_wpm"][0],
        pause_count=None if long_pauses is None else len(long_pauses),
        pause_total_ms=None if long_pauses is None else sum(long_pauses),
        longest_pause_ms=None if long_pauses is None else max(long_pauses, default=0),
        filler_count=None if fillers is None else int(fillers),
        readability=measured["readability"][0],
        readability_formula=formula.name if formula and "readability" not in reasons else "",
        vocabulary_share=measured["vocabulary_share"][0],
        reasons=reasons,
    )


def rate_wpm(word_count: int, language: str, speech: Speech | None) -> Measured:
    """Words per minute of speech, pauses left out."""
    if speech is None:
        return None, "typed, not spoken"
    if speech.speech_ms is None:
        return None, speech.reason
    if language in UNSPACED:
        return None, "this language writes no spaces between words"
    if speech.speech_ms < MIN_SPEECH_MS:
        return None, f"less than {MIN_SPEECH_MS // 1000} s of speech"
    return round(word_count / (speech.speech_ms / 60_000), 1), ""


def filler_count(tokens: Sequence[str], language: str, *, is_spoken: bool) -> Measured:
    """Count hesitation words; a lower bound, because speech recognition leaves many out."""
    if not is_spoken:
        return None, "typed, not spoken"
    if language not in FILLERS:
        return None, f"no list of filler words for language '{language}'"
    pairs = [f"{a} {b}" for a, b in pairwise(tokens)]
    fillers = frozenset(FILLERS[language])
    return float(sum(token in fillers for token in (*tokens, *pairs))), ""


def reading_ease(text: str, language: str) -> Measured:
    """Reading ease of the language's own formula; higher is easier, about 0 to 100."""
    formula = READABILITY.get(language)
    if formula is None:
        return None, f"no readability formula for language '{language}'"
    tokens = words(text)
    if len(tokens) < MIN_READABLE_WORDS:
        return None, f"fewer than {MIN_READABLE_WORDS} words"
    if not SENTENCE_END.search(text):
        return None, "the text has no sentence marks"
    syllable_count = sum(syllables(token, language) for token in tokens)
    ease = (
        formula.constant
        - formula.words_per_sentence * len(tokens) / len(sentences(text))
        - formula.syllables_per_word * syllable_count / len(tokens)
    )
    return round(ease, 1), ""


def syllables(word: str, language: str) -> int:
    """Estimate the syllables of a word by its groups of vowels; at least 1."""
    lower = word.casefold()
    if language == "en" and not lower.endswith(("le", "les", "ted", "ded", "ses", "ces", "ges")):
        lower = SILENT_E.sub("", lower)
    return max(1, len(VOWELS[language].findall(lower)))


def vocabulary_share(tokens: Sequence[str], language: str) -> Measured:
    """Distinct words over all words, 0..1. Falls with length: compare answers of similar length."""
    if language in UNSPACED:
        return None, "this language writes no spaces between words"
    if len(tokens) < MIN_VOCABULARY_WORDS:
        return None, f"fewer than {MIN_VOCABULARY_WORDS} words"
    return round(len(set(tokens)) / len(tokens), 3), ""
