"""What members see of their interviews: how many people stand where, newest activity first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from interviews.models import Assignment, Interview, InterviewQuestion, Invitation, Session
from ops.principals import Principal

State = Session.State
WAITING = (State.INVITED, State.CONSENTED)
AT_WORK = (State.SUBMITTED, State.PROCESSING)
FINISHED = (State.READY_FOR_REVIEW, State.DECIDED, State.ARCHIVED)
JUDGED = (State.DECIDED, State.ARCHIVED)
HANDED_IN = Q(submitted_at__isnull=False) | Q(state__in=(*AT_WORK, *FINISHED))

PAGE_CARDS = 24
Place = tuple[datetime, UUID]  # of an interview in the list
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What the list is narrowed to -> the state behind the word.
STATES = {
    "draft": Interview.State.DRAFT,
    "open": Interview.State.PUBLISHED,
    "closed": Interview.State.CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How many people came at least this far."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """From the link to the judgement; nobody counts further on who does not count before."""

    invited: int = 0
    opened: int = 0
    started: int = 0
    submitted: int = 0
    reviewed: int = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        names = ("invited", "opened", "started", "submitted", "reviewed")
        return tuple(Step(name=name, count=getattr(self, name)) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewCard:
    """An interview with how many people stand where, and what the asker has to review there."""

    key: str
    title: str
    external_id: str
    state: str
    question_count: int
    active_at: datetime
    funnel: Funnel
    to_review_count: int  # ready, and not judged by enough people
    assigned_count: int  # to the asker
    done_count: int

    @property
    def is_published(self) -> bool:
        return self.state == Interview.State.PUBLISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewFilter:
    """Which interviews are wanted; empty means any. `state` is a word of STATES."""

    search: str = ""
    state: str = ""
    external_id: str = ""  # the whole of it

    @property
    def is_narrow(self) -> bool:
        return bool(self.search or self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewPage:
    """A page of interviews; the next one begins after the place `older`."""

    cards: tuple[InterviewCard, ...]
    is_first: bool
    older: str


def interview_page(
    principal: Principal, wanted: InterviewFilter, *, after: str = ""
) -> InterviewPage:
    """Return a page of the principal's interviews, newest activity first, in five queries."""
    place = read_place(after)
    found = list(interviews_of(principal, wanted, after=place)[: PAGE_CARDS + 1])
    shown = found[:PAGE_CARDS]
    return InterviewPage(
        cards=interview_cards(principal, shown),
        is_first=place is None,
        older=place_of(shown[-1]) if len(found) > PAGE_CARDS else "",
    )


def interviews_of(
    principal: Principal, wanted: InterviewFilter, *, after: Place | None = None
) -> QuerySet[Interview]:
    """Return the interviews that are wanted, each with the moment something last happened."""
    visible = Interview.objects.visible_to(principal).order_by().values("pk")
    sessions = Session.objects.visible_to(principal)
    invitations = Invitation.objects.all()
    rows = Interview.objects.filter(pk__in=visible).annotate(
        active_at=Greatest(
            F("created_at"),
            newest(invitations, "interview", "created_at"),
            newest(sessions, "version__interview", "created_at"),
            newest(sessions, "version__interview", "submitted_at"),
        )
    )
    if wanted.search:
        rows = rows.filter(
            Q(title__icontains=wanted.search) | Q(external_id__icontains=wanted.search)
        )
    if wanted.external_id:
        rows = rows.filter(external_id=wanted.external_id)
    if wanted.state:
        rows = rows.filter(state=STATES[wanted.state])
    if after is not None:
        at, pk = after
        rows = rows.filter(Q(active_at__lt=at) | Q(active_at=at, pk__lt=pk))
    return rows.order_by("-active_at", "-pk")


def newest(rows: QuerySet[Any], path: str, moment: str) -> Coalesce:
    """Return the newest `moment` of an interview's rows; without one its own beginning."""
    of_interview = rows.filter(**{path: OuterRef("pk")}).order_by()
    found = of_interview.values(path).annotate(newest=Max(moment)).values("newest")
    return Coalesce(Subquery(found), F("created_at"))


