"""Who has reviewed what, and from whom other ratings are hidden until she has."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from analysis.models import Scorecard
from interviews.models import Assignment, Session
from ops.principals import Principal

# After these nobody can judge any more, so that there is nothing left to be kept independent of.
JUDGED = (Session.State.DECIDED, Session.State.ARCHIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProgress:
    """How many of a session's reviews are in."""

    assigned: int = 0
    submitted: int = 0  # by members to whom it is assigned
    unassigned: int = 0  # submitted by others

    @property
    def is_complete(self) -> bool:
        return 0 < self.assigned <= self.submitted


def review_progress(session_ids: Iterable[UUID]) -> dict[UUID, ReviewProgress]:
    """Return for each session how many scorecards are submitted, and of how many: two queries.

    Somebody who was removed counts only if she had submitted; a scorecard judged again counts once.
    """
    ids = list(session_ids)
    submitted = defaultdict(set)
    for session_id, member_id in Scorecard.objects.filter(
        session__in=ids, supersedes=None, state=Scorecard.State.SUBMITTED
    ).values_list("session_id", "member_id"):
        submitted[session_id].add(member_id)
    assigned = defaultdict(set)
    for session_id, member_id, removed_at in Assignment.objects.filter(session__in=ids).values_list(
        "session_id", "member_id", "member__removed_at"
    ):
        if removed_at is None or member_id in submitted[session_id]:
            assigned[session_id].add(member_id)
    return {
        session_id: ReviewProgress(
            assigned=len(assigned[session_id]),
            submitted=len(assigned[session_id] & submitted[session_id]),
            unassigned=len(submitted[session_id] - assigned[session_id]),
        )
        for session_id in ids
    }


def blind_sessions(principal: Principal, session_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return the sessions whose ratings, the machine's and others', are hidden from the principal.

    They are hidden from a member to whom the session is assigned, or who has begun a scorecard,
    until hers is submitted. Two queries.
    """
    open_ones = Session.objects.filter(pk__in=list(session_ids)).exclude(state__in=JUDGED)
    hers = Scorecard.objects.filter(
        session__in=open_ones, member__user_id=principal.user_id, supersedes=None
    )
    states = dict(hers.values_list("session_id", "state"))
    assigned = Assignment.objects.filter(session__in=open_ones, member__user_id=principal.user_id)
    concerned = {*states, *assigned.values_list("session_id", flat=True)}
    return frozenset(
        session_id
        for session_id in concerned
        if states.get(session_id) != Scorecard.State.SUBMITTED
    )
