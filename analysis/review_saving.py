"""What comes of a scorecard's save: saved, wrong, or too late. Nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis import reviewing
from analysis.review_forms import ScorecardForm
from analysis.review_page import (
    Difference,
    ScorecardFormView,
    differences,
    form_view,
    typed_draft,
)
from analysis.reviews import own_scorecard, session_review
from interviews.models import Session
from interviews.services.edits import EditConflict
from ops.conflicts import StateConflict
from ops.principals import Principal

OK, INVALID, CONFLICT = 200, 400, 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a save; the fields that another window wrote differently."""

    status: int
    edit_number: int
    message: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def is_saved(self) -> bool:
        return self.status == OK


def attempt(*, principal: Principal, session: Session, data: Mapping[str, str]) -> Outcome:
    """Save what was typed; a newer text that says the same is no conflict."""
    written = own_scorecard(principal, session)
    scales = session_review(principal, session).scales
    form = ScorecardForm(data, scales)
    if not form.is_valid():
        return Outcome(status=INVALID, edit_number=written.edit_number, message=form.message())
    draft = form.draft()
    try:
        number = reviewing.save_scorecard(
            principal=principal, session=session, edit_number=form.started_from, draft=draft
        )
    except EditConflict:
        newest = own_scorecard(principal, session)
        differing = differences(draft, newest.draft, scales)
        return Outcome(
            status=CONFLICT if differing else OK,
            edit_number=newest.edit_number,
            differences=differing,
        )
    except StateConflict as conflict:
        return Outcome(status=CONFLICT, edit_number=written.edit_number, message=conflict.message)
    return Outcome(status=OK, edit_number=number)


def refused_form(
    *, principal: Principal, session: Session, data: Mapping[str, str], outcome: Outcome
) -> ScorecardFormView:
    """Return the form with what was typed and why it was not saved."""
    review = session_review(principal, session)
    return form_view(
        typed_draft(data, review.scales),
        review,
        edit_number=outcome.edit_number,
        message=outcome.message,
        differences=outcome.differences,
    )
