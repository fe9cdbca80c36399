"""REST for recordings: the candidate sends them, members get URLs for them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponseRedirect
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from interviews.authentication import CandidateAuthentication, IsCandidate
from interviews.models import Session
from interviews.permissions import access_interview
from ops.authentication import principal_of
from ops.idempotency import idempotent
from ops.principals import Principal
from recordings import permissions, selectors, serializers, services
from recordings.handed_out import ORIGINAL
from recordings.models import Rendition

NO_STORE = {"Cache-Control": "no-store"}  # what carries a URL is not kept
FOUND = OpenApiResponse(description="Redirect to a fresh URL.")


class CandidateView(APIView):
    """A route that the candidate's cookie opens; unsafe methods need her CSRF token."""

    authentication_classes = [CandidateAuthentication]
    permission_classes = [IsCandidate]
    required_scope = None
    throttle_scope = "candidate"

    def session(self, request: Request) -> Session:
        assert isinstance(request.auth, Session)  # noqa: S101 - IsCandidate has looked
        return request.auth


def granted_document(request: Request, grant: services.UploadGrant) -> dict[str, Any]:
    """Return a grant with whole URLs: those of local storage are paths of this site."""

    def here(url: str) -> str:
        return request.build_absolute_uri(url) if url else ""

    parts = tuple(replace(part, url=here(part.url)) for part in grant.parts)
    whole = replace(grant, url=here(grant.url), parts=parts)
    return serializers.UploadGrantDocument(whole).data


class CandidateTakes(CandidateView):
    """Begin a take."""

    @extend_schema(
        request=serializers.TakeRequest,
        responses={201: serializers.TakeDocument},
        operation_id="candidate_start_take",
    )
    @idempotent(atomic=True)
    def post(self, request: Request, response_id: UUID) -> Response:
        asked = serializers.TakeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = permissions.access_response(self.session(request), response_id)
        take = services.start_take(
            response=answer, mode=asked.validated_data["mode"], now=timezone.now()
        )
        return Response(serializers.TakeDocument(take).data, status=201)


class CandidateUpload(CandidateView):
    """Ask where to put a take's bytes."""

    @extend_schema(
        request=serializers.UploadRequest,
        responses={201: serializers.UploadGrantDocument},
        operation_id="candidate_grant_upload",
    )
    def post(self, request: Request, take_id: UUID) -> Response:
        asked = serializers.UploadRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        grant = services.grant_upload(
            take=permissions.access_take(self.session(request), take_id),
            size_bytes=asked.validated_data["bytes"],
            content_type=asked.validated_data["content_type"],
            sha256=asked.validated_data.get("sha256", ""),
            now=timezone.now(),
        )
        return Response(granted_document(request, grant), status=201, headers=NO_STORE)


class CandidateUploadStatus(CandidateView):
    """What the server has of an upload: the truth for resuming."""

    @extend_schema(
        responses=serializers.UploadStatusDocument, operation_id="candidate_upload_status"
    )
    def get(self, request: Request, upload_id: UUID) -> Response:
        upload = permissions.access_upload(self.session(request), upload_id)
        status = selectors.upload_status(upload, services.arrived_parts(upload))
        return Response(serializers.UploadStatusDocument(status).data, headers=NO_STORE)


class CandidateUploadRenew(CandidateView):
    """Ask for fresh URLs of an upload that is under way: of these parts, or of its one PUT."""

    @extend_schema(
        request=serializers.UploadRenewRequest,
        responses=serializers.UploadGrantDocument,
        operation_id="candidate_renew_upload",
    )
    def post(self, request: Request, upload_id: UUID) -> Response:
        asked = serializers.UploadRenewRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        grant = services.renew_upload(
            upload=permissions.access_upload(self.session(request), upload_id),
            numbers=asked.validated_data["parts"],
            now=timezone.now(),
        )
        return Response(granted_document(request, grant), headers=NO_STORE)


class CandidateUploadAbort(CandidateView):
    """Give an upload up; its take stays open for another one."""

    @extend_schema(request=None, responses={204: None}, operation_id="candidate_abort_upload")
    def post(self, request: Request, upload_id: UUID) -> Response:
        upload = permissions.access_upload(self.session(request), upload_id)
        services.abort_upload(upload=upload, now=timezone.now())
        return Response(status=204)


