"""What is wrong with a question at first sight: two questions in one, closed, unlawful, too long.

Pure. Word lists, so a lower bound: what they find is worth a look, what they don't find may still
be wrong. Topics follow those that equal-treatment law lets no employer ask about (EU directives
2000/43, 2000/78 and 2006/54; pay history by 2023/970, article 5).
"""

import re
from dataclasses import dataclass

from analysis.question_bank.reading import LONGEST_TEXT

MARK = re.compile(r"[^?.!:]*\?")  # a sentence that asks
JOINED = {
    "en": r"\band (?:also|how|why|what|which|who|whom|when|where|would you|did you|do you)\b",
    "de": (
        r"\b(?:und|sowie) "
        r"(?:wie|warum|weshalb|was|welche[nmrs]?|wer|wen|wem|wann|wo|woran|womit)\b"
    ),
    "es": (
        r"\b(?:y|e) "
        r"(?:también|cómo|qué|cuál(?:es)?|quién(?:es)?|cuándo|dónde|por qué|para qué)\b"
    ),
}
CLOSED = {  # how a question begins that yes or no would answer
    "en": (
        r"(?:do|does|did|are|is|was|were|have|has|had|can|could|will|would|should) "
        r"(?:you|it|there)\b"
    ),
    "de": (
        r"(?:sind|waren|haben|hatten|können|konnten|werden|würden|sollten|mögen|kennen|ist|gibt) "
        r"(?:sie|es)\b"
    ),
    "es": (
        r"(?:tiene|tuvo|ha|había|es|era|está|puede|podría|sabe|cree|conoce|hay|"
        r"le gusta|le parece)\b"
    ),
}
UNLAWFUL = {
    "en": (
        r"how old|your age|date of birth|year of birth|retire\w*|married|marital|spouse|husband|"
        r"wife|children|kids|childcare|pregnan\w+|family (?:plans?|planning|life)|disab\w+|"
        r"illness\w*|sick (?:days|leave)|your health|medical (?:history|condition)|religio\w*|"
        r"church|mosque|pray\w*|your faith|where (?:are you|do you come) from|born in|"
        r"nationality|citizenship|ethnic\w*|your race|native (?:language|country)|"
        r"mother tongue|politic\w*|which party|vote[ds]?|(?:trade|labou?r) union|sexual\w*|"
        r"gender identity|criminal record|salary|you earn\w*|your (?:earnings|pay|wages)|you paid"
    ),
    "de": (
        r"wie alt|ihr alter|geburtsdatum|geburtsjahr|verheiratet|familienstand|ehemann|ehefrau|"
        r"kinder\w*|schwanger\w*|familienplanung|familienleben|behinder(?:t|ung\w*)|"
        r"krankheit\w*|krankgeschrieben|ihre gesundheit|gesundheitszustand|religi\w+|kirche|"
        r"moschee|konfession|ihr(?:en)? glauben?|woher (?:kommen|stammen) sie|herkunft|geboren|"
        r"staatsangehörig\w*|nationalität|ethni\w+|muttersprach\w*|politisch\w*|"
        r"parteimitglied|(?:welche|eine) partei|gewerkschaft\w*|sexuell\w*|vorstrafe\w*|"
        r"gehalt\w*|ihr lohn|verdien(?:en|ten) sie"
    ),
    "es": (
        r"qué edad|su edad|cuántos años tiene|fecha de nacimiento|jubil\w+|casad[oa]|"
        r"estado civil|marido|espos[oa]|hij[oa]s?|embaraz\w+|planes familiares|vida familiar|"
        r"discapacidad\w*|enfermedad\w*|baja médica|su salud|religi\w+|iglesia|mezquita|su fe|"
        r"de dónde (?:es|viene)|país de origen|nació|nacid[oa]|nacionalidad|étnic\w+|"
        r"lengua materna|(?:opinión|opiniones|ideas|afiliación) políticas?|qué partido|vot[óoa]|"
        r"sindica\w+|sexual\w*|antecedentes penales|salario\w*|sueldo\w*|cobra(?:ba)?"
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at again."""

    code: str  # double_barrelled, closed, unlawful, too_long
    words: str  # of the question, where there are any to point at


def findings(text: str, locale: str) -> tuple[Finding, ...]:
    """Return what looks wrong with a question; for languages without lists only what needs none."""
    found = [*double_barrelled(text, locale), *closed(text, locale)]
    found += [Finding("unlawful", match) for match in matches(UNLAWFUL, text, locale)]
    if len(text) > LONGEST_TEXT:
        found.append(Finding("too_long", ""))
    return tuple(found)


def double_barrelled(text: str, locale: str) -> list[Finding]:
    asked = MARK.findall(text)
    if len(asked) > 1:
        return [Finding("double_barrelled", asked[-1].strip())]
    return [Finding("double_barrelled", match) for match in matches(JOINED, text, locale)]


def closed(text: str, locale: str) -> list[Finding]:
    beginning = CLOSED.get(locale)
    asked = [sentence.strip().lstrip("¿").lower() for sentence in MARK.findall(text)]
    return [
        Finding("closed", sentence)
        for sentence in asked
        if beginning and re.match(beginning, sentence)
    ]


def matches(lists: dict[str, str], text: str, locale: str) -> list[str]:
    if locale not in lists:
        return []
    return re.findall(rf"\b(?:{lists[locale]})\b", text, flags=re.IGNORECASE)
