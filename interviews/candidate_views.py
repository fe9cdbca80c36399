"""The candidate's pages: from her link to the page that says it is done."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from interviews import candidate_cookie, services
from interviews.candidate_access import (
    BEFORE_CONSENT,
    asked_page,
    is_open,
    own_page,
    show,
)
from interviews.forms import ConsentForm, OpenEntryForm, TextAnswerForm
from interviews.models import Invitation, Session
from interviews.notices import consent_notice, consent_words
from interviews.permissions import (
    access_response,
    is_by_open_link,
    session_of_cookies,
)
from interviews.selectors import offered_scopes
from interviews.selectors.candidates import (
    PRACTICE,
    CandidateSession,
    Question,
    candidate_view,
)
from interviews.selectors.landings import landing
from ops.conflicts import StateConflict


def invitation_of(token: str) -> Invitation:
    """Raises: Http404, the same for every token that opens nothing."""
    invitation = services.find_invitation(token=token, now=timezone.now())
    if invitation is None:
        raise Http404
    return invitation


@never_cache
@require_GET
def candidate_landing(request: HttpRequest, token: str) -> HttpResponse:
    """What the link is about. Looking changes nothing: mail scanners open links too."""
    return landing_page(request, invitation_of(token), token, OpenEntryForm())


def landing_page(
    request: HttpRequest, invitation: Invitation, token: str, form: OpenEntryForm
) -> HttpResponse:
    view = landing(invitation)
    context = {
        "view": view,
        "token": token,
        "form": form,
        "organization_name": view.organization_name,
    }
    response = render(request, "interviews/landing.html", context)
    response["Referrer-Policy"] = "strict-origin"  # the token stays out of every Referer, ours too
    return response


@never_cache
@require_POST
def candidate_opened(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - a route
    """Keep when a browser first showed the landing page."""
    services.note_opened(invitation=invitation_of(token), now=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@never_cache
@require_POST
def candidate_start(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token for the candidate's cookie."""
    known = session_of_cookies(request.COOKIES)
    if known is not None and is_by_open_link(known, token):
        return redirect("candidate_home")  # pressed twice, or come back: the same interview goes on
    invitation = invitation_of(token)
    if invitation.kind == Invitation.Kind.OPEN:
        return enter(request, invitation, token)
    now = timezone.now()
    try:
        session = services.start_session(invitation=invitation, now=now)
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return redirect("candidate_landing", token=token)
    response = redirect("candidate_home")
    candidate_cookie.set_cookie(response, session, now=now)
    return response