class CandidateUploadComplete(CandidateView):
    """Say that the upload is whole; saying it twice gives the same recording."""

    @extend_schema(
        request=None,
        responses=serializers.UploadCompleted,
        operation_id="candidate_complete_upload",
    )
    def post(self, request: Request, upload_id: UUID) -> Response:
        upload = permissions.access_upload(self.session(request), upload_id)
        recording = services.complete_upload(upload=upload, now=timezone.now())
        return Response(serializers.UploadCompleted(recording).data)


class CandidateTechnicalFailure(CandidateView):
    """Say that a take failed for technical reasons: it is not counted."""

    @extend_schema(
        request=serializers.TechnicalFailureRequest,
        responses=serializers.TakeDocument,
        operation_id="candidate_technical_failure",
    )
    def post(self, request: Request, take_id: UUID) -> Response:
        asked = serializers.TechnicalFailureRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        take = services.fail_take(
            take=permissions.access_take(self.session(request), take_id),
            reason=asked.validated_data["reason"],
            now=timezone.now(),
        )
        return Response(serializers.TakeDocument(take).data)


class RecordingUrls(APIView):
    """URLs for up to 100 recordings; one that fails does not fail the others."""

    required_scope = "urls:issue"
    throttle_scope = "urls"

    @extend_schema(
        request=serializers.RecordingUrlRequest,
        responses=serializers.RecordingUrlResponse,
        operation_id="recordings_generate_url",
    )
    def post(self, request: Request, interview_key: str) -> Response:
        asked = serializers.RecordingUrlRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        principal = principal_of(request)
        access_interview(principal, interview_key)
        answers = services.issue_urls(
            principal=principal,
            recordings=asked.validated_data["recording_ids"],
            rendition=asked.validated_data["rendition"],
            purpose=asked.validated_data["purpose"],
            now=timezone.now(),
            interview_key=interview_key,
        )
        document = {
            "urls": [
                replace(answer, url=request.build_absolute_uri(answer.url))
                for answer in answers
                if isinstance(answer, services.IssuedUrl)
            ],
            "errors": [a for a in answers if isinstance(a, services.RefusedUrl)],
        }
        return Response(serializers.RecordingUrlResponse(document).data, headers=NO_STORE)


class RecordingPlay(APIView):
    """The player's source: a redirect to a fresh preview URL."""

    required_scope = "urls:issue"
    throttle_scope = "urls"
    purpose, rendition = "preview", "playback"

    @extend_schema(responses={302: FOUND}, operation_id="recording_play")
    def get(
        self, request: Request, interview_key: str, session_id: UUID, recording_id: UUID
    ) -> HttpResponseRedirect:
        return redirect_to_recording(
            principal_of(request),
            (interview_key, session_id, recording_id),
            rendition=self.rendition,
            purpose=self.purpose,
        )


class RecordingDownload(RecordingPlay):
    """A redirect to a fresh download URL: of the original, or of the playback that outlived it."""

    purpose, rendition = "download", "original"

    @extend_schema(responses={302: FOUND}, operation_id="recording_download")
    def get(
        self, request: Request, interview_key: str, session_id: UUID, recording_id: UUID
    ) -> HttpResponseRedirect:
        return super().get(request, interview_key, session_id, recording_id)


class RecordingRestore(APIView):
    """Ask for a recording out of the archive; it can be played some hours later, for a week."""

    required_scope = "urls:issue"
    throttle_scope = "urls"

    @extend_schema(
        request=None,
        responses={202: serializers.RecordingRestoreDocument},
        operation_id="recording_restore",
    )
    def post(
        self, request: Request, interview_key: str, session_id: UUID, recording_id: UUID
    ) -> Response:
        principal = principal_of(request)
        recording = services.request_restore(
            principal=principal,
            recording=permissions.access_recording(
                principal, interview_key, session_id, recording_id
            ),
            now=timezone.now(),
        )
        document = serializers.RecordingRestoreDocument(recording).data
        return Response(document, status=202, headers=NO_STORE)


def redirect_to_recording(
    principal: Principal, path: tuple[str, UUID, UUID], *, rendition: str, purpose: str
) -> HttpResponseRedirect:
    """Redirect to a fresh URL. Raises Http404 when there is none to give."""
    recording = permissions.access_recording(principal, *path)
    if recording.original_deleted_at is not None and rendition == ORIGINAL:
        rendition = Rendition.Kind.PLAYBACK.value
    (answer,) = services.issue_urls(
        principal=principal,
        recordings=[recording.pk],
        rendition=rendition,
        purpose=purpose,
        now=timezone.now(),
    )
    if isinstance(answer, services.RefusedUrl):
        raise Http404(answer.message)
    return HttpResponseRedirect(answer.url, headers=NO_STORE)
