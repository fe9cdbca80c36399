"""REST for interviews: make, change, publish, close, copy; their versions."""

from http import HTTPStatus
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from interviews import design_serializers as documents
from interviews.models import Interview
from interviews.permissions import access_design, access_designing, access_interview
from interviews.rest_edits import save_edit, validated
from interviews.selectors.design import interview_design
from interviews.selectors.members import STATES, InterviewFilter, interview_cards, interviews_of
from interviews.selectors.versions import version_design, version_rows
from interviews.services import designing, publishing, shelf
from ops.authentication import principal_of
from ops.etags import EditedReads
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, IF_MATCH, PAGE_PARAMETERS, PROBLEMS, paged
from ops.paging import KeysetPagination
from ops.principals import Principal
from ops.scoping import ScopedByMethod

SETTINGS = ("title", "introduction", "locale", "ai_mode", "external_id")
WORDS = {state: word for word, state in STATES.items()}
NEW = OpenApiExample(
    "A new interview",
    {"title": "Night nurse", "locale": "en", "external_id": "REQ-2031"},
    request_only=True,
)
INTERVIEW: dict[Any, Any] = {200: documents.InterviewDocument, **PROBLEMS}
MADE: dict[Any, Any] = {201: documents.InterviewDocument, **PROBLEMS}


class DesignView(EditedReads, ScopedByMethod):
    """Routes for who may design; reading is also for keys that read results."""

    read_scope = ("results:read", "interviews:write")
    write_scope = "interviews:write"

    def interview(self, request: Request, key: str) -> Interview:
        return access_design(principal_of(request), key)


