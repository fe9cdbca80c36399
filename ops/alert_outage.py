"""Tells that the database does not answer: the one alert that no row can carry.

Each supervisor watches for itself and remembers in memory what it told.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from ops import alert_channels, alert_rules, processes
from ops.alerts import outage_message

logger = logging.getLogger(__name__)


class OutageWatch:
    """What one supervisor sees of the database, look by look."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._told_at: datetime | None = None

    def failed(self, now: datetime) -> None:
        """Note that the database did not answer; tell it when it lasts, once an hour."""
        self._since = self._since or now
        rule = alert_rules.rules_in_force(settings.ALERT_RULES).get("database_down_s")
        if rule is None or now - self._since < timedelta(seconds=rule.limit or 0.0):
            return
        if self._told_at is None or now - self._told_at >= alert_rules.AGAIN_AFTER:
            minutes = (now - self._since).total_seconds() / 60
            text = f"The supervisor on {processes.HOST} has not reached it for {minutes:.1f} min."
            if _send(text):
                self._told_at = now

    def answered(self, now: datetime) -> None:
        """Note that it answers; who was told of the outage is told that it is over."""
        if self._since is None:
            return
        if self._told_at is not None:
            minutes = (now - self._since).total_seconds() / 60
            text = f"The database answers {processes.HOST} again, after {minutes:.1f} min."
            if not _send(text, is_over=True):
                return  # tried again at the next look
        self._since = self._told_at = None


def _send(text: str, *, is_over: bool = False) -> bool:
    """Whether any channel took it; each that did not is logged."""
    message = outage_message(text, is_over=is_over)
    deliveries = alert_channels.send(message, alert_channels.known_channels())
    for delivery in deliveries:
        if not delivery.is_done:
            logger.error("An alert did not reach %s: %s", delivery.channel, delivery.error)
    return not deliveries or any(delivery.is_done for delivery in deliveries)
