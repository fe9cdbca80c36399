"""What comes of a save in the editor: saved, wrong, or too late. Nothing typed is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from interviews.design_forms import Difference, EditForm
from interviews.services.edits import EditConflict
from ops.conflicts import StateConflict

OK, INVALID, CONFLICT = 200, 400, 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a save: the new edit number, or why it was refused and what differs."""

    status: int = OK
    edit_number: int = 0
    message: str = ""
    differences: tuple[Difference, ...] = ()
    lost: tuple[tuple[str, str], ...] = ()

    @property
    def is_saved(self) -> bool:
        return self.status == OK


def attempt(
    form: EditForm, save: Callable[[], int], current: Callable[[], dict[str, Any]]
) -> Outcome:
    """Save a form; a newer text that says the same is no conflict."""
    if not form.is_valid():
        return Outcome(
            status=INVALID,
            message=_("Not saved: look at what is marked here."),
            lost=tuple(form.typed()),
        )
    try:
        return Outcome(edit_number=save())
    except EditConflict as conflict:
        newest = current()
        differences = tuple(form.differences(newest))
        number = int(newest.get("edit_number", 0))
        if not differences:
            return Outcome(edit_number=number)
        return Outcome(
            status=CONFLICT,
            edit_number=number,
            message=conflict.message,
            differences=differences,
        )
    except StateConflict as conflict:
        return Outcome(status=CONFLICT, message=conflict.message, lost=tuple(form.typed()))


def wants_json(request: HttpRequest) -> bool:
    """Whether script asks, which keeps what was typed on its page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def as_json(
    request: HttpRequest, form: EditForm, outcome: Outcome, *, readiness: str = ""
) -> JsonResponse:
    """Return the new edit number or the notice of the refusal, and what publishing still needs."""
    context = {"form": form, "outcome": outcome}
    notice = render_to_string("interviews/_edit_outcome.html", context, request)
    body = {
        "edit_number": outcome.edit_number,
        "notice": "" if outcome.is_saved else notice,
        "readiness": readiness,
    }
    return JsonResponse(body, status=outcome.status)
