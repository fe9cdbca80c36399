"""The editor: each part is a form that saves itself, with script or with its own button."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interviews.design_forms import (
    EditForm,
    NewInterviewForm,
    QuestionForm,
    SettingsForm,
)
from interviews.models import Interview
from interviews.permissions import access_design, access_designing
from interviews.saving import INVALID, Outcome, as_json, attempt, wants_json
from interviews.selectors.design import (
    CompetencyDesign,
    InterviewDesign,
    competency_designs,
    interview_design,
)
from interviews.services import arranging, designing, publishing, shelf
from ops.authentication import principal_of
from ops.conflicts import StateConflict

Page = Callable[..., HttpResponse]


def designer_page(page: Page) -> Page:
    """Give the page the interview of its key, for somebody who may change it."""

    @never_cache
    @login_required
    @wraps(page)
    def with_interview(request: HttpRequest, key: str, **kwargs: Any) -> HttpResponse:
        return page(request, access_design(principal_of(request), key), **kwargs)

    return with_interview


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def interview_create(request: HttpRequest) -> HttpResponse:
    """Give a new interview its title; everything else has a default."""
    organization_id = access_designing(principal_of(request))
    form = NewInterviewForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        settings = designing.InterviewSettings(title=form.cleaned_data["title"])
        interview = designing.create_interview(
            organization_id=organization_id, settings=settings, actor=principal_of(request).key
        )
        return redirect("interview_edit", key=interview.key)
    status = INVALID if form.errors else 200
    return render(request, "interviews/edit_new.html", {"form": form}, status=status)


@require_GET
@designer_page
def interview_edit(request: HttpRequest, interview: Interview) -> HttpResponse:
    """The draft, or what was published with a way to start the next version."""
    return editor(request, interview)


@require_GET
@designer_page
def interview_preview(request: HttpRequest, interview: Interview) -> HttpResponse:
    """What candidates will read, question by question; nothing can be answered here."""
    design = interview_design(interview)
    context = {"design": design, "organization_name": design.organization_name}
    return render(request, "interviews/edit_preview.html", context)


@require_POST
@designer_page
def edit_settings(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Save title, introduction, language and software's part."""
    design = interview_design(interview)
    form = SettingsForm(request.POST, current=design, auto_id="settings-%s")
    outcome = attempt(
        form,
        lambda: designing.save_settings(
            interview=interview, settings=form.design(), edit_number=form.expected
        ),
        lambda: SettingsForm.values_of(interview_design(interview)),
    )
    return answer(request, interview, form, outcome, place="settings")


@require_POST
@designer_page
def edit_question(request: HttpRequest, interview: Interview, question_id: UUID) -> HttpResponse:
    """Save a question, then do what its button says: move, duplicate, remove."""
    form = question_form(request, interview, question_id)
    outcome = attempt(
        form,
        lambda: designing.save_question(
            interview=interview,
            question_id=question_id,
            design=form.design(),
            edit_number=form.expected,
        ),
        lambda: question_values(interview, question_id),
    )
    step = QUESTION_STEPS.get(request.POST.get("then", ""))
    if step is None or not (outcome.is_saved or (step is remove and outcome.status == INVALID)):
        return answer(request, interview, form, outcome, place=f"question-{question_id}")
    return after_step(request, interview, lambda: step(interview, question_id))


@require_POST
@designer_page
def question_restore(request: HttpRequest, interview: Interview, question_id: UUID) -> HttpResponse:
    """Bring a removed question back."""
    return after_step(request, interview, lambda: restore(interview, question_id))


@require_POST
@designer_page
def interview_step(request: HttpRequest, interview: Interview, step: str) -> HttpResponse:
    """Add a question, start or discard a draft, publish, close, reopen."""
    act = INTERVIEW_STEPS.get(step)
    if act is None:
        raise Http404
    return after_step(request, interview, lambda: act(interview, principal_of(request).key))


