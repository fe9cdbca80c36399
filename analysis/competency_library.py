"""The library of competencies: what the bank describes, and how an organization adopts it."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from analysis import question_bank
from analysis.bank_suggestions import FALLBACK_LOCALE
from analysis.question_bank import LibraryCompetency
from interviews.models import Competency
from interviews.services import rubrics
from ops.principals import Principal

SEEN_AT_WORK = {  # before the behaviours, in the language of the competency
    "en": "One sees it in somebody who:",
    "de": "Man sieht es an jemandem, der oder die:",
    "es": "Se ve en alguien que:",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What an answer at one level of the scale looks like."""

    level: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryEntry:
    """A library competency in one language."""

    key: str
    locale: str
    name: str
    definition: str
    behaviours: tuple[str, ...]
    anchors: tuple[Level, ...]
    competency_id: UUID | None = None  # of the organization's own that bears its name


def spoken(locale: str) -> str:
    """Return the library's language for a locale; English where it has none."""
    return question_bank.bank_locale(locale) or FALLBACK_LOCALE


def library_entries(principal: Principal, locale: str) -> tuple[LibraryEntry, ...]:
    """Return the whole library in the language nearest to `locale`; one query."""
    rows = Competency.objects.visible_to(principal).values_list("name", "pk")
    own = {name.casefold(): pk for name, pk in rows}
    return tuple(_entry(each, spoken(locale), own) for each in question_bank.bank().competencies)


def library_entry(principal: Principal, key: str, locale: str) -> LibraryEntry | None:
    """Return one of them; None if there is none of that key."""
    return next((each for each in library_entries(principal, locale) if each.key == key), None)


def adopt_competency(*, organization_id: UUID, key: str, locale: str) -> Competency:
    """Copy a library competency with its five levels into the organization's own.

    Raises: Http404; StateConflict when the organization has a competency of that name.
    """
    found = question_bank.bank().competency(key)
    if found is None:
        raise Http404
    return rubrics.create_competency(
        organization_id=organization_id, design=design_of(found, locale)
    )


def design_of(competency: LibraryCompetency, locale: str) -> rubrics.CompetencyDesign:
    """Return a library competency as an organization writes one."""
    entry = _entry(competency, spoken(locale), {})
    seen = "\n".join(f"- {behaviour}" for behaviour in entry.behaviours)
    return rubrics.CompetencyDesign(
        name=entry.name,
        definition=f"{entry.definition}\n\n{SEEN_AT_WORK[entry.locale]}\n{seen}",
        anchors={anchor.level: anchor.text for anchor in entry.anchors},
    )


def _entry(competency: LibraryCompetency, locale: str, own: dict[str, UUID]) -> LibraryEntry:
    names = (name.casefold() for name in competency.name.values())
    return LibraryEntry(
        key=competency.key,
        locale=locale,
        name=competency.name[locale],
        definition=competency.definition[locale],
        behaviours=tuple(each[locale] for each in competency.behaviours),
        anchors=tuple(
            Level(level=level, text=anchor[locale])
            for level, anchor in zip(question_bank.LEVELS, competency.anchors, strict=True)
        ),
        competency_id=next((own[name] for name in names if name in own), None),
    )
