"""The door to apprise: Slack, PagerDuty, e-mail and a hundred more, each an address in ALERT_URLS.

An address is a secret. Rows, pages and logs know a channel by its kind and a mark.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import apprise  # noqa: TID251 - this is the door
from django.conf import settings

from ops import tokens
from ops.masking import masked

WITHIN_S = 10.0  # the supervisor's other periodic work waits for it
MARK_LENGTH = 6
ERROR_LENGTH = 200
SILENT = "It said nothing about why."


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One address of ALERT_URLS."""

    mark: str  # "slack 3fa92c"
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent."""

    title: str
    body: str
    kind: str  # info, success, warning or failure: channels colour by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a message at one channel."""

    channel: str  # its mark
    error: str = ""

    @property
    def is_done(self) -> bool:
        return not self.error


def known_channels() -> tuple[Channel, ...]:
    """Return the channels in the order of ALERT_URLS."""
    return tuple(_channel(url) for url in settings.ALERT_URLS)


def not_understood() -> list[str]:
    """Return the marks of the addresses that apprise can make nothing of."""
    return [channel.mark for channel in known_channels() if not _understands(channel)]


def send(message: Message, channels: Sequence[Channel]) -> list[Delivery]:
    """Send to all channels at once, each within WITHIN_S; never raises."""
    if not channels:
        return []
    with ThreadPoolExecutor(len(channels)) as pool:
        return list(pool.map(lambda channel: _send(message, channel), channels))


def _channel(url: str) -> Channel:
    kind = url.partition("://")[0].lower() or "unknown"
    return Channel(mark=f"{kind} {tokens.keyed_hash(url)[:MARK_LENGTH]}", url=url)


def _understands(channel: Channel) -> bool:
    return apprise.Apprise.instantiate(channel.url, suppress_exceptions=True) is not None


def _send(message: Message, channel: Channel) -> Delivery:
    service = apprise.Apprise.instantiate(channel.url, suppress_exceptions=True)
    if service is None:
        return Delivery(channel=channel.mark, error="ALERT_URLS: this address is not understood.")
    sender = apprise.Apprise(service)
    told = sender.notify(
        body=message.body,
        title=message.title,
        notify_type=apprise.NotifyType(message.kind),
        body_format=apprise.NotifyFormat.TEXT,
        timeout=WITHIN_S,
    )
    return Delivery(channel=channel.mark, error="" if told else _why(told))


def _why(told: apprise.AppriseResult) -> str:
    """Return what apprise logged, masked: it may repeat what the service answered."""
    if told.status == apprise.AppriseResultStatus.TIMEOUT:
        return f"It did not answer within {WITHIN_S:.0f} s."
    lines = [entry.message for result in told for entry in result.logs()]
    return masked(" ".join(lines))[:ERROR_LENGTH] or SILENT
