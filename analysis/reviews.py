"""Read who has reviewed what; other ratings are hidden from a reviewer until hers are in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from analysis.models import Scorecard, ScorecardRating
from analysis.scorecards import (
    AnchorData,
    Mark,
    Review,
    ReviewProgress,
    Scale,
    ScorecardData,
    ScorecardRatingData,
    panel,
)
from analysis.states import REVIEWABLE
from interviews.models import Anchor, Assignment, QuestionCompetency, Session
from ops.prepared import PreparedRead
from ops.principals import Principal

# After these nobody can judge any more, so that there is nothing left to be kept independent of.
JUDGED = (Session.State.DECIDED, Session.State.ARCHIVED)
Marks = Mapping[tuple[UUID, UUID], Mark]  # (scorecard, rubric) -> mark


class Reviewer(NamedTuple):
    """A member to whom a session is assigned."""

    member_id: int
    user_id: int
    removed_at: datetime | None


class Card(NamedTuple):
    """A row of a scorecard and whose it is."""

    id: UUID
    session_id: UUID
    member_id: int
    user_id: int
    name: str
    email: str
    state: str
    edit_number: int
    note: str
    recommendation: str
    is_blind: bool
    supersedes: UUID | None
    reason: str
    submitted_at: datetime | None


REVIEWER = ("member_id", "member__user_id", "member__removed_at")
OF_USER = {"user_id": "member__user_id", "name": "member__user__name"} | {
    "email": "member__user__email"
}
PINS = QuestionCompetency.objects.order_by("question__order", "rubric__competency__name")
REVIEWERS = PreparedRead(
    lambda session_id: Assignment.objects.filter(session=session_id).values_list(*REVIEWER)
)
CARDS = PreparedRead(
    lambda session_id: (
        Scorecard.objects.filter(session=session_id)
        .order_by("submitted_at", "created_at")
        .values_list(*(OF_USER.get(name, name) for name in Card._fields))
    )
)
MARKS = PreparedRead(
    lambda session_id: ScorecardRating.objects.filter(scorecard__session=session_id).values_list(
        "scorecard_id", "rubric_id", "level", "is_insufficient", "note"
    )
)
PINNED = PreparedRead(
    lambda session_id: PINS.filter(question__version__sessions=session_id).values_list(
        "rubric_id",
        "question__order",
        "rubric__definition",
        "rubric__competency_id",
        "rubric__competency__name",
        "rubric__competency__definition",
    )
)
ANCHORS = PreparedRead(
    lambda session_id: (
        Anchor.objects.filter(
            rubric__in=PINS.filter(question__version__sessions=session_id).values("rubric_id")
        )
        .order_by("level")
        .values_list("rubric_id", "level", "text")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Whose eyes a session's scorecards are read with."""

    user_id: int | None
    scales: tuple[Scale, ...]
    marks: Marks


def review_progress(session_ids: Iterable[UUID]) -> dict[UUID, ReviewProgress]:
    """Return for each session how many scorecards are submitted, and of how many: two queries.

    Somebody who was removed counts only if she had submitted; a scorecard judged again counts once.
    """
    ids = list(session_ids)
    submitted, assigned = defaultdict(set), defaultdict(set)
    cards = Scorecard.objects.filter(
        session__in=ids, supersedes=None, state=Scorecard.State.SUBMITTED
    )
    for session_id, member_id in cards.values_list("session_id", "member_id"):
        submitted[session_id].add(member_id)
    rows = Assignment.objects.filter(session__in=ids).values_list("session_id", *REVIEWER)
    for session_id, *reviewer in rows:
        assigned[session_id].add(Reviewer(*reviewer))
    return {id_: progress_of(assigned[id_], submitted[id_]) for id_ in ids}


def progress_of(reviewers: Iterable[Reviewer], submitted: set[int]) -> ReviewProgress:
    """Count a session's reviews by whom it is assigned to and which members have submitted."""
    assigned = {
        each.member_id
        for each in reviewers
        if each.removed_at is None or each.member_id in submitted
    }
    return ReviewProgress(
        assigned=len(assigned),
        submitted=len(assigned & submitted),
        unassigned=len(submitted - assigned),
    )


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


