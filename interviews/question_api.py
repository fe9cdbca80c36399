"""REST for the questions of an interview: those of its draft can be changed."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from interviews import design_serializers as documents
from interviews.models import Interview
from interviews.permissions import access_design
from interviews.rest_edits import save_edit, validated
from interviews.selectors.design import interview_design
from interviews.selectors.versions import unknown_competencies
from interviews.services import arranging, designing
from ops.authentication import principal_of
from ops.etags import EditedReads
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, IF_MATCH, PROBLEMS
from ops.scoping import ScopedByMethod

NEW = OpenApiExample(
    "A question that two competencies are rated on",
    {
        "text": "Tell us about a night on which everything came at once.",
        "modes": ["audio", "text"],
        "answer_limit_s": 180,
        "competencies": [
            {"competency_id": "5b1c9f0e-3c1e-4a7e-9a51-0a1d6b7f1c11", "weight": 2},
            {"competency_id": "c0a6a8f4-6a58-4a0e-8d0b-6e1f0f5d2a22"},
        ],
        "weight_reason": "Calm is what the ward lacks.",
    },
    request_only=True,
)
PLAIN = (
    "text",
    "kind",
    "think_time_s",
    "answer_limit_s",
    "max_takes",
    "required",
    "weight_reason",
)
QUESTION: dict[Any, Any] = {200: documents.QuestionDocument, **PROBLEMS}
MADE: dict[Any, Any] = {201: documents.QuestionDocument, **PROBLEMS}
ALL: dict[Any, Any] = {200: documents.QuestionDocument(many=True), **PROBLEMS}


class QuestionView(EditedReads, ScopedByMethod):
    """Routes for who may design; reading is also for keys that read results."""

    read_scope = ("results:read", "interviews:write")
    write_scope = "interviews:write"

    def interview(self, request: Request, key: str) -> Interview:
        return access_design(principal_of(request), key)


@extend_schema(tags=["questions"])
class Questions(QuestionView):
    @extend_schema(operation_id="questions_list", responses=ALL)
    def get(self, request: Request, key: str) -> Response:
        """Return the questions of the newest version, the draft if there is one, in order."""
        return Response(in_order(self.interview(request, key)))

    @extend_schema(
        operation_id="questions_create",
        parameters=[IDEMPOTENCY_KEY],
        request=documents.QuestionRequest,
        responses=MADE,
        examples=[NEW],
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str) -> Response:
        """Add a question at the end of the draft. 409 when there is no draft: start one."""
        interview = self.interview(request, key)
        changes = asked_of(request, documents.QuestionRequest(data=request.data))
        design = designing.QuestionDesign(**design_fields(changes))
        return made(interview, designing.add_question(interview=interview, design=design).pk)


@extend_schema(tags=["questions"])
class QuestionOrder(QuestionView):
    @extend_schema(operation_id="questions_order", request=documents.OrderRequest, responses=ALL)
    def put(self, request: Request, key: str) -> Response:
        """Put the draft's questions in this order. 409 when it does not name each of them once."""
        interview = self.interview(request, key)
        asked = validated(documents.OrderRequest(data=request.data))
        arranging.order_questions(interview=interview, question_ids=asked["question_ids"])
        return Response(in_order(interview))


@extend_schema(tags=["questions"])
class QuestionDetail(QuestionView):
    @extend_schema(operation_id="questions_read", responses=QUESTION)
    def get(self, request: Request, key: str, question_id: UUID) -> Response:
        """Return a question of the newest version."""
        return Response(document(self.interview(request, key), question_id))

    @extend_schema(
        operation_id="questions_change",
        parameters=[IF_MATCH],
        request=documents.QuestionPatch,
        responses=QUESTION,
    )
    def patch(self, request: Request, key: str, question_id: UUID) -> Response:
        """Change a question of the draft, its competencies and weights included."""
        interview = self.interview(request, key)
        before = document(interview, question_id)
        asked = documents.QuestionPatch(data=request.data)
        changes = asked_of(request, asked)
        design = designing.QuestionDesign(**design_fields(before | changes))
        save_edit(
            request,
            as_stored(asked.data),
            before=before,
            current=lambda: document(interview, question_id),
            save=lambda number: designing.save_question(
                interview=interview, question_id=question_id, design=design, edit_number=number
            ),
        )
        return Response(document(interview, question_id))

    @extend_schema(operation_id="questions_remove", responses={204: None, **PROBLEMS})
    def delete(self, request: Request, key: str, question_id: UUID) -> Response:
        """Take a question out of the draft; until the publish it can be restored."""
        designing.remove_question(interview=self.interview(request, key), question_id=question_id)
        return Response(status=HTTPStatus.NO_CONTENT)


@extend_schema(tags=["questions"])
class QuestionRestore(QuestionView):
    @extend_schema(
        operation_id="questions_restore",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=QUESTION,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str, question_id: UUID) -> Response:
        """Bring a removed question back to its place."""
        interview = self.interview(request, key)
        designing.restore_question(interview=interview, question_id=question_id)
        return Response(document(interview, question_id))


@extend_schema(tags=["questions"])
class QuestionDuplicate(QuestionView):
    @extend_schema(
        operation_id="questions_duplicate",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=MADE,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: str, question_id: UUID) -> Response:
        """Put a copy of the question right after it."""
        interview = self.interview(request, key)
        copy = designing.duplicate_question(interview=interview, question_id=question_id)
        return made(interview, copy.pk)


def asked_of(request: Request, asked: documents.QuestionFields) -> dict[str, Any]:
    """Return what was asked, once every competency in it is known to be the organization's.

    Raises: ValidationError
    """
    changes = validated(asked)
    ids = [each["competency_id"] for each in changes.get("competencies", ())]
    unknown = unknown_competencies(principal_of(request), ids)
    if unknown:
        told = {"competency_id": ["There is no such competency."]}
        raise ValidationError({"competencies": [told if pk in unknown else {} for pk in ids]})
    return changes


def design_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a QuestionDesign that a document, or what was asked, has."""
    fields = {name: values[name] for name in PLAIN if name in values}
    if "modes" in values:
        fields["modes"] = tuple(values["modes"])
    if "competencies" in values:
        fields["weights"] = {
            UUID(str(each["competency_id"])): each["weight"] for each in values["competencies"]
        }
    return fields


def as_stored(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent with its competencies in the order of documents."""
    weighed = sorted(asked.get("competencies", ()), key=lambda each: str(each["competency_id"]))
    return {**asked, **({"competencies": weighed} if "competencies" in asked else {})}


def document(interview: Interview, question_id: UUID) -> dict[str, Any]:
    """Return a question of the newest version as it is now.

    Raises: Http404
    """
    question = interview_design(interview).question(question_id)
    if question is None:
        raise Http404
    return dict(documents.QuestionDocument(question).data)


def in_order(interview: Interview) -> list[Any]:
    questions = interview_design(interview).questions
    return list(documents.QuestionDocument(questions, many=True).data)


def made(interview: Interview, question_id: UUID) -> Response:
    headers = {"Location": reverse("api_question", args=[interview.key, question_id])}
    return Response(document(interview, question_id), HTTPStatus.CREATED, headers=headers)
