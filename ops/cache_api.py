"""REST for the caches: staff look at them and clear them."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops import cache_clearing, cache_stats
from ops.authentication import IsStaff, principal_of
from ops.cache_serializers import (
    CacheFilterSerializer,
    CachesSerializer,
    ClearCachesSerializer,
    ClearedSerializer,
)
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, PROBLEMS


class CachePanel(APIView):
    permission_classes = [IsStaff]
    required_scope = "ops:manage"
    throttle_scope = "reads"

    @extend_schema(
        operation_id="caches",
        parameters=[CacheFilterSerializer],
        responses={200: CachesSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return what every cache holds, how often it knew and what that spared."""
        asked = CacheFilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        report = cache_stats.caches_report()
        keys = cache_stats.cache_keys(**asked.validated_data)
        shown = {"cache": report, "caches": report.caches, "keys": keys}
        return Response(CachesSerializer(shown).data)

    @extend_schema(
        operation_id="caches_clear",
        request=ClearCachesSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: ClearedSerializer, **PROBLEMS},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Clear all, by cache, by difficulty, by language, or one key; `dry_run` only counts."""
        body = ClearCachesSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        what, is_dry = body.clearing, body.validated_data["dry_run"]
        matching = cache_clearing.count_entries(what)
        cleared = 0
        if not is_dry:
            reason = body.validated_data["reason"]
            cleared = cache_clearing.clear_caches(
                what=what, actor=principal_of(request).key, reason=reason
            )
        told = {"cleared": cleared, "matching": matching, "dry_run": is_dry}
        return Response(ClearedSerializer(told).data)
