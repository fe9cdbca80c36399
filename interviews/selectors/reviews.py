"""What a member has to review: hers alone, whoever else reviews the same."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from interviews.models import Assignment, Session
from interviews.selectors.members import AT_WORK, JUDGED, WAITING
from ops.principals import Principal

PAGE_ROWS = 50
READY = Session.State.READY_FOR_REVIEW
OPEN = Q(reviewed_at=None)
# What a list shows -> which assignments. What was judged without her is nothing to do any more.
SHOWN = {
    "to_do": OPEN & Q(session__state=READY),
    "waiting": OPEN & Q(session__state__in=(*WAITING, Session.State.IN_PROGRESS, *AT_WORK)),
    "done": Q(reviewed_at__isnull=False) | Q(session__state__in=JUDGED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """A session that is assigned to the asker."""

    session_id: UUID
    interview_key: str
    interview_title: str
    candidate_alias: str
    state: str
    assigned_at: datetime
    reviewed_at: datetime | None

    @property
    def is_answering(self) -> bool:
        return self.state not in AT_WORK


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """A page of one of the lists, with how many rows each of them has."""

    shown: str
    rows: tuple[ReviewRow, ...]
    to_do_count: int
    waiting_count: int
    done_count: int
    is_first: bool
    next_after: UUID | None

    @property
    def is_empty(self) -> bool:
        return not (self.to_do_count or self.waiting_count or self.done_count)


def my_reviews(
    principal: Principal, *, shown: str = "to_do", after: UUID | None = None, rows: int = PAGE_ROWS
) -> ReviewPage:
    """Return what the principal has to review, what waited longest first, in at most three queries.

    What is done comes newest first.
    """
    own = Assignment.objects.filter(
        member__user=principal.user_id,
        member__removed_at=None,
        session__organization=principal.organization_id,
    )
    counts = own.aggregate(**{name: Count("pk", filter=of) for name, of in SHOWN.items()})
    wanted = own.filter(SHOWN[shown])
    is_backward = shown == "done"
    mark = after and own.filter(public_id=after).values_list("pk", flat=True).first()
    if mark:
        wanted = wanted.filter(**{"pk__lt" if is_backward else "pk__gt": mark})
    page = list(
        wanted.select_related("session__candidate", "session__version__interview").order_by(
            "-pk" if is_backward else "pk"
        )[: rows + 1]
    )
    return ReviewPage(
        shown=shown,
        rows=tuple(_row(each) for each in page[:rows]),
        to_do_count=counts["to_do"],
        waiting_count=counts["waiting"],
        done_count=counts["done"],
        is_first=not mark,
        next_after=page[rows - 1].public_id if len(page) > rows else None,
    )


def _row(each: Assignment) -> ReviewRow:
    session = each.session
    return ReviewRow(
        session_id=session.pk,
        interview_key=session.version.interview.key,
        interview_title=session.version.interview.title,
        candidate_alias=session.candidate.alias,
        state=session.state,
        assigned_at=each.created_at,
        reviewed_at=each.reviewed_at,
    )
