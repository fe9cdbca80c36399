"""Filters over values that the code knows, so that no table is asked for them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ops import failures, pipeline
from ops.admin_base import known_values

EVENT_TYPES = (
    "progress",
    "stage",
    "failed",
    "completed",
    "consent",
    "upload",
    "answer",
    "submitted",
    "sealed",
    "expired",
)
AGES = {
    "hour": (_("Less than an hour"), timedelta(0), timedelta(hours=1)),
    "day": (_("An hour to a day"), timedelta(hours=1), timedelta(days=1)),
    "week": (_("A day to a week"), timedelta(days=1), timedelta(days=7)),
    "older": (_("Over a week"), timedelta(days=7), timedelta(days=36500)),
}


def codes() -> Iterable[tuple[str, str]]:
    """Return every failure code there is."""
    return ((code, code) for code in sorted(failures.FAILURES))


def stages() -> Iterable[tuple[str, str]]:
    """Return every stage there is, in order."""
    return ((stage.name, stage.name) for stage in pipeline.in_order())


def queues() -> Iterable[tuple[str, str]]:
    """Return the queues that stages name."""
    return ((name, name) for name in sorted({stage.queue for stage in pipeline.in_order()}))


CodeFilter = known_values("failure_code", _("failure code"), codes)
StageFilter = known_values("stage", _("stage"), stages)
EventTypeFilter = known_values("type", _("type"), lambda: ((name, name) for name in EVENT_TYPES))
QueueFilter = known_values("queue", _("queue"), queues)


class AgeFilter(admin.SimpleListFilter):
    """How long ago a job gave up."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's signature
        return [(key, label) for key, (label, _youngest, _oldest) in AGES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        if self.value() not in AGES:
            return queryset
        _label, youngest, oldest = AGES[str(self.value())]
        now = timezone.now()
        return queryset.filter(created_at__lte=now - youngest, created_at__gt=now - oldest)
