"""Alerts: what the rules find becomes rows, rows become messages, messages are sent.

They are no jobs: what they have to tell first is that no worker is left. The rounds of the
supervisor look every half minute. A message is written in the transaction that says it was told,
and tried at every turn until its channel takes it: it may come twice, it is never lost.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from ops import alert_channels, alert_rules, audit
from ops.alert_channels import Channel, Delivery, Message
from ops.alert_measures import measures
from ops.alert_rules import AlertRule, Finding
from ops.models import Alert, AlertNotice

logger = logging.getLogger(__name__)
TRIED_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)
SENT_AT_ONCE = 20
LINES_AT_MOST = 20
TITLE_LENGTH = 200


def look_for_alerts(now: datetime) -> None:
    """Find what staff should know, write it down, tell it. Raises DatabaseError."""
    rules = alert_rules.rules_in_force(settings.ALERT_RULES)
    found = alert_rules.findings(measures(now), rules.values())
    channels = alert_channels.known_channels()
    with transaction.atomic():
        _write_down(found, now)
        if channels:
            _tell_what_is_due(rules, channels, now)
            _tell_that_all_is_well(channels, now)
    send_notices(now)


def send_notices(now: datetime) -> None:
    """Try every message that has not arrived; what fails is tried again at the next turn.

    A channel that fails is left alone until then: the other periodic work waits for this.
    """
    channels = {channel.mark: channel for channel in alert_channels.known_channels()}
    waiting = AlertNotice.objects.filter(delivered_at=None, given_up_at=None)
    hopeless = waiting.filter(~Q(channel__in=channels) | Q(created_at__lt=now - TRIED_FOR))
    for notice in hopeless:
        logger.error("Alert %s to %s is given up", notice.pk, notice.channel)
        AlertNotice.objects.filter(pk=notice.pk).update(given_up_at=now)
    for channel in channels.values():
        for notice in waiting.filter(channel=channel.mark).order_by("pk")[:SENT_AT_ONCE]:
            if not _send_notice(notice, channel, now):
                break


def _send_notice(notice: AlertNotice, channel: Channel, now: datetime) -> bool:
    message = Message(title=notice.title, body=notice.body, kind=notice.kind)
    (delivery,) = alert_channels.send(message, [channel])
    AlertNotice.objects.filter(pk=notice.pk).update(
        tries=F("tries") + 1,
        error=delivery.error,
        delivered_at=now if delivery.is_done else None,
    )
    if not delivery.is_done:
        logger.error("Alert %s did not reach %s: %s", notice.pk, channel.mark, delivery.error)
    return delivery.is_done


def send_test_alert(*, actor: str) -> list[Delivery]:
    """Send a test message to every channel now; return what became of it at each."""
    message = Message(
        title=_title("test alert"),
        body=f"Somebody tries whether alerts arrive. They do.\n{_page('ops/alert/')}",
        kind="info",
    )
    deliveries = alert_channels.send(message, alert_channels.known_channels())
    audit.record(
        organization_id=None,
        actor=actor,
        action="alert.tested",
        subject_kind="alert",
        subject_id="test",
        detail={each.channel: each.error or "delivered" for each in deliveries},
    )
    return deliveries


def forget_alerts(now: datetime) -> None:
    """Delete what has been over for a month."""
    Alert.objects.filter(resolved_at__lte=now - KEPT_FOR).delete()
    AlertNotice.objects.filter(created_at__lte=now - KEPT_FOR).delete()


def outage_message(text: str, *, is_over: bool = False) -> Message:
    """Return what the supervisor sends by itself while there are no rows to write."""
    title = _title("all is well again" if is_over else "the database does not answer")
    return Message(title=title, body=text, kind="success" if is_over else "failure")


def _write_down(found: Iterable[Finding], now: datetime) -> None:
    present = {finding.key: finding for finding in found}
    known = {
        alert.key: alert for alert in Alert.objects.select_for_update().filter(key__in=present)
    }
    for key, finding in present.items():
        alert = known.get(key) or Alert(key=key, opened_at=now)
        if alert.resolved_at is not None:  # it is back
            alert.opened_at, alert.resolved_at = now, None
        alert.rule, alert.severity = finding.rule, finding.severity
        alert.summary, alert.path = finding.text[:500], finding.path
        alert.last_seen_at = now
        alert.save()
    Alert.objects.filter(resolved_at=None).exclude(key__in=present).update(resolved_at=now)


def _tell_what_is_due(
    rules: dict[str, AlertRule], channels: Sequence[Channel], now: datetime
) -> None:
    due = [
        alert
        for alert in Alert.objects.filter(resolved_at=None).order_by("severity", "opened_at")
        if alert_rules.is_due(
            rules[alert.rule],
            opened_at=alert.opened_at,
            last_sent_at=alert.last_sent_at,
            now=now,
        )
    ]
    if not due:
        return
    is_critical = any(alert.severity == Alert.Severity.CRITICAL for alert in due)
    first, *more = due
    title = f"{first.summary}{f' (and {len(more)} more)' if more else ''}"
    _queue(title, due, channels, "failure" if is_critical else "warning", now)
    for alert in due:
        Alert.objects.filter(pk=alert.pk).update(
            last_sent_at=now,
            count=F("count") + 1,
            is_end_due=not rules[alert.rule].is_event,
        )


def _tell_that_all_is_well(channels: Sequence[Channel], now: datetime) -> None:
    """Tell once that everything is over, when everything is."""
    lasting = Alert.objects.filter(is_end_due=True)
    ended = list(lasting.order_by("opened_at"))
    is_over = all(
        alert.resolved_at is not None and now - alert.resolved_at >= alert_rules.QUIET_FOR
        for alert in ended
    )
    if ended and is_over:
        _queue("all is well again", ended, channels, "success", now)
        lasting.update(is_end_due=False)


def _queue(
    title: str, alerts: Sequence[Alert], channels: Iterable[Channel], kind: str, now: datetime
) -> None:
    lines = [_line(alert) for alert in alerts[:LINES_AT_MOST]]
    if len(alerts) > LINES_AT_MOST:
        lines.append(f"and {len(alerts) - LINES_AT_MOST} more: {_page('ops/alert/')}")
    for channel in channels:
        AlertNotice.objects.create(
            channel=channel.mark,
            kind=kind,
            title=_title(title),
            body="\n".join(lines),
            created_at=now,
        )


def _line(alert: Alert) -> str:
    if alert.resolved_at is None:
        return f"{alert.summary}\n{_page(alert.path)}"
    lasted_min = (alert.resolved_at - alert.opened_at).total_seconds() / 60
    return f"Over after {lasted_min:.0f} min: {alert.summary}"


def _title(text: str) -> str:
    return f"Candor at {urlsplit(settings.PUBLIC_URL).hostname}: {text}"[:TITLE_LENGTH]


def _page(path: str) -> str:
    return f"{settings.PUBLIC_URL}/admin/{path}"
