"""What members see of their interviews."""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from interviews.models import Interview, Session
from ops.principals import Principal

State = Session.State
WAITING = (State.INVITED, State.CONSENTED)
AT_WORK = (State.SUBMITTED, State.PROCESSING)
FINISHED = (State.READY_FOR_REVIEW, State.DECIDED, State.ARCHIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewCard:
    """An interview with how many people stand where."""

    key: str
    title: str
    state: str
    question_count: int
    invited_count: int
    in_progress_count: int
    processing_count: int
    ready_count: int

    @property
    def is_published(self) -> bool:
        return self.state == Interview.State.PUBLISHED


def interview_cards(principal: Principal) -> list[InterviewCard]:
    """Return the principal's interviews, newest first, in one query."""
    session = "versions__sessions"

    def sessions(states: tuple[str, ...]) -> Count:
        return Count(session, distinct=True, filter=Q(**{f"{session}__state__in": states}))

    rows = (
        Interview.objects.filter(pk__in=Interview.objects.visible_to(principal).values("pk"))
        .annotate(
            question_count=Count(
                "versions__questions",
                distinct=True,
                filter=Q(versions__state=F("state")),
            ),
            link_count=Count("invitations", distinct=True, filter=Q(invitations__session=None)),
            waiting_count=sessions(WAITING),
            in_progress_count=sessions((State.IN_PROGRESS,)),
            processing_count=sessions(AT_WORK),
            ready_count=sessions(FINISHED),
        )
        .order_by("-created_at", "pk")
        .values(
            "key",
            "title",
            "state",
            "question_count",
            "link_count",
            "waiting_count",
            "in_progress_count",
            "processing_count",
            "ready_count",
        )
    )
    return [
        InterviewCard(
            key=row["key"],
            title=row["title"],
            state=row["state"],
            question_count=row["question_count"],
            invited_count=row["link_count"] + row["waiting_count"],
            in_progress_count=row["in_progress_count"],
            processing_count=row["processing_count"],
            ready_count=row["ready_count"],
        )
        for row in rows
    ]
