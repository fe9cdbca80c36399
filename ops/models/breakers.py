"""Circuit breakers: one row per outside service, shared by all processes."""

from django.db import models


class BreakerState(models.Model):
    """How one dependency fared of late (ops/breaker_rules.py explains the columns)."""

    class State(models.TextChoices):
        CLOSED = "closed"
        OPEN = "open"
        HALF_OPEN = "half_open"

    dependency = models.CharField(primary_key=True, max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLOSED)
    forced = models.CharField(max_length=10, blank=True)  # by staff: "open", "closed" or neither
    failures_in_row = models.PositiveIntegerField(default=0)
    window_from = models.DateTimeField(null=True)
    window_calls = models.PositiveIntegerField(default=0)
    window_failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    cooldown_s = models.FloatField(default=0)
    probe = models.UUIDField(null=True)
    probe_until = models.DateTimeField(null=True)
    refused = models.PositiveIntegerField(default=0)
    trips = models.PositiveIntegerField(default=0)
    failure_code = models.CharField(max_length=40, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "circuit breaker"

    def __str__(self) -> str:
        return f"{self.dependency}: {self.forced or self.state}"
