"""Read who has reviewed what; other ratings are hidden from a reviewer until hers are in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from ops.models import Membership
from ops.principals import Principal

# After these nobody can judge any more, so that there is nothing left to be kept independent of.
JUDGED = (Session.State.DECIDED, Session.State.ARCHIVED)
Marks = Mapping[tuple[UUID, UUID], Mark]  # (scorecard, rubric) -> mark


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
    for row in Assignment.objects.filter(session__in=ids).select_related("member"):
        assigned[row.session_id].add(row.member)
    return {id_: progress_of(assigned[id_], submitted[id_]) for id_ in ids}


def progress_of(reviewers: Iterable[Membership], submitted: set[int]) -> ReviewProgress:
    """Count a session's reviews by whom it is assigned to and which members have submitted."""
    assigned = {
        member.pk for member in reviewers if member.removed_at is None or member.pk in submitted
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
    rows = list(
        Scorecard.objects.filter(session=session)
        .select_related("member__user")
        .order_by("submitted_at", "created_at")
    )
    assignments = Assignment.objects.filter(session=session).select_related("member")
    reviewers = [row.member for row in assignments]
    reading = Reading(user_id=principal.user_id, scales=scales_of(session), marks=marks_of(session))
    cards = {row.pk: scorecard_data(row, reading) for row in rows}
    mine = [cards[row.pk] for row in rows if row.member.user_id == principal.user_id]
    is_assigned = any(member.user_id == principal.user_id for member in reviewers)
    is_part = is_assigned or bool(mine)
    has_submitted = any(card.is_submitted for card in mine)
    is_blind = is_part and not has_submitted and session.state not in JUDGED
    submitted = () if is_blind else tuple(card for card in cards.values() if card.is_submitted)
    replaced = {card.supersedes for card in submitted}
    in_force = tuple(card for card in submitted if card.id not in replaced)
    first_ones = {
        row.member_id for row in rows if row.state == row.State.SUBMITTED and not row.supersedes_id
    }
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
    rows = Scorecard.objects.filter(session=session, member__user=principal.user_id)
    cards = [scorecard_data(row, reading) for row in rows.select_related("member__user")]
    return newest(cards) or blank(session.pk, reading.scales)


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
    pinned = (
        QuestionCompetency.objects.filter(question__version=session.version_id)
        .select_related("rubric__competency", "question")
        .order_by("question__order", "rubric__competency__name")
    )
    rubrics, questions = {}, defaultdict(list)
    for row in pinned:
        rubrics[row.rubric_id] = row.rubric
        questions[row.rubric_id].append(row.question.order)
    anchors = defaultdict(list)
    for anchor in Anchor.objects.filter(rubric__in=rubrics).order_by("level"):
        anchors[anchor.rubric_id].append(AnchorData(level=anchor.level, text=anchor.text))
    return tuple(
        Scale(
            rubric_id=rubric_id,
            competency_id=rubric.competency_id,
            competency=rubric.competency.name,
            definition=rubric.meaning,
            anchors=tuple(anchors[rubric_id]),
            questions=tuple(questions[rubric_id]),
        )
        for rubric_id, rubric in rubrics.items()
    )


def marks_of(session: Session) -> Marks:
    """Return every mark that anybody made in this session."""
    rows = ScorecardRating.objects.filter(scorecard__session=session)
    return {
        (row.scorecard_id, row.rubric_id): Mark(
            level=row.level, is_insufficient=row.is_insufficient, note=row.note
        )
        for row in rows
    }


def scorecard_data(row: Scorecard, reading: Reading) -> ScorecardData:
    """Convert a row fetched with its member's user."""
    user = row.member.user
    return ScorecardData(
        id=row.pk,
        session_id=row.session_id,
        reviewer=user.name or user.email,
        is_mine=user.pk == reading.user_id,
        state=row.state,
        edit_number=row.edit_number,
        note=row.note,
        recommendation=row.recommendation,
        is_blind=row.is_blind,
        supersedes=row.supersedes_id,
        reason=row.reason,
        submitted_at=row.submitted_at,
        ratings=tuple(
            rating_data(scale, reading.marks.get((row.pk, scale.rubric_id), Mark()))
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
