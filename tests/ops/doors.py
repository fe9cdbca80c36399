"""Small API views that fail, count or wait, under routes of their own."""

import threading

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from ops.conflicts import StateConflict
from ops.failures import StageFailure
from ops.idempotency import idempotent
from ops.models import Organization
from ops.problems import Conflict, TooLarge, Unprocessable


class Item(serializers.Serializer):
    count = serializers.IntegerField(min_value=1)


class Order(serializers.Serializer):
    name = serializers.CharField(max_length=10)
    items = Item(many=True, required=False)


ERRORS = {
    "conflict": Conflict("Not now.", code="not_now"),
    "state": StateConflict("already_sent", "It was sent already."),
    "large": TooLarge(),
    "unprocessable": Unprocessable(),
    "missing": Http404(),
    "media": StageFailure("no_audio_track"),
    "provider": StageFailure("rate_limited", retry_after_s=17),
    "busy": OperationalError("database is locked"),
    "away": OperationalError("connection to server failed: Connection refused"),
    "cut": InterfaceError("connection already closed"),
    "fault": ZeroDivisionError("secret detail"),
}


class Raises(APIView):
    def get(self, _request, name):
        raise ERRORS[name]


def page(_request, name):
    if name in ERRORS:
        raise ERRORS[name]
    return HttpResponse("fine")


class Orders(APIView):
    def post(self, request):
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.validated_data, status=201)


class Open(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "orders"

    def get(self, _request):
        return Response({})


class Creates(APIView):
    """Makes an organization; can wait in the middle or fail after its write."""

    entered, may_go = threading.Event(), threading.Event()
    waits, fails = False, False

    @idempotent()
    def post(self, request):
        return self.create(request)

    def create(self, request):
        made = Organization.objects.create(name=request.data["name"])
        if Creates.waits:
            Creates.entered.set()
            Creates.may_go.wait(5)
        if Creates.fails:
            raise Conflict
        return Response({"id": made.id}, status=201, headers={"Location": f"/{made.id}"})


class CreatesAtOnce(Creates):
    @idempotent(atomic=True)
    def post(self, request):
        return self.create(request)


urlpatterns = [
    path("api/raises/<str:name>", Raises.as_view()),
    path("pages/<str:name>", page),
    path("api/orders", Orders.as_view()),
    path("api/open", Open.as_view()),
    path("api/creates", Creates.as_view()),
    path("api/creates-at-once", CreatesAtOnce.as_view()),
    path("", include("config.urls")),
]
handler400 = "ops.error_pages.bad_request"
handler403 = "ops.error_pages.forbidden"
handler404 = "ops.error_pages.not_found"
handler500 = "ops.problems.server_error"