@extend_schema(tags=["interviews"])
class Interviews(DesignView):
    @extend_schema(
        operation_id="interviews_list",
        parameters=[documents.InterviewFilters, *PAGE_PARAMETERS],
        responses={200: paged(documents.InterviewRow), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return the interviews one may see, newest first, with how far people came in each."""
        principal = principal_of(request)
        asked = validated(documents.InterviewFilters(data=request.query_params))
        wanted = InterviewFilter(
            search=asked["q"],
            state=WORDS.get(asked.get("state", ""), ""),
            external_id=asked["external_id"],
        )
        pages = KeysetPagination()
        found = pages.paginate_queryset(interviews_of(principal, wanted), request, self)
        rows = interview_cards(principal, found)
        return pages.get_paginated_response(documents.InterviewRow(rows, many=True).data)

    @extend_schema(
        operation_id="interviews_create",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.InterviewRequest,
        responses=MADE,
        examples=[NEW],
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        """Make an interview with an empty draft."""
        principal = principal_of(request)
        organization_id = access_designing(principal)
        asked = validated(documents.InterviewRequest(data=request.data))
        interview = designing.create_interview(
            organization_id=organization_id,
            settings=designing.InterviewSettings(**asked),
            actor=principal.key,
        )
        return made(access_design(principal, interview.key), principal)


@extend_schema(tags=["interviews"])
class InterviewDetail(DesignView):
    @extend_schema(operation_id="interviews_read", responses=INTERVIEW)
    def get(self, request: Request, key: str) -> Response:
        """Return an interview; to designers with the draft that is being written."""
        principal = principal_of(request)
        return Response(document(access_interview(principal, key), principal))

    @extend_schema(
        operation_id="interviews_change",
        parameters=[IF_MATCH],
        request=documents.InterviewPatch,
        responses=INTERVIEW,
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change title, introduction, language, software's part or your own number for it."""
        interview, principal = self.interview(request, key), principal_of(request)
        asked = documents.InterviewPatch(data=request.data)
        changes = validated(asked)
        changes.pop("edit_number", None)
        before = document(interview, principal)
        kept = {name: before[name] for name in SETTINGS}
        settings = designing.InterviewSettings(**kept | changes)
        save_edit(
            request,
            asked.data,
            before=before,
            current=lambda: document(interview, principal),
            save=lambda number: designing.save_settings(
                interview=interview, settings=settings, edit_number=number
            ),
        )
        return Response(document(interview, principal))

    @extend_schema(operation_id="interviews_remove", responses={204: None, **PROBLEMS})
    def delete(self, request: Request, key: str) -> Response:
        """Delete a draft that was never published. 409 for any other: close it."""
        shelf.remove_interview(
            interview=self.interview(request, key), actor=principal_of(request).key
        )
        return Response(status=HTTPStatus.NO_CONTENT)


@extend_schema(tags=["interviews"])
class InterviewPublish(DesignView):
    @extend_schema(
        operation_id="interviews_publish",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=INTERVIEW,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Freeze the draft as a version that candidates meet. 409 says what is missing."""
        interview, principal = self.interview(request, key), principal_of(request)
        publishing.publish_interview(interview=interview, now=timezone.now(), actor=principal.key)
        return Response(document(interview, principal))


@extend_schema(tags=["interviews"])
class InterviewClose(DesignView):
    @extend_schema(
        operation_id="interviews_close",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=INTERVIEW,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Let nobody else start; whoever has started can finish."""
        interview, principal = self.interview(request, key), principal_of(request)
        publishing.close_interview(interview=interview, actor=principal.key)
        return Response(document(interview, principal))


@extend_schema(tags=["interviews"])
class InterviewReopen(DesignView):
    @extend_schema(
        operation_id="interviews_reopen",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=INTERVIEW,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Let candidates start again, with the version that was published last."""
        interview, principal = self.interview(request, key), principal_of(request)
        publishing.reopen_interview(interview=interview, actor=principal.key)
        return Response(document(interview, principal))


@extend_schema(tags=["interviews"])
class InterviewDuplicate(DesignView):
    @extend_schema(
        operation_id="interviews_duplicate",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.DuplicateRequest,
        responses=MADE,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Make a new draft that asks the same on the same competencies."""
        principal = principal_of(request)
        interview = self.interview(request, key)
        asked = validated(documents.DuplicateRequest(data=request.data))
        copy = shelf.duplicate_interview(interview=interview, actor=principal.key, **asked)
        return made(access_design(principal, copy.key), principal)


@extend_schema(tags=["interviews"])
class InterviewVersions(DesignView):
    @extend_schema(
        operation_id="interview_versions_begin",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={
            200: documents.VersionDocument,
            201: documents.VersionDocument,
            **PROBLEMS,
        },
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Start the next version as a copy of the newest; the draft that is there stays (200)."""
        interview = self.interview(request, key)
        was_draft = interview_design(interview).is_draft
        draft = designing.begin_draft(interview=interview)
        shown = documents.VersionDocument(version_design(interview, draft.number))
        status = HTTPStatus.OK if was_draft else HTTPStatus.CREATED
        location = reverse("api_interview_version", args=[interview.key, draft.number])
        return Response(shown.data, status=status, headers={"Location": location})


@extend_schema(tags=["interviews"])
class InterviewVersion(DesignView):
    @extend_schema(
        operation_id="interview_versions_read",
        responses={200: documents.VersionDocument, **PROBLEMS},
    )
    def get(self, request: Request, key: str, number: int) -> Response:
        """Return a version with its questions; a published one never changes."""
        found = version_design(self.interview(request, key), min(number, LARGEST_NUMBER))
        return Response(documents.VersionDocument(found).data)


@extend_schema(tags=["interviews"])
class InterviewDraft(DesignView):
    @extend_schema(operation_id="interview_draft_discard", responses={204: None, **PROBLEMS})
    def delete(self, request: Request, key: str) -> Response:
        """Forget what was changed since the last publish."""
        designing.discard_draft(interview=self.interview(request, key))
        return Response(status=HTTPStatus.NO_CONTENT)


LARGEST_NUMBER = 2**15 - 1  # what a SMALLINT column can be asked for


def document(interview: Interview, principal: Principal) -> dict[str, Any]:
    """Return the interview as the principal may read it."""
    design = interview_design(interview)
    names = ("key", *SETTINGS, "state", "edit_number")
    facts: dict[str, Any] = {name: getattr(design, name) for name in names}
    facts["created_at"] = interview.created_at
    facts["draft"] = design if design.is_draft and principal.can_design else None
    facts["versions"] = version_rows(interview)
    return dict(documents.InterviewDocument(facts).data)


def made(interview: Interview, principal: Principal) -> Response:
    headers = {"Location": reverse("api_interview", args=[interview.key])}
    return Response(document(interview, principal), HTTPStatus.CREATED, headers=headers)
