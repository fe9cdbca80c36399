"""What staff are told without asking, and every message that tells it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Alert(models.Model):
    """One thing that staff should know; a row per thing, however often it comes back."""

    class Severity(models.TextChoices):
        WARNING = "warning"
        CRITICAL = "critical"

    key = models.CharField(primary_key=True, max_length=120)  # rule, or rule:what
    rule = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    summary = models.CharField(max_length=500)
    path = models.CharField(max_length=200, blank=True)  # below /admin/: the page that tells more
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    last_sent_at = models.DateTimeField(null=True)
    count = models.PositiveIntegerField(default=0)  # how often it was told
    resolved_at = models.DateTimeField(null=True)  # none: it holds
    is_end_due = models.BooleanField(default=False)  # was told, and that it is over was not

    class Meta:
        indexes: ClassVar = [models.Index(fields=["resolved_at"])]

    def __str__(self) -> str:
        return self.key


class AlertNotice(models.Model):
    """One message to one channel: it is tried until it is delivered or too old."""

    channel = models.CharField(max_length=40)  # its kind and a mark; the address is a secret
    kind = models.CharField(max_length=10)  # warning, failure or success
    title = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)  # of the last try

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"],
                condition=Q(delivered_at__isnull=True, given_up_at__isnull=True),
                name="alert_notice_waits",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} to {self.channel}"