def session_review(principal: Principal, session: Session) -> Review:
    """Return the scorecards of a session that the principal may see: five queries."""
    rows = [Card(*row) for row in CARDS.rows(session.pk)]
    reviewers = [Reviewer(*row) for row in REVIEWERS.rows(session.pk)]
    reading = Reading(user_id=principal.user_id, scales=scales_of(session), marks=marks_of(session))
    cards = {row.id: scorecard_data(row, reading) for row in rows}
    mine = [card for card in cards.values() if card.is_mine]
    is_assigned = any(each.user_id == principal.user_id for each in reviewers)
    is_part = is_assigned or bool(mine)
    has_submitted = any(card.is_submitted for card in mine)
    is_blind = is_part and not has_submitted and session.state not in JUDGED
    submitted = () if is_blind else tuple(card for card in cards.values() if card.is_submitted)
    replaced = {card.supersedes for card in submitted}
    in_force = tuple(card for card in submitted if card.id not in replaced)
    first_ones = {row.member_id for row in rows if row.submitted_at and not row.supersedes}
    return Review(
        is_blind=is_blind,
        is_assigned=is_assigned,
        can_write=session.state in REVIEWABLE,
        progress=progress_of(reviewers, first_ones),
        scales=reading.scales,
        mine=newest(mine),
        scorecards=in_force,
        superseded=tuple(card for card in submitted if card.id in replaced),
        competencies=panel(reading.scales, in_force),
    )


def own_scorecard(principal: Principal, session: Session) -> ScorecardData:
    """Return the principal's newest scorecard of the session; a blank one before she began."""
    reading = Reading(user_id=principal.user_id, scales=scales_of(session), marks=marks_of(session))
    cards = [scorecard_data(Card(*row), reading) for row in CARDS.rows(session.pk)]
    return newest(card for card in cards if card.is_mine) or blank(session.pk, reading.scales)


def newest(chain: Iterable[ScorecardData]) -> ScorecardData | None:
    """Return the card of one member's chain that no other supersedes."""
    cards = list(chain)
    replaced = {card.supersedes for card in cards}
    return next((card for card in cards if card.id not in replaced), None)


def blank(session_id: UUID, scales: tuple[Scale, ...]) -> ScorecardData:
    """Return a scorecard on which nothing is written."""
    return ScorecardData(
        id=None,
        session_id=session_id,
        reviewer="",
        is_mine=True,
        state=Scorecard.State.DRAFT,
        edit_number=0,
        note="",
        recommendation="",
        is_blind=True,
        supersedes=None,
        reason="",
        submitted_at=None,
        ratings=tuple(rating_data(scale, Mark()) for scale in scales),
    )


def scales_of(session: Session) -> tuple[Scale, ...]:
    """Return what the session's version looks for, in the order in which it asks: two queries."""
    anchors, questions = defaultdict(list), defaultdict(list)
    rubrics = {}
    for rubric_id, order, *about in PINNED.rows(session.pk):
        rubrics[rubric_id] = about
        questions[rubric_id].append(order)
    for rubric_id, level, text in ANCHORS.rows(session.pk):
        anchors[rubric_id].append(AnchorData(level=level, text=text))
    return tuple(
        Scale(
            rubric_id=rubric_id,
            competency_id=competency_id,
            competency=name,
            definition=published or present,
            anchors=tuple(anchors[rubric_id]),
            questions=tuple(questions[rubric_id]),
        )
        for rubric_id, (published, competency_id, name, present) in rubrics.items()
    )


def marks_of(session: Session) -> Marks:
    """Return every mark that anybody made in this session."""
    return {
        (scorecard_id, rubric_id): Mark(level=level, is_insufficient=is_insufficient, note=note)
        for scorecard_id, rubric_id, level, is_insufficient, note in MARKS.rows(session.pk)
    }


def scorecard_data(row: Card, reading: Reading) -> ScorecardData:
    return ScorecardData(
        id=row.id,
        session_id=row.session_id,
        reviewer=row.name or row.email,
        is_mine=row.user_id == reading.user_id,
        state=row.state,
        edit_number=row.edit_number,
        note=row.note,
        recommendation=row.recommendation,
        is_blind=row.is_blind,
        supersedes=row.supersedes,
        reason=row.reason,
        submitted_at=row.submitted_at,
        ratings=tuple(
            rating_data(scale, reading.marks.get((row.id, scale.rubric_id), Mark()))
            for scale in reading.scales
        ),
    )


def rating_data(scale: Scale, mark: Mark) -> ScorecardRatingData:
    return ScorecardRatingData(
        rubric_id=scale.rubric_id,
        competency_id=scale.competency_id,
        competency=scale.competency,
        level=mark.level,
        is_insufficient=mark.is_insufficient,
        note=mark.note,
    )
