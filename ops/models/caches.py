"""What caches keep, who is making what is missing, and how often they were asked."""

from typing import ClassVar

from django.db import models

from ops.models.accounts import Organization


class CacheEntry(models.Model):
    """One kept value. Its key is a hash: of what it was made, and for whom if that is personal."""

    cache = models.CharField(max_length=30)  # ops/caches.py: declared caches
    key = models.CharField(max_length=64)
    variant = models.PositiveSmallIntegerField(default=0)  # of several values of one key
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="cache_entries", null=True
    )
    subject_id = models.UUIDField(null=True, db_index=True)  # whose it is: forgotten with it
    label = models.CharField(max_length=120, blank=True)  # for lists; nothing personal
    difficulty = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=60, blank=True)
    value = models.JSONField(null=True)
    blob = models.BinaryField(null=True)
    size_bytes = models.PositiveIntegerField(default=0)
    tokens = models.PositiveIntegerField(default=0)  # what making it took: what a hit saves
    cost_usd = models.DecimalField(max_digits=18, decimal_places=12, null=True)  # null: not known
    hits = models.PositiveIntegerField(default=0)
    last_hit_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "cache entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cache", "key", "variant"], name="one_cache_entry")
        ]
        indexes: ClassVar = [
            models.Index(fields=["cache", "difficulty", "language"], name="cache_dimensions"),
            models.Index(fields=["cache", "created_at"], name="cache_age"),
        ]

    def __str__(self) -> str:
        return f"{self.cache} {self.key[:12]}"


class CacheFlight(models.Model):
    """Somebody is making a missing value; whoever else misses it waits (ops/flights.py)."""

    name = models.CharField(max_length=120, unique=True)
    token = models.UUIDField()
    until = models.DateTimeField()  # after that its maker is taken for dead
    failure_code = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class CacheMinute(models.Model):
    """How often a cache was asked within a minute, and what it spared."""

    cache = models.CharField(max_length=30)
    at = models.DateTimeField()  # where the minute begins; 1970: all minutes that are summed up
    asked = models.PositiveIntegerField(default=0)
    hits = models.PositiveIntegerField(default=0)
    saved_tokens = models.PositiveBigIntegerField(default=0)
    saved_usd = models.DecimalField(max_digits=18, decimal_places=12, default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cache", "at"], name="one_cache_minute")
        ]

    def __str__(self) -> str:
        return f"{self.cache} {self.at:%Y-%m-%d %H:%M}"


class CacheClearing(models.Model):
    """How often a cache was cleared whose entries live in the memory of every process."""

    cache = models.CharField(max_length=30, unique=True)
    times = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.cache
