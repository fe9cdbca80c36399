"""REST: what sessions, interviews and months cost. Reads make no call to storage."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis import costs
from analysis.cost_serializers import (
    EntriesQuerySerializer,
    SessionReceiptSerializer,
    UsageEntrySerializer,
    UsageQuerySerializer,
    UsageSerializer,
)
from analysis.cost_words import one_line
from analysis.month_costs import MonthCosts, access_costs, month_at, month_costs, month_entries
from analysis.wire import as_data
from interviews.permissions import access_interview
from ops.authentication import principal_of
from ops.budgets import BudgetState
from ops.etags import ConditionalReads
from ops.openapi import PROBLEMS, paged
from ops.paging import KeysetPagination
from ops.receipts import Receipt
from ops.savings import LEVERS

SUMS = (
    "storage_calls",
    "s3_calls",
    "audio_s",
    "tokens",
    "mails",
    "entries",
    "unpriced",
    "cost_usd",
    "saved_usd",
    "cache_share",
)


class CostsRead(ConditionalReads, APIView):
    """For owners and interviewers; the same 404 as nothing for everybody else."""

    required_scope = "results:read"
    throttle_scope = "reads"


@extend_schema(tags=["usage"])
class SessionUsageView(CostsRead):
    @extend_schema(
        operation_id="session_usage",
        responses={200: SessionReceiptSerializer, **PROBLEMS},
    )
    def get(self, request: Request, key: str, session_id: UUID) -> Response:
        """Return the receipt of a session."""
        found = costs.session_receipt(principal_of(request), key, session_id)
        answer = {
            "session_id": str(found.session_id),
            "summary": one_line(found.receipt),
            "sums": sums_of(found.receipt),
            "lines": as_data(found.receipt.lines),
            "heard_locally": found.heard_locally,
            "is_unrated_by_budget": found.is_unrated_by_budget,
            "why_local": found.why_local,
        }
        return Response(answer)


@extend_schema(tags=["usage"])
class UsageView(CostsRead):
    @extend_schema(
        operation_id="usage_month",
        parameters=[UsageQuerySerializer],
        responses={200: UsageSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return what a month cost, what was saved against what, and this month's budget."""
        principal = principal_of(request)
        organization = access_costs(principal)
        asked = UsageQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        key = asked.validated_data.get("interview", "")
        if key:
            access_interview(principal, key)
        found = month_costs(
            organization,
            month_at=month_at(asked.validated_data.get("month", "")),
            now=timezone.now(),
            interview_key=key,
        )
        return Response(month_document(found))


class EntryPages(KeysetPagination):
    ordering = ("-at", "-id")


@extend_schema(tags=["usage"])
class UsageEntriesView(CostsRead):
    @extend_schema(
        operation_id="usage_entries",
        parameters=[EntriesQuerySerializer],
        responses={200: paged(UsageEntrySerializer), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return the counted rows of a month, newest first."""
        organization = access_costs(principal_of(request))
        asked = EntriesQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        rows = month_entries(organization, month_at(wanted.get("month", "")))
        if "kind" in wanted:
            rows = rows.filter(kind=wanted["kind"])
        if "session" in wanted:
            rows = rows.filter(subject_id=wanted["session"])
        pages = EntryPages()
        page = pages.paginate_queryset(rows, request, self)
        return pages.get_paginated_response(UsageEntrySerializer(page, many=True).data)


def month_document(found: MonthCosts) -> dict[str, Any]:
    """Return a month as the answer has it."""
    return {
        "month": f"{found.month_on:%Y-%m}",
        "sums": sums_of(found.receipt),
        "lines": as_data(found.receipt.lines),
        "interviews": as_data(found.interviews),
        "saved": [
            {
                "by": each.lever,
                "alternative": str(LEVERS[each.lever].alternative),
                "kind": each.kind,
                "unit": each.unit,
                "quantity": each.quantity,
                "usd": as_data(each.usd),
            }
            for each in found.saved
        ],
        "by_day": {
            on.isoformat(): {group: as_data(usd) for group, usd in groups.items()}
            for on, groups in found.by_day.items()
        },
        "kept": as_data(found.kept),
        "projection_per_1000_sessions": as_data(found.projection),
        "budget": budget_document(found.budget),
    }


def budget_document(state: BudgetState) -> dict[str, Any]:
    """Return how far a budget is used; JSON has no infinity, so nothing of nothing is 1."""
    share = state.share
    return {
        "budget_usd": as_data(state.budget_usd),
        "spent_usd": as_data(state.spent_usd),
        "share": 1.0 if share == float("inf") else share,
        "is_warning": state.is_warning,
        "is_exceeded": state.is_exceeded,
    }


def sums_of(receipt: Receipt) -> dict[str, Any]:
    """Return what a receipt comes to, as the answer has it."""
    return {name: as_data(getattr(receipt, name)) for name in SUMS}
