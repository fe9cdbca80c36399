"""Write scorecards: drafts that save themselves, frozen when submitted, amended for a reason."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404

from analysis.models import AnalysisRun, Scorecard, ScorecardRating
from analysis.reviews import own_scorecard, review_progress, scales_of
from analysis.scorecards import Draft, Mark, ScorecardData
from analysis.states import REVIEWABLE
from interviews.models import Assignment, Session
from interviews.services import mark_reviewed, note_review
from interviews.services.edits import EditConflict
from ops import audit
from ops.conflicts import StateConflict
from ops.models import Membership
from ops.principals import Principal


@transaction.atomic
def begin_scorecard(*, principal: Principal, session: Session) -> Scorecard:
    """Return the principal's newest scorecard of the session, a new draft if she has none.

    Raises: StateConflict
    """
    refuse_unreviewable(session)
    member = Membership.objects.get(user=principal.user_id, removed_at=None)
    Scorecard.objects.get_or_create(
        session=session,
        member=member,
        supersedes=None,
        defaults={"is_blind": sees_nothing(principal, session)},
    )
    return chain_of(principal, session).get(superseded_by=None)


@transaction.atomic
def save_scorecard(
    *, principal: Principal, session: Session, edit_number: int, draft: Draft
) -> int:
    """Write all of a draft over the edit it started from; return the new edit's number.

    What the draft does not name is not rated.

    Raises:
        Http404: a rubric is not of this session.
        EditConflict: it was saved elsewhere meanwhile.
        StateConflict: it is submitted, or the session can't be judged.
    """
    card = begin_scorecard(principal=principal, session=session)
    rubrics = [scale.rubric_id for scale in scales_of(session)]
    if not draft.marks.keys() <= set(rubrics):
        raise Http404
    refuse_frozen(card)
    unchanged = Scorecard.objects.filter(
        pk=card.pk, edit_number=edit_number, state=Scorecard.State.DRAFT
    )
    if not unchanged.update(
        edit_number=F("edit_number") + 1, note=draft.note, recommendation=draft.recommendation
    ):
        raise EditConflict
    marks = {rubric_id: draft.marks.get(rubric_id, Mark()) for rubric_id in rubrics}
    ScorecardRating.objects.bulk_create(
        [
            ScorecardRating(
                scorecard=card,
                rubric_id=rubric_id,
                level=mark.level,
                is_insufficient=mark.is_insufficient,
                note=mark.note,
            )
            for rubric_id, mark in marks.items()
        ],
        update_conflicts=True,
        unique_fields=["scorecard", "rubric"],
        update_fields=["level", "is_insufficient", "note"],
    )
    return edit_number + 1


@transaction.atomic
def submit_scorecard(
    *,
    principal: Principal,
    session: Session,
    edit_number: int,
    accepts_missing: bool,
    now: datetime,
) -> Scorecard:
    """Freeze the principal's draft as it stood at that edit.

    Raises:
        EditConflict: it was saved elsewhere meanwhile.
        StateConflict: nothing is rated, something is not and that was not accepted, it is submitted
            already, or the session can't be judged.
    """
    card = begin_scorecard(principal=principal, session=session)
    refuse_frozen(card)
    refuse_missing(own_scorecard(principal, session), accepts_missing=accepts_missing)
    unchanged = Scorecard.objects.filter(
        pk=card.pk, edit_number=edit_number, state=Scorecard.State.DRAFT
    )
    if not unchanged.update(state=Scorecard.State.SUBMITTED, submitted_at=now):
        raise EditConflict
    card.refresh_from_db()
    action = "scorecard.amended" if card.supersedes_id else "scorecard.submitted"
    note(card, principal, action=action)
    note_review(session_id=session.pk, user_id=card.member.user_id, now=now)
    progress = review_progress([session.pk])[session.pk]
    if progress.is_complete or not progress.assigned:
        mark_reviewed(session_id=session.pk, now=now)
    return card


@transaction.atomic
def amend_scorecard(*, principal: Principal, session: Session, reason: str) -> Scorecard:
    """Open a copy of the principal's submitted scorecard; that one counts until this is submitted.

    Asked again while the copy is open, return it.

    Raises: StateConflict
    """
    refuse_unreviewable(session)
    if not reason.strip():
        raise StateConflict("reason_missing", "Say why you judge again.")
    submitted = chain_of(principal, session).filter(state=Scorecard.State.SUBMITTED)
    former = submitted.order_by("submitted_at").last()
    if former is None:
        raise StateConflict("scorecard_not_submitted", "There is no submitted scorecard to amend.")
    card, is_new = Scorecard.objects.get_or_create(
        supersedes=former,
        defaults={
            "session": session,
            "member_id": former.member_id,
            "reason": reason.strip(),
            "edit_number": former.edit_number + 1,
            "note": former.note,
            "recommendation": former.recommendation,
            "is_blind": False,  # others' ratings were open to her
        },
    )
    if is_new:
        ScorecardRating.objects.bulk_create(
            ScorecardRating(
                scorecard=card,
                rubric_id=row.rubric_id,
                level=row.level,
                is_insufficient=row.is_insufficient,
                note=row.note,
            )
            for row in former.ratings.all()
        )
        note(card, principal, action="scorecard.reopened")
    return card


@transaction.atomic
def discard_scorecard(*, principal: Principal, session: Session) -> None:
    """Throw the principal's draft away; what she has submitted before counts on.

    Raises: StateConflict when there is none
    """
    card = chain_of(principal, session).filter(state=Scorecard.State.DRAFT).first()
    if card is None:
        raise StateConflict("no_draft", "There is no draft to discard.")
    note(card, principal, action="scorecard.discarded")
    card.delete()


def chain_of(principal: Principal, session: Session) -> QuerySet[Scorecard]:
    """Return the principal's scorecards of the session, each but the first superseding another."""
    return Scorecard.objects.filter(session=session, member__user=principal.user_id).select_related(
        "session", "member"
    )


