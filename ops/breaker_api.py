"""REST for the circuit breakers: staff look at them and hold them."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops import breakers
from ops.authentication import IsStaff, principal_of
from ops.breaker_serializers import (
    FORCES,
    BreakerListSerializer,
    BreakerRowSerializer,
    HoldBreakerSerializer,
)
from ops.idempotency import idempotent
from ops.openapi import IDEMPOTENCY_KEY, PROBLEMS


class BreakerPanel(APIView):
    permission_classes = [IsStaff]
    required_scope = "ops:manage"
    throttle_scope = "reads"

    @extend_schema(
        operation_id="breakers",
        responses={200: BreakerListSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Return every circuit breaker that has counted a call, by name."""
        return Response(BreakerListSerializer({"breakers": breakers.list_breakers()}).data)

    @extend_schema(
        operation_id="breakers_hold",
        request=HoldBreakerSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: BreakerRowSerializer, **PROBLEMS},
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Hold a breaker open or closed until further notice, or let it judge by itself again."""
        body = HoldBreakerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        name = body.validated_data["dependency"]
        if name not in {view.dependency for view in breakers.list_breakers()}:
            raise Http404
        breakers.force_breaker(
            dependency=name,
            to=FORCES[body.validated_data["to"]],
            actor=principal_of(request).key,
            reason=body.validated_data["reason"],
            now=timezone.now(),
        )
        (view,) = (view for view in breakers.list_breakers() if view.dependency == name)
        return Response(BreakerRowSerializer(view).data)
