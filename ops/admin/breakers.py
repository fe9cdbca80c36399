"""Circuit breakers as staff see them: held open or closed by hand, or left to judge."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ops import breakers, failures
from ops.admin_actions import Deed, confirmed_action
from ops.admin_base import StaffAdmin, known_values
from ops.breaker_rules import Force
from ops.dead_letters import Tally
from ops.models import BreakerState

WORDS = {
    "closed": _("closed: calls are made"),
    "open": _("open: no calls are made"),
    "half_open": _("half open: one call tries"),
}
HELD = {
    "open": _("held open: no calls are made"),
    "closed": _("held closed: calls are made, whatever comes of them"),
}

HeldFilter = known_values(
    "forced", _("held by hand"), lambda: [("open", _("Held open")), ("closed", _("Held closed"))]
)


def _force(to: Force) -> Callable[..., Tally]:
    def perform(*, ids: Iterable[str], actor: str, reason: str, now: datetime) -> Tally:
        names = list(ids)
        for name in names:
            breakers.force_breaker(dependency=name, to=to, actor=actor, reason=reason, now=now)
        return Tally(done=len(names), refused=0, reasons=())

    return perform


HOLD_OPEN = Deed(
    name="hold_open",
    label=_("Hold open"),
    done=_("Held open"),
    consequence=_(
        "From now on the service is not called. Jobs that need it take the next engine, or wait "
        "until somebody closes the breaker or lets it judge by itself; waiting costs no attempt."
    ),
    allowed=~Q(forced="open"),
    target="pk",
    perform=_force("open"),
)
HOLD_CLOSED = Deed(
    name="hold_closed",
    label=_("Hold closed"),
    done=_("Held closed"),
    consequence=_(
        "From now on the service is called however often it fails: nothing protects it, or the "
        "jobs' attempts, until somebody lets the breaker judge by itself."
    ),
    allowed=~Q(forced="closed"),
    target="pk",
    perform=_force("closed"),
)
RELEASE = Deed(
    name="release",
    label=_("Let it judge by itself"),
    done=_("Judging by themselves again"),
    consequence=_("It starts closed, with nothing counted, and opens when the service fails."),
    allowed=~Q(forced="") | ~Q(state=BreakerState.State.CLOSED),
    target="pk",
    perform=_force(""),
)


@admin.register(BreakerState)
class BreakerStateAdmin(StaffAdmin):
    list_display = (
        "dependency",
        "how_it_stands",
        "failures_in_row",
        "opened_at",
        "next_probe",
        "turned_away",
        "trips",
        "last_failure",
    )
    list_filter = ("state", HeldFilter)
    search_fields = ("dependency", "failure_code")
    ordering = ("dependency",)
    actions = tuple(confirmed_action(deed) for deed in (HOLD_OPEN, HOLD_CLOSED, RELEASE))
    change_list_template = "admin/ops/breakerstate/change_list.html"
    change_form_template = "admin/ops/breakerstate/change_form.html"

    @admin.display(description=_("state"), ordering="state")
    def how_it_stands(self, row: BreakerState) -> Any:
        """Say what it does now: what staff hold it at counts more than what it found."""
        return HELD.get(row.forced) or WORDS[row.state]

    @admin.display(description=_("next probe"), ordering="open_until")
    def next_probe(self, row: BreakerState) -> datetime | None:
        """Tell when one call may try; a held breaker never tries."""
        return None if row.forced else row.open_until

    @admin.display(description=_("turned away"), ordering="refused")
    def turned_away(self, row: BreakerState) -> int:
        """Count the calls that were not made since it opened."""
        return row.refused

    @admin.display(description=_("last opened by"), ordering="failure_code")
    def last_failure(self, row: BreakerState) -> str | None:
        """Show the code with its sentence."""
        failure = failures.FAILURES.get(row.failure_code)
        if failure is None:
            return row.failure_code or None
        return format_html("<code>{}</code> {}", failure.code, failure.message)
