"""Dead letters as staff see them: each with its history, and in groups acted on at once."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ops import staff
from ops.admin.filters import AgeFilter, CodeFilter, QueueFilter, StageFilter
from ops.admin.jobs import RETRY, job_link, jobs_with_reference
from ops.admin.letter_forms import LetterFilterForm, LetterOrderForm
from ops.admin_actions import Deed, confirmed_action
from ops.admin_base import StaffAdmin
from ops.authentication import principal_of
from ops.dead_letters import discard_letters
from ops.letter_actions import Order, Outcome, act_on_letters
from ops.letter_queries import LetterFilters, count_by_queue, group_letters, matching_letters
from ops.models import DeadLetter, Job

RETRY_LETTERS = Deed(**RETRY, target="job__public_id", allowed=Q(job__state=Job.State.DEAD))
DISCARD_LETTERS = Deed(
    name="discard",
    label=_("Discard"),
    done=_("Discarded"),
    consequence=_("They leave the list of open dead letters. Their jobs stay as they are."),
    target="pk",
    allowed=Q(state=DeadLetter.State.OPEN),
    perform=discard_letters,
)
STATES = {
    "open": _("It waits for somebody: retry it, or discard it."),
    "retrying": _(
        "Its job is at work again. The letter stays until that has succeeded, and is open again "
        "if it fails."
    ),
    "resolved": _("Its job was driven again and succeeded. There is nothing to do."),
    "discarded": _("Somebody put it away. Its job stays dead and can still be retried."),
    "expired": _(
        "Nobody acted on it in time. What it said was deleted; that it was there stands in the "
        "audit trail."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDeed:
    """What is done to all that match."""

    action: str  # of ops.letter_actions
    label: str | Promise
    consequence: str | Promise
    done: str | Promise
    has_rate: bool


GROUP_DEEDS = {
    "retry": GroupDeed(
        action="retry_all",
        label=_("Retry all of them"),
        consequence=RETRY["consequence"],
        done=_("Go back to work: %d"),
        has_rate=True,
    ),
    "discard": GroupDeed(
        action="clear",
        label=_("Discard all of them"),
        consequence=DISCARD_LETTERS.consequence,
        done=_("Discarded: %d"),
        has_rate=False,
    ),
}


@admin.register(DeadLetter)
class DeadLetterAdmin(StaffAdmin):
    list_display = (
        "failure_code",
        "job_link",
        "queue",
        "state",
        "goes_back",
        "fingerprint_start",
        "redrives",
        "created_at",
        "expires_at",
    )
    list_filter = (
        "state",
        CodeFilter,
        StageFilter,
        QueueFilter,
        AgeFilter,
        ("redrive_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("job",)
    search_fields = ("failure_code", "fingerprint", "job__stage")
    search_help_text = _("A support reference, an id, a failure code, a stage, a fingerprint.")
    ordering = ("-created_at",)
    actions = (confirmed_action(RETRY_LETTERS), confirmed_action(DISCARD_LETTERS))
    change_list_template = "admin/ops/deadletter/change_list.html"
    change_form_template = "admin/ops/deadletter/change_form.html"

    def get_urls(self) -> list[Any]:
        """Put the groups before the stock pages, whose last route catches all."""
        view = self.admin_site.admin_view
        return [
            path("groups/", view(self.groups), name="ops_deadletter_groups"),
            path("groups/<slug:deed>/", view(self.act), name="ops_deadletter_act"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Explain the states beside the list."""
        return super().changelist_view(request, {"states": STATES, **(extra_context or {})})

    # --- columns --------------------------------------------------------------------------
    @admin.display(description=_("job"), ordering="job_id")
    def job_link(self, row: DeadLetter) -> str:
        """Lead to the job, which tells the whole story."""
        return job_link(row.job)

    @admin.display(description=_("fingerprint"), ordering="fingerprint")
    def fingerprint_start(self, row: DeadLetter) -> str:
        """Show enough of it to see which failures are alike."""
        return row.fingerprint[:8]

    @admin.display(description=_("goes back to work"), ordering="redrive_at")
    def goes_back(self, row: DeadLetter) -> str | None:
        """Say when, and who asked for it."""
        if row.redrive_at is None:
            return None
        when = date_format(timezone.localtime(row.redrive_at), "Y-m-d H:i:s")
        return f"{when}, {row.redrive_actor or _('by itself')}"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by support reference, too."""
        found, has_doubles = super().get_search_results(request, queryset, search_term)
        return found | queryset.filter(job__in=jobs_with_reference(search_term)), has_doubles

    # --- one letter -----------------------------------------------------------------------
    def render_change_form(  # noqa: PLR0913, PLR0917 - Django's signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add what happened to its job, what the state means and what can be done."""
        site: Any = self.admin_site
        run = obj.job.run
        context |= {
            "history": staff.job_history(obj.job),
            "subject_url": site.page_of(run.subject_kind, run.subject_id),
            "state_explained": STATES[obj.state],
            "goes_back": self.goes_back(obj),
            "is_open": obj.state == DeadLetter.State.OPEN,
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- many letters ---------------------------------------------------------------------
    def groups(self, request: HttpRequest) -> HttpResponse:
        """Show open letters by what they have in common, the largest groups first."""
        form, now = LetterFilterForm(request.GET), timezone.now()
        letters = matching_letters(form.filters, now)
        queues = count_by_queue(letters)
        context = {
            **self._told(request, _("Dead letters by cause")),
            "form": form,
            "groups": group_letters(letters, by=form.grouped_by, now=now),
            "total": sum(queue.count for queue in queues.values()),
        }
        return TemplateResponse(request, "admin/ops/deadletter/groups.html", context)

    def act(self, request: HttpRequest, deed: str) -> HttpResponse:
        """Say what would happen to all that match; do it when that is confirmed with a reason."""
        chosen, asked = GROUP_DEEDS.get(deed), LetterFilterForm(request.GET)
        if chosen is None or asked.is_refused:
            messages.error(request, _("There is no such group of dead letters."))
            return redirect("admin:ops_deadletter_groups")
        data = request.POST if request.method == "POST" else None
        form = LetterOrderForm(data, has_rate=chosen.has_rate)
        if form.is_bound and form.is_valid() and "confirm" in request.POST:
            outcome = self._order(request, chosen, asked.filters, form, is_dry_run=False)
            messages.success(request, str(chosen.done) % outcome.count)
            return redirect("admin:ops_deadletter_groups")
        outcome = self._order(request, chosen, asked.filters, form, is_dry_run=True)
        if form.is_bound and "confirm" not in request.POST:
            form.errors.pop("reason", None)  # it was asked how long it takes, not to do it
        context = {
            **self._told(request, chosen.label),
            "deed": chosen,
            "form": form,
            "asked": asked,
            "outcome": outcome,
            "lasts_s": (outcome.last_at - timezone.now()).total_seconds()
            if outcome.last_at
            else None,
        }
        return TemplateResponse(request, "admin/ops/deadletter/act.html", context)

    def _order(
        self,
        request: HttpRequest,
        deed: GroupDeed,
        filters: LetterFilters,
        form: LetterOrderForm,
        *,
        is_dry_run: bool,
    ) -> Outcome:
        said = form.cleaned_data if form.is_bound else {}
        return act_on_letters(
            Order(
                action=deed.action,
                filters=filters,
                actor=principal_of(request).key,
                reason=said.get("reason", ""),
                now=timezone.now(),
                is_dry_run=is_dry_run,
                rate_per_min=said.get("rate_per_min"),
            )
        )

    def _told(self, request: HttpRequest, title: str | Promise) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            "list_url": reverse("admin:ops_deadletter_changelist"),
        }