def enter(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Make a newcomer by an open link a candidate, and show her own link this once."""
    form = OpenEntryForm(request.POST)
    if not form.is_valid():
        return landing_page(request, invitation, token, form)
    now = timezone.now()
    try:
        link, session = services.start_by_open_link(
            invitation=invitation, person=services.Person(**form.cleaned_data), now=now
        )
    except StateConflict as conflict:
        messages.error(request, conflict.message)
        return redirect("candidate_landing", token=token)
    unsent = services.send_links(links=[link], now=now)
    context = {"link": link, "unsent": unsent, "organization_name": session.organization.name}
    response = render(request, "interviews/keep_link.html", context)
    response["Referrer-Policy"] = "strict-origin"
    candidate_cookie.set_cookie(response, session, now=now)
    return response


@require_GET
@asked_page
def candidate_home(request: HttpRequest, _session: Session, view: CandidateSession) -> HttpResponse:
    """The overview: what is answered, what comes next."""
    return show(request, "interviews/overview.html", view)


@require_http_methods(["GET", "POST"])
@own_page
def candidate_consent(
    request: HttpRequest, session: Session, view: CandidateSession
) -> HttpResponse:
    """Ask for each consent on its own, no box ticked beforehand; after the end take one back."""
    if not is_open(view) and not view.granted_scopes:
        return redirect("candidate_done")
    interview = session.version.interview
    if request.method == "POST":
        form = ConsentForm(request.POST, scopes=offered_scopes(interview))
        if form.is_valid():
            services.record_consents(
                session=session,
                granted=form.answers(),
                notice_hash=form.cleaned_data["notice_hash"],
                now=timezone.now(),
            )
            return redirect(after_consent(view, is_declined=not form.answers()["recording"]))
    context = {"notice": consent_notice(interview), "is_ended": not is_open(view)}
    return show(request, "interviews/consent.html", view, **context)


def after_consent(view: CandidateSession, *, is_declined: bool) -> str:
    """Return the page that follows the candidate's answer to the notice."""
    if not is_open(view):
        return "candidate_home"  # which leads to the last page
    if is_declined:
        return "candidate_consent"
    return "candidate_check" if view.state in BEFORE_CONSENT else "candidate_home"


@require_http_methods(["GET", "POST"])
@own_page
def candidate_withdraw(
    request: HttpRequest, session: Session, view: CandidateSession
) -> HttpResponse:
    """Withdraw from the whole interview, once confirmed."""
    if not view.can_withdraw:
        return redirect("candidate_done")
    if request.method == "POST":
        services.withdraw_session(session=session, now=timezone.now())
        return redirect("candidate_home")  # which now leads to the last page
    return show(request, "interviews/withdraw.html", view)


@require_GET
@asked_page
def candidate_check(
    request: HttpRequest, _session: Session, view: CandidateSession
) -> HttpResponse:
    """Try microphone and camera before it counts; with typed answers only there is nothing to."""
    if not view.wants_sound:
        return redirect("candidate_home")
    return show(request, "interviews/check.html", view)


@require_GET
@asked_page
def candidate_practice(
    request: HttpRequest, _session: Session, view: CandidateSession
) -> HttpResponse:
    """A question that is never sent, in the recorder of the real ones."""
    modes = view.recorded_modes
    if not modes:
        return redirect("candidate_home")
    mode = request.GET.get("mode", "")
    mode = mode if mode in modes else modes[0]
    others = [each for each in modes if each != mode]
    context = {"practice": PRACTICE, "modes": modes, "mode": mode, "others": others}
    return show(request, "interviews/practice.html", view, **context)


@require_GET
@asked_page
def candidate_question(
    request: HttpRequest, _session: Session, view: CandidateSession, order: int
) -> HttpResponse:
    """One question: think, answer, look again, send."""
    return question_page(request, view, order, mode=request.GET.get("mode", ""))


def question_page(
    request: HttpRequest, view: CandidateSession, order: int, *, mode: str, typed: str = ""
) -> HttpResponse:
    """Show a question; `typed` is an answer that was refused, to be mended and sent again."""
    question = asked_question(view, order)
    if mode not in question.modes:
        mode = question.mode or question.modes[0]
    following = next(
        (each for each in view.questions if each.order > order and not each.is_done),
        view.next_question,
    )
    if following is not None and following.order == order:
        following = None
    others = [each for each in question.modes if each != mode]
    context = {"question": question, "mode": mode, "following": following, "others": others}
    return show(request, "interviews/question.html", view, typed=typed, **context)


@require_POST
@asked_page
def candidate_text(
    request: HttpRequest, session: Session, view: CandidateSession, order: int
) -> HttpResponse:
    """Send a typed answer; works without script."""
    question = asked_question(view, order)
    form = TextAnswerForm(request.POST)
    form.is_valid()  # an empty text is refused below, with its reason
    text = form.cleaned_data.get("text", "")
    response = access_response(session, question.response_id)
    try:
        services.submit_text(response=response, text=text, now=timezone.now())
    except StateConflict as conflict:
        if not text:
            raise
        messages.error(request, conflict.message)
        return question_page(request, view, order, mode="text", typed=text)
    return to_next(session)


@require_POST
@asked_page
def candidate_skip(
    _request: HttpRequest, session: Session, view: CandidateSession, order: int
) -> HttpResponse:
    """Leave out an optional question."""
    response = access_response(session, asked_question(view, order).response_id)
    services.skip_response(response=response, now=timezone.now())
    return to_next(session)


@require_POST
@asked_page
def candidate_submit(
    _request: HttpRequest, session: Session, _view: CandidateSession
) -> HttpResponse:
    """Hand the interview in."""
    services.submit_session(session=session, now=timezone.now())
    return redirect("candidate_done")


@require_GET
@own_page
def candidate_done(request: HttpRequest, session: Session, view: CandidateSession) -> HttpResponse:
    """The last page: what became of the interview, and what is stored."""
    if is_open(view):
        return redirect("candidate_home")
    context = {"words": consent_words(session), "late": view.unfinished}
    return show(request, "interviews/done.html", view, **context)


def asked_question(view: CandidateSession, order: int) -> Question:
    """Raises: Http404 when this interview has no such question."""
    question = view.question(order)
    if question is None:
        raise Http404
    return question


def to_next(session: Session) -> HttpResponse:
    """Go to the next question that wants something, or to the overview."""
    following = candidate_view(session, now=timezone.now()).next_question
    if following is None:
        return redirect("candidate_home")
    return redirect("candidate_question", order=following.order)
