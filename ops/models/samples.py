"""What was measured of the machine room: minute by minute, then hour by hour."""

from typing import ClassVar

from django.db import models


class Sample(models.Model):
    """One measure of one thing in one minute or hour (ops/measures.py lists the measures)."""

    class Span(models.TextChoices):
        MINUTE = "minute"
        HOUR = "hour"
        TOTAL = "total"  # since the beginning: grows and is never deleted

    span = models.CharField(max_length=6, choices=Span.choices)
    metric = models.CharField(max_length=20)
    label = models.CharField(max_length=60, blank=True)  # a queue, failure code, dependency, cache
    at = models.DateTimeField()  # where the minute or hour begins
    value = models.FloatField(null=True)  # of levels the mean, of counts the sum
    highest = models.FloatField(null=True)  # of levels
    buckets = models.JSONField(null=True)  # of durations: ops/histograms.py

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["span", "metric", "at", "label"], name="one_sample_per_minute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.label} {self.at:%Y-%m-%d %H:%M}"
