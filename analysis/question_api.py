"""REST for question generation."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis import known_questions
from analysis.question_serializers import GeneratedQuestion, GenerateRequest
from analysis.question_writer import suggest_question
from analysis.suggestions import Served
from interviews.permissions import access_design, access_designing
from interviews.rest_edits import validated
from ops import failures
from ops.authentication import principal_of
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, PROBLEMS
from ops.principals import Principal

WISH = OpenApiExample(
    "A question about nights, for a nurse with experience",
    {
        "kind": "behavioural",
        "difficulty": "medium",
        "locale": "en",
        "topic": "night shift",
        "competency": "problem_solving",
    },
    request_only=True,
)
GENERATED: dict[Any, Any] = {200: GeneratedQuestion, **PROBLEMS}


class QuestionGenerate(APIView):
    """Suggest a question; nothing is added to any interview."""

    required_scope = "interviews:write"
    throttle_scope = "questions"

    @extend_schema(
        tags=["questions"],
        operation_id="questions_generate",
        parameters=[IDEMPOTENCY_KEY],
        request=GenerateRequest,
        responses=GENERATED,
        examples=[WISH],
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Return a question: kept, written by the language model if there is one, or the bank's."""
        principal = principal_of(request)
        organization_id = access_designing(principal)
        asked = GenerateRequest(data=request.data)
        given = validated(asked)
        served = suggest_question(
            wish=asked.wish,
            organization_id=organization_id,
            known=known_to(principal, given),
            seed=given.get("seed"),
        )
        return Response(document(served))


def known_to(principal: Principal, given: dict[str, Any]) -> frozenset[str]:
    """Return the ids that shall not be suggested again.

    Raises: Http404 for an interview or a candidate of somebody else.
    """
    known = frozenset(given["exclude"])
    if "interview_key" in given:
        interview = access_design(principal, given["interview_key"])
        known |= known_questions.of_interview(interview)
    if "candidate_id" in given:
        known |= known_questions.of_candidate(principal, given["candidate_id"])
    return known


def document(served: Served) -> dict[str, Any]:
    """Return the answer."""
    suggestion = served.suggestion
    told = {name: getattr(served, name) for name in SERVED}
    fallback = failures.by_code(served.fallback_code) if served.fallback_code else None
    facts = {"id": suggestion.id, "doubts": suggestion.doubts, "fallback": fallback}
    data = {**suggestion.as_data(), **facts, **told}
    return dict(GeneratedQuestion(data).data)


SERVED = ("source", "provider", "model", "cached", "tokens_used", "cost_usd", "relaxed")
