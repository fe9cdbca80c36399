"""Which sessions of an interview a list shows, in which order, from which place on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from interviews.models import Session
from interviews.permissions import access_interview
from ops.principals import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """Which sessions of an interview are wanted; None and empty mean any."""

    states: tuple[str, ...] = ()
    reviewer_email: str = ""
    reviewer_id: int | None = None  # a membership
    is_unassigned: bool = False
    from_on: date | None = None
    until_on: date | None = None  # inclusive
    external_id: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """An order of sessions; those with the same place are ordered by their id."""

    place: Coalesce | F
    is_descending: bool


SORTS = {
    "newest": Sort(place=F("created_at"), is_descending=True),
    "oldest": Sort(place=F("created_at"), is_descending=False),
    "activity": Sort(
        place=Coalesce("reviewed_at", "ready_at", "submitted_at", "created_at"), is_descending=True
    ),
    "alias": Sort(place=F("candidate__alias"), is_descending=False),
}


def visible_sessions(principal: Principal, interview_id: UUID) -> QuerySet[Session]:
    visible = Session.objects.visible_to(principal).filter(version__interview=interview_id)
    return visible.select_related("candidate")


def sessions_of(principal: Principal, key: str, wanted: SessionFilter) -> QuerySet[Session]:
    """Return the interview's sessions that the principal may see, to be cut into keyset pages.

    Raises: Http404
    """
    sessions = visible_sessions(principal, access_interview(principal, key).pk)
    return narrowed(sessions, wanted, sees_names=principal.can_design)


def narrowed(
    sessions: QuerySet[Session], wanted: SessionFilter, *, sees_names: bool
) -> QuerySet[Session]:
    """Return those of the sessions that are wanted."""
    conditions = {
        "state__in": wanted.states,
        "assignments__member__user__email": wanted.reviewer_email.lower(),
        "assignments__member": wanted.reviewer_id,
        "created_at__date__gte": wanted.from_on,
        "created_at__date__lte": wanted.until_on,
        "external_id": wanted.external_id,
    }
    for condition, value in conditions.items():
        if value:
            sessions = sessions.filter(**{condition: value})
    if wanted.is_unassigned:
        sessions = sessions.filter(assignments=None)
    if wanted.search:
        sessions = sessions.filter(matches(wanted.search, sees_names=sees_names))
    return sessions


def matches(text: str, *, sees_names: bool) -> Q:
    """Match an alias; for those who may see names also a name, an address, an outside number."""
    found = Q(candidate__alias__icontains=text)
    if not sees_names:
        return found
    return (
        found
        | Q(candidate__name__icontains=text)
        | Q(candidate__email__icontains=text)
        | Q(candidate__external_id__iexact=text)
        | Q(external_id__iexact=text)
    )


def cut(
    sessions: QuerySet[Session], *, sort: str, after: UUID | None, rows: int
) -> tuple[list[Session], UUID | None]:
    """Return the sessions that come after `after`, and after which the next page begins."""
    order = SORTS[sort]
    placed = sessions.annotate(place=order.place)
    sign, beyond = ("-", "lt") if order.is_descending else ("", "gt")
    mark = placed.filter(pk=after).values_list("place", "pk").first() if after else None
    if mark is not None:
        further = {f"place__{beyond}": mark[0]}
        level = {"place": mark[0], f"pk__{beyond}": mark[1]}
        placed = placed.filter(Q(**further) | Q(**level))
    found: list[Session] = [*placed.order_by(f"{sign}place", f"{sign}pk")[: rows + 1]]
    shown = found[:rows]
    return shown, shown[-1].pk if len(found) > rows else None