def sees_nothing(principal: Principal, session: Session) -> bool:
    """Whether no other rating of the session is open to the principal as she begins."""
    if Assignment.objects.filter(session=session, member__user=principal.user_id).exists():
        return True
    others = Scorecard.objects.filter(session=session, state=Scorecard.State.SUBMITTED)
    machines = AnalysisRun.objects.filter(session=session, is_current=True, ratings__isnull=False)
    return not (others.exists() or machines.exists())


def refuse_unreviewable(session: Session) -> None:
    """Raises: StateConflict while the session takes answers, and once it is decided."""
    if session.state not in REVIEWABLE:
        raise StateConflict(
            "session_not_reviewable",
            "A session can be judged from its submission until its decision.",
        )


def refuse_missing(written: ScorecardData, *, accepts_missing: bool) -> None:
    """Raises: StateConflict when too little is rated."""
    if written.is_empty:
        raise StateConflict("scorecard_empty", "Rate at least one competency first.")
    if written.missing and not accepts_missing:
        names = ", ".join(written.missing)
        raise StateConflict("scorecard_incomplete", f"Not rated yet: {names}.")


def refuse_frozen(card: Scorecard) -> None:
    """Raises: StateConflict for what was submitted."""
    if card.state != Scorecard.State.DRAFT:
        raise StateConflict(
            "scorecard_submitted", "This scorecard is submitted. Amend it if you must, and say why."
        )


def note(card: Scorecard, principal: Principal, *, action: str) -> None:
    """Write down who did what to a scorecard, never what it says."""
    detail = {"session": str(card.session_id)}
    if card.supersedes_id:
        detail["supersedes"] = str(card.supersedes_id)
    audit.record(
        organization_id=card.session.organization_id,
        actor=principal.key,
        action=action,
        subject_kind="scorecard",
        subject_id=str(card.pk),
        detail=detail,
    )
