"""REST for the dead letter queue: staff look at it, drive again and discard."""

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops.authentication import IsStaff, principal_of
from ops.dead_letter_serializers import (
    DeadLetterQueueSerializer,
    DeadLetterSerializer,
    LetterActionAnswerSerializer,
    LetterActionSerializer,
    LetterFiltersSerializer,
    LetterGroupSerializer,
    QueueOfLettersSerializer,
)
from ops.idempotency import idempotent
from ops.letter_actions import Order, act_on_letters
from ops.letter_queries import LetterFilters, count_by_queue, group_letters, matching_letters
from ops.openapi import IDEMPOTENCY_KEY, PAGE_PARAMETERS, PROBLEMS
from ops.paging import KeysetPagination


class DeadLetterQueue(APIView):
    permission_classes = [IsStaff]
    required_scope = "ops:manage"
    throttle_scope = "reads"

    @extend_schema(
        operation_id="dead_letters",
        parameters=[LetterFiltersSerializer, *PAGE_PARAMETERS],
        responses={200: DeadLetterQueueSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return how many jobs gave up, in which groups, and a page of them, newest first."""
        asked = LetterFiltersSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        filters = dict(asked.validated_data)
        group_by, now = filters.pop("group_by"), timezone.now()
        letters = matching_letters(LetterFilters(**filters), now)
        queues = count_by_queue(letters)
        groups = group_letters(letters, by=group_by, now=now)
        pages = KeysetPagination()
        page = pages.paginate_queryset(letters.select_related("job"), request, self)
        listed = pages.get_paginated_response(DeadLetterSerializer(page, many=True).data).data
        counts = {name: QueueOfLettersSerializer(queue).data for name, queue in queues.items()}
        return Response(
            {
                "total": sum(queue.count for queue in queues.values()),
                "queues": counts,
                "groups": LetterGroupSerializer(groups, many=True).data,
                **listed,
            }
        )

    @extend_schema(
        operation_id="dead_letters_act",
        request=LetterActionSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: LetterActionAnswerSerializer, **PROBLEMS},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Drive jobs again or discard their letters: those named, or all that match, at a rate."""
        body = LetterActionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(body.validated_data)
        order = Order(
            action=asked.pop("action"),
            reason=asked.pop("reason"),
            is_dry_run=asked.pop("dry_run"),
            rate_per_min=asked.pop("rate_per_min", None),
            filters=LetterFilters(job_ids=tuple(asked.pop("job_ids", ())), **asked),
            actor=principal_of(request).key,
            now=timezone.now(),
        )
        outcome = act_on_letters(order)
        return Response(LetterActionAnswerSerializer(outcome).data, status=HTTPStatus.OK)