def interview_cards(principal: Principal, interviews: list[Interview]) -> tuple[InterviewCard, ...]:
    """Return a card for each interview that `interviews_of` brought: four queries."""
    ids = [interview.pk for interview in interviews]
    questions = question_counts(ids)
    links = link_counts(ids)
    sessions = session_counts(principal, ids)
    reviews = review_counts(principal, ids)
    return tuple(
        InterviewCard(
            key=each.key,
            title=each.title,
            external_id=each.external_id,
            state=each.state,
            question_count=questions.get(each.pk, 0),
            active_at=active_at(each),
            funnel=funnel_of(links.get(each.pk, {}), sessions.get(each.pk, {})),
            to_review_count=sessions.get(each.pk, {}).get("to_review", 0),
            assigned_count=reviews.get(each.pk, {}).get("assigned", 0),
            done_count=reviews.get(each.pk, {}).get("done", 0),
        )
        for each in interviews
    )


Counts = dict[UUID, dict[str, int]]


def question_counts(ids: Iterable[UUID]) -> dict[UUID, int]:
    """Count the questions that candidates meet: of what was published last, or of the draft."""
    version = "version__interview", "version__published_at", "version__number"
    rows = (
        InterviewQuestion.objects.filter(version__interview__in=ids)
        .order_by()
        .values_list(*version)
        .annotate(count=Count("pk"))
    )
    in_order = sorted(rows, key=lambda row: (row[1] is not None, row[2]))
    return {interview_id: count for interview_id, _at, _number, count in in_order}


def link_counts(ids: Iterable[UUID]) -> Counts:
    """Count who got a link of her own, and who has opened it. A link revoked unused is no link."""
    links = Invitation.objects.filter(interview__in=ids, kind=Invitation.Kind.PERSONAL)
    used = Q(session__isnull=False)
    return by_interview(
        links.filter(used | Q(revoked_at=None)),
        "interview",
        invited=Count("pk"),
        opened=Count("pk", filter=used | Q(opened_at__isnull=False)),
    )


def session_counts(principal: Principal, ids: Iterable[UUID]) -> Counts:
    """Count how far the sessions went that the principal may see."""
    is_reviewed = Q(reviewed_at__isnull=False) | Q(state__in=JUDGED)
    return by_interview(
        Session.objects.visible_to(principal).filter(version__interview__in=ids),
        "version__interview",
        without_link=Count("pk", filter=Q(invitation=None)),
        started=Count("pk", filter=HANDED_IN | Q(state=State.IN_PROGRESS)),
        submitted=Count("pk", filter=HANDED_IN),
        reviewed=Count("pk", filter=is_reviewed),
        to_review=Count("pk", filter=Q(state=State.READY_FOR_REVIEW, reviewed_at=None)),
    )


def review_counts(principal: Principal, ids: Iterable[UUID]) -> Counts:
    """Count what is assigned to the principal herself, and what of it she has done."""
    return by_interview(
        Assignment.objects.filter(
            member__user=principal.user_id, session__version__interview__in=ids
        ),
        "session__version__interview",
        assigned=Count("pk"),
        done=Count("pk", filter=Q(reviewed_at__isnull=False)),
    )


def by_interview(rows: QuerySet[Any], path: str, **counts: Count) -> Counts:
    """Return the counts by interview, in one query."""
    return {row.pop(path): row for row in rows.order_by().values(path).annotate(**counts)}


def funnel_of(links: dict[str, int], sessions: dict[str, int]) -> Funnel:
    """Put the counts together; a session whose link is gone was invited and has opened it."""
    without_link = sessions.get("without_link", 0)
    return Funnel(
        invited=links.get("invited", 0) + without_link,
        opened=links.get("opened", 0) + without_link,
        started=sessions.get("started", 0),
        submitted=sessions.get("submitted", 0),
        reviewed=sessions.get("reviewed", 0),
    )


def active_at(interview: Model) -> datetime:
    """Return what `interviews_of` noted beside the row."""
    at: datetime = getattr(interview, "active_at")  # noqa: B009 - an annotation, unknown to the type
    return at


def place_of(interview: Interview) -> str:
    """Return an interview's place in the list, as the link to the next page carries it."""
    microseconds = (active_at(interview) - EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}_{interview.pk.hex}"


def read_place(text: str) -> Place | None:
    """Return the place that `place_of` wrote; None for what is no place."""
    moment, _, pk = text.partition("_")
    try:
        return EPOCH + timedelta(microseconds=int(moment)), UUID(hex=pk)
    except (ValueError, OverflowError):
        return None