@require_POST
@designer_page
def interview_duplicate(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Make another draft that asks the same, and go there."""
    copy = shelf.duplicate_interview(interview=interview, actor=principal_of(request).key)
    messages.success(request, _("This is the copy. Nobody is invited to it yet."))
    return redirect("interview_edit", key=copy.key)


@require_POST
@designer_page
def interview_remove(request: HttpRequest, interview: Interview) -> HttpResponse:
    """Delete a draft that was never published."""
    try:
        shelf.remove_interview(interview=interview, actor=principal_of(request).key)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return redirect("interview_edit", key=interview.key)
    messages.success(request, _("The draft “%(title)s” is deleted.") % {"title": interview.title})
    return redirect("home")


def answer(
    request: HttpRequest, interview: Interview, form: EditForm, outcome: Outcome, *, place: str
) -> HttpResponse:
    """Answer a save: to script with what changed, to a browser with the page."""
    if wants_json(request):
        context = {"design": interview_design(interview)}
        readiness = render_to_string("interviews/_edit_readiness.html", context, request)
        return as_json(request, form, outcome, readiness=readiness)
    if outcome.is_saved:
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('interview_edit', kwargs={'key': interview.key})}#{place}")
    return editor(request, interview, form=form, outcome=outcome, place=place)


def editor(
    request: HttpRequest,
    interview: Interview,
    *,
    form: EditForm | None = None,
    outcome: Outcome | None = None,
    place: str = "",
) -> HttpResponse:
    """Render the whole editor; a form that was refused keeps what was typed."""
    design = interview_design(interview)
    forms = forms_of(design, competency_designs(principal_of(request)))
    is_open = design.is_draft and place in forms
    if form is not None and place in forms:
        forms[place] = form
    context = {
        "design": design,
        "settings_form": forms["settings"],
        "questions": [(each, forms[f"question-{each.id}"]) for each in design.questions],
        "outcome": outcome,
        "place": place,
        "theirs_url": f"{reverse('interview_edit', kwargs={'key': design.key})}#{place}",
        "is_lost": outcome is not None and not (place == "settings" or is_open),
    }
    status = outcome.status if outcome else 200
    return render(request, "interviews/edit.html", context, status=status)


def forms_of(
    design: InterviewDesign, competencies: Sequence[CompetencyDesign]
) -> dict[str, EditForm]:
    """Return the form of each place on the page."""
    settings: EditForm = SettingsForm(current=design, auto_id="settings-%s")
    questions = {
        f"question-{each.id}": QuestionForm(
            current=each, competencies=competencies, auto_id=f"q{each.order}-%s"
        )
        for each in design.questions
    }
    return {"settings": settings, **questions}


def question_form(request: HttpRequest, interview: Interview, question_id: UUID) -> QuestionForm:
    """Return the form of what was sent, beside the question as it is now, if it still is."""
    current = interview_design(interview).question(question_id)
    competencies = competency_designs(principal_of(request))
    auto_id = f"q{current.order if current else 0}-%s"
    return QuestionForm(request.POST, current=current, competencies=competencies, auto_id=auto_id)


def question_values(interview: Interview, question_id: UUID) -> dict[str, Any]:
    current = interview_design(interview).question(question_id)
    return QuestionForm.values_of(current) if current else {}


def after_step(
    request: HttpRequest, interview: Interview, step: Callable[[], tuple[str, str]]
) -> HttpResponse:
    """Take a step, tell what came of it, and go back to the place it leaves one at."""
    place = ""
    try:
        told, place = step()
    except StateConflict as conflict:
        messages.error(request, conflict.message)
    else:
        messages.success(request, told)
    return redirect(reverse("interview_edit", kwargs={"key": interview.key}) + place)


def at(question_id: UUID) -> str:
    return f"#question-{question_id}"


def move(interview: Interview, question_id: UUID, step: int) -> tuple[str, str]:
    arranging.move_question(interview=interview, question_id=question_id, step=step)
    return _("The question was moved."), at(question_id)


def duplicate(interview: Interview, question_id: UUID) -> tuple[str, str]:
    copy = designing.duplicate_question(interview=interview, question_id=question_id)
    return _("The question was duplicated."), at(copy.pk)


def remove(interview: Interview, question_id: UUID) -> tuple[str, str]:
    designing.remove_question(interview=interview, question_id=question_id)
    return _("The question was removed. You can bring it back."), "#removed"


def restore(interview: Interview, question_id: UUID) -> tuple[str, str]:
    designing.restore_question(interview=interview, question_id=question_id)
    return _("The question is back."), at(question_id)


def add(interview: Interview, _actor: str) -> tuple[str, str]:
    question = designing.add_question(interview=interview, design=designing.QuestionDesign())
    return _("A question was added."), at(question.pk)


def begin(interview: Interview, _actor: str) -> tuple[str, str]:
    designing.begin_draft(interview=interview)
    return _("You are editing the next version. Candidates see it once you publish it."), ""


def discard(interview: Interview, _actor: str) -> tuple[str, str]:
    designing.discard_draft(interview=interview)
    return _("The draft was discarded. What was published stays as it was."), ""


def publish(interview: Interview, actor: str) -> tuple[str, str]:
    publishing.publish_interview(interview=interview, now=timezone.now(), actor=actor)
    return _("Published. You can invite candidates now."), ""


def close(interview: Interview, actor: str) -> tuple[str, str]:
    publishing.close_interview(interview=interview, actor=actor)
    return _("Closed. Nobody else can start; whoever has started can finish."), ""


def reopen(interview: Interview, actor: str) -> tuple[str, str]:
    publishing.reopen_interview(interview=interview, actor=actor)
    return _("Open again."), ""


QuestionStep = Callable[[Interview, UUID], tuple[str, str]]
QUESTION_STEPS: dict[str, QuestionStep] = {
    "up": lambda interview, question_id: move(interview, question_id, -1),
    "down": lambda interview, question_id: move(interview, question_id, 1),
    "duplicate": duplicate,
    "remove": remove,
}
INTERVIEW_STEPS: dict[str, Callable[[Interview, str], tuple[str, str]]] = {
    "add": add,
    "begin": begin,
    "discard": discard,
    "publish": publish,
    "close": close,
    "reopen": reopen,
}
