"""Runs, jobs and what became of them, as staff see them."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ops import staff
from ops.admin.filters import CodeFilter, EventTypeFilter, QueueFilter, StageFilter
from ops.admin_actions import Deed, confirmed_action
from ops.admin_base import StaffAdmin
from ops.admin_links import subject_link
from ops.dead_letters import cancel_jobs, retry_jobs
from ops.models import (
    Attempt,
    Event,
    Job,
    PeriodicTurn,
    Run,
    UsageEntry,
    WorkerHeartbeat,
)
from ops.timelines import run_timeline
from ops.turns import reschedule_jobs

RETRY: dict[str, Any] = {
    "name": "retry",
    "label": _("Retry"),
    "done": _("Will be tried again"),
    "consequence": _(
        "Each job goes on from the stage that failed. Its dead letter stays until the new attempt "
        "has succeeded."
    ),
    "perform": retry_jobs,
}
RETRY_JOBS = Deed(**RETRY, target="public_id", allowed=Q(state=Job.State.DEAD))
CANCEL_JOBS = Deed(
    name="cancel",
    label=_("Cancel"),
    done=_("Cancelled"),
    consequence=_(
        "What waits is not begun, what runs is stopped within a second or so. The session goes on "
        "without it and says what is missing."
    ),
    target="public_id",
    allowed=Q(state__in=Job.OPEN),
    perform=cancel_jobs,
)
MOVES = (
    ("start_now", _("Start now"), {"delay": timedelta(0)}),
    ("wait_an_hour", _("Wait for an hour"), {"delay": timedelta(hours=1)}),
    ("before_others", _("Put before others"), {"priority": "high"}),
    ("usual_place", _("Put in its usual place"), {"priority": "normal"}),
    ("after_others", _("Put after others"), {"priority": "low"}),
)
MOVE_JOBS = [
    Deed(
        name=name,
        label=label,
        done=_("Moved"),
        consequence=_(
            "Only what waits is moved. What runs goes on, what starts later takes its usual place."
        ),
        target="public_id",
        allowed=Q(state=Job.State.WAITING),
        perform=partial(reschedule_jobs, **to),
    )
    for name, label, to in MOVES
]


@admin.register(Run)
class RunAdmin(StaffAdmin):
    list_display = (
        "id",
        subject_link,
        "state",
        "percent",
        "current_stage",
        "organization",
        "created_at",
    )
    list_filter = ("state", "created_at")
    list_select_related = ("organization",)
    search_fields = ("board", "current_stage", "organization__name")
    search_help_text = _("An id (of the run or its session), a board's key, a stage.")
    ordering = ("-created_at",)
    change_form_template = "admin/ops/run/change_form.html"

    def render_change_form(  # noqa: PLR0913, PLR0917 - Django's signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add the run in time."""
        context["timeline"] = run_timeline(obj, timezone.now())
        return super().render_change_form(request, context, add, change, form_url, obj)


@admin.register(Job)
class JobAdmin(StaffAdmin):
    list_display = (
        "stage",
        subject_link,
        "run_id",
        "state",
        "outcome",
        "queue",
        "priority_word",
        "attempts",
        "failure_code",
        "run_at",
    )
    list_filter = ("state", StageFilter, QueueFilter, CodeFilter, "created_at")
    search_fields = ("stage", "failure_code", "worker")
    search_help_text = _(
        "An id (of the job, its run or its subject), a support reference, a worker."
    )
    actions = tuple(confirmed_action(deed) for deed in (RETRY_JOBS, CANCEL_JOBS, *MOVE_JOBS))
    change_form_template = "admin/ops/job/change_form.html"
    shown = frozenset({"token"})  # the fence: a count of claims

    @admin.display(description=_("priority"), ordering="priority")
    def priority_word(self, row: Job) -> str:
        """Say it as the REST API does."""
        return row.priority_name

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by support reference, too."""
        found, has_doubles = super().get_search_results(request, queryset, search_term)
        return found | queryset.filter(pk__in=jobs_with_reference(search_term)), has_doubles

    def render_change_form(  # noqa: PLR0913, PLR0917 - Django's signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add what happened to the job and what can be done with it."""
        site: Any = self.admin_site
        context |= {
            "history": staff.job_history(obj),
            "timeline": run_timeline(obj.run, timezone.now(), chosen=obj.pk),
            "subject_url": site.page_of(obj.subject_kind, obj.subject_id),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)


@admin.register(Attempt)
class AttemptAdmin(StaffAdmin):
    list_display = (
        "id",
        "job_link",
        "outcome",
        "failure_code",
        "support_reference",
        "worker",
        "started_at",
        "ended_at",
    )
    list_filter = ("outcome", CodeFilter, "started_at")
    list_select_related = ("job",)
    search_fields = ("support_reference__exact", "worker", "failure_code")
    search_help_text = _("A support reference, a worker, a failure code.")
    shown = frozenset({"token"})

    @admin.display(description=_("job"), ordering="job_id")
    def job_link(self, row: Attempt) -> str:
        """Lead to the job, which tells the whole story."""
        return job_link(row.job)


@admin.register(Event)
class EventAdmin(StaffAdmin):
    list_display = ("id", "run_id", "seq", "type", "at")
    list_filter = (EventTypeFilter, "at")
    search_fields = ("type",)
    search_help_text = _("The id of a run, or a type of event.")


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(StaffAdmin):
    list_display = ("key", "queue", "host", "status", "sentinel_pid", "at")
    list_filter = ("queue",)
    search_fields = ("key", "host")
    ordering = ("queue", "key")


@admin.register(PeriodicTurn)
class PeriodicTurnAdmin(StaffAdmin):
    list_display = ("name", "due_at", "started_at", "finished_at", "support_reference")
    search_fields = ("name", "support_reference")
    search_help_text = _("A piece of periodic work, or the support reference of its failure.")
    ordering = ("name",)


@admin.register(UsageEntry)
class UsageEntryAdmin(StaffAdmin):
    list_display = (
        "at",
        "organization",
        "kind",
        "quantity",
        "provider",
        "cost_usd",
        subject_link,
    )
    list_filter = ("at",)
    list_select_related = ("organization",)
    search_fields = ("kind", "provider", "organization__name")


def jobs_with_reference(search_term: str) -> QuerySet[Any]:
    """Return the jobs one of whose attempts carries this support reference, as a subquery."""
    attempts = Attempt.objects.exclude(support_reference="")
    return attempts.filter(support_reference=search_term.strip()).values("job_id")


def job_link(job: Job) -> str:
    """Return a link to the job's page."""
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:ops_job_change", args=(job.pk,)), job.stage
    )
