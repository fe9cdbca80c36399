"""REST for candidates: from a link's token to the submitted interview."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.http import Http404
from django.middleware.csrf import get_token
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from interviews import candidate_cookie, serializers, services
from interviews.authentication import CandidateAuthentication, IsCandidate
from interviews.models import Invitation, Session
from interviews.notices import consent_notice
from interviews.permissions import (
    access_response,
    candidate_session,
    is_by_open_link,
    session_of_cookies,
)
from interviews.selectors.candidates import candidate_view


class CandidateView(APIView):
    """A route that the candidate's cookie opens; unsafe methods need her CSRF token."""

    authentication_classes = [CandidateAuthentication]
    permission_classes = [IsCandidate]
    required_scope = None
    throttle_scope = "candidate"

    def session(self, request: Request) -> Session:
        assert isinstance(request.auth, Session)  # noqa: S101 - IsCandidate has looked
        return request.auth

    def document(self, request: Request) -> Response:
        """Answer with the session as it now is."""
        session = candidate_session(request, may_be_over=True)
        view = candidate_view(session, now=timezone.now())
        document = serializers.CandidateSessionDocument(view)
        return Response(document.data, headers={"Cache-Control": "no-store"})


class CandidateStart(APIView):
    """Exchange a link's token for the candidate's cookie."""

    authentication_classes = []  # nobody yet: the token in the body is the proof
    permission_classes = [AllowAny]
    required_scope = None
    throttle_scope = "candidate_start"

    @extend_schema(
        request=serializers.CandidateStartRequest,
        responses=serializers.CandidateStartResponse,
        operation_id="candidate_start",
    )
    def post(self, request: Request) -> Response:
        asked = serializers.CandidateStartRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        session, link = entered(request, asked.validated_data, now=now)
        answer = serializers.CandidateStartResponse(
            {
                "csrf_token": get_token(request._request),  # noqa: SLF001 - Django's request
                "session": candidate_view(session, now=now),
                "link": link,
            }
        )
        response = Response(answer.data, headers={"Cache-Control": "no-store"})
        candidate_cookie.set_cookie(response, session, now=now)
        return response


def entered(
    request: Request, asked: Mapping[str, str], *, now: datetime
) -> tuple[Session, str | None]:
    """Return the session that the token opens and, to a newcomer by an open link, her own link.

    Raises: Http404, ValidationError, StateConflict
    """
    known = session_of_cookies(request.COOKIES)
    if known is not None and is_by_open_link(known, asked["token"]):
        return known, None  # asked twice, or come back: the same interview goes on
    invitation = services.find_invitation(token=asked["token"], now=now)
    if invitation is None:
        raise Http404
    if invitation.kind != Invitation.Kind.OPEN:
        return services.start_session(invitation=invitation, now=now), None
    if "name" not in asked:
        told = "This link is for many people: send the name of who comes in, and her email."
        raise ValidationError({"name": [told]})
    person = services.Person(name=asked["name"], email=asked.get("email", ""))
    link, session = services.start_by_open_link(invitation=invitation, person=person, now=now)
    if person.email:
        services.send_links(links=[link], now=now)
    return session, link.url


class CandidateSession(CandidateView):
    """The candidate's interview: questions, answers, takes left, processing."""

    @extend_schema(responses=serializers.CandidateSessionDocument, operation_id="candidate_session")
    def get(self, request: Request) -> Response:
        return self.document(request)


class CandidateConsents(CandidateView):
    """Read the notice; answer it."""

    @extend_schema(responses=serializers.NoticeDocument, operation_id="candidate_notice")
    def get(self, request: Request) -> Response:
        notice = consent_notice(self.session(request).version.interview)
        return Response(serializers.NoticeDocument(notice).data)

    @extend_schema(
        request=serializers.ConsentRequest,
        responses=serializers.CandidateSessionDocument,
        operation_id="candidate_consent",
    )
    def post(self, request: Request) -> Response:
        asked = serializers.ConsentRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        services.record_consents(
            session=self.session(request),
            granted=asked.validated_data["granted"],
            notice_hash=asked.validated_data.get("notice_hash", ""),
            now=timezone.now(),
        )
        return self.document(request)


class CandidateAnswer(CandidateView):
    """Type an answer, skip it, or send the recording that arrived."""

    @extend_schema(
        request=serializers.AnswerRequest,
        responses=serializers.CandidateSessionDocument,
        operation_id="candidate_answer",
    )
    def post(self, request: Request, response_id: UUID) -> Response:
        asked = serializers.AnswerRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = access_response(self.session(request), response_id)
        now = timezone.now()
        if asked.validated_data.get("skip"):
            services.skip_response(response=answer, now=now)
        elif "text" in asked.validated_data:
            services.submit_text(response=answer, text=asked.validated_data["text"], now=now)
        else:
            services.submit_response(response=answer, now=now)
        return self.document(request)


class CandidateWithdraw(CandidateView):
    """Withdraw from the interview; doing it twice gives the same answer."""

    @extend_schema(
        request=None,
        responses=serializers.CandidateSessionDocument,
        operation_id="candidate_withdraw",
    )
    def post(self, request: Request) -> Response:
        services.withdraw_session(session=self.session(request), now=timezone.now())
        return self.document(request)


class CandidateSubmit(CandidateView):
    """Hand the interview in; doing it twice gives the same answer."""

    @extend_schema(
        request=None,
        responses=serializers.CandidateSessionDocument,
        operation_id="candidate_submit",
    )
    def post(self, request: Request) -> Response:
        services.submit_session(session=self.session(request), now=timezone.now())
        return self.document(request)
