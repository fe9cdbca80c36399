"""What staff were told, as staff see it: alerts, the messages about them, and a test."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ops import alert_channels, alert_rules
from ops.admin_base import FilterBase, StaffAdmin, known_values
from ops.alerts import send_test_alert
from ops.authentication import principal_of
from ops.models import Alert, AlertNotice

RuleFilter = known_values("rule", _("rule"), lambda: ((name, name) for name in alert_rules.RULES))


class HoldsFilter(FilterBase):
    title: Any = _("now")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's signature
        return [("yes", _("It holds")), ("no", _("It is over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() == "yes")


@admin.register(Alert)
class AlertAdmin(StaffAdmin):
    list_display = (
        "summary",
        "how_it_stands",
        "severity",
        "opened_at",
        "resolved_at",
        "last_sent_at",
        "count",
        "leads_to",
    )
    list_filter = (HoldsFilter, "severity", RuleFilter)
    search_fields = ("key", "summary")
    ordering = ("-opened_at",)
    change_list_template = "admin/ops/alert/change_list.html"

    def get_urls(self) -> list[Any]:
        """Put the test before the stock pages, whose last route catches all."""
        test = self.admin_site.admin_view(require_POST(self.send_test))
        return [path("test/", test, name="ops_alert_test"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Say who is told and which rules are in force."""
        told = {
            "channels": alert_channels.known_channels(),
            "rules": alert_rules.rules_in_force(settings.ALERT_RULES).values(),
        }
        return super().changelist_view(request, {**told, **(extra_context or {})})

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """Send a test message now and say what became of it at each channel."""
        deliveries = send_test_alert(actor=principal_of(request).key)
        for each in deliveries:
            if each.is_done:
                messages.success(request, _("Arrived: %s") % each.channel)
            else:
                messages.error(request, _("Not arrived: %s") % f"{each.channel}. {each.error}")
        if not deliveries:
            messages.warning(request, _("ALERT_URLS is empty: nobody would be told."))
        return redirect("admin:ops_alert_changelist")

    @admin.display(description=_("now"), ordering="resolved_at")
    def how_it_stands(self, row: Alert) -> Any:
        """Say whether it holds."""
        return _("over") if row.resolved_at else _("holds")

    @admin.display(description=_("leads to"))
    def leads_to(self, row: Alert) -> str:
        """Lead to the page that tells more."""
        return format_html('<a href="/admin/{}">{}</a>', row.path, row.path or "overview")


@admin.register(AlertNotice)
class AlertNoticeAdmin(StaffAdmin):
    list_display = ("title", "channel", "created_at", "delivered_at", "tries", "error")
    list_filter = (("delivered_at", admin.EmptyFieldListFilter), "created_at")
    search_fields = ("title", "channel")
    ordering = ("-created_at", "-pk")
