"""Caches over REST: what is asked for and what is told."""

from typing import Any

from rest_framework import serializers

from ops.cache_clearing import Clearing
from ops.exact import ExactSerializer

REASON_CHARS = 300


class CacheRowSerializer(serializers.Serializer[Any]):
    """One cache of the table."""

    name = serializers.CharField(source="cache.name")
    keeps = serializers.CharField(source="cache.keeps")
    saves = serializers.CharField(source="cache.saves")
    place = serializers.CharField(source="cache.place")
    ttl_s = serializers.FloatField()
    max_entries = serializers.IntegerField(source="cache.max_entries")
    dimensions = serializers.ListField(child=serializers.CharField(), source="cache.dimensions")
    entries = serializers.IntegerField()
    keys = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(allow_null=True)
    lookups = serializers.IntegerField(source="asked")
    hits = serializers.IntegerField()
    hit_rate = serializers.FloatField(source="hit_share", allow_null=True, help_text="0..1")
    saved_tokens = serializers.IntegerField()
    saved_usd = serializers.DecimalField(max_digits=18, decimal_places=12)


class CacheSumsSerializer(serializers.Serializer[Any]):
    """All caches together."""

    total_keys = serializers.IntegerField()
    total_entries = serializers.IntegerField()
    by_difficulty = serializers.DictField(child=serializers.IntegerField())
    by_language = serializers.DictField(child=serializers.IntegerField())
    hit_rate = serializers.FloatField(
        source="hit_share", allow_null=True, help_text="0..1; null: nobody asked."
    )
    saved_tokens = serializers.IntegerField()
    saved_usd = serializers.DecimalField(max_digits=18, decimal_places=12)


class CacheKeySerializer(serializers.Serializer[Any]):
    """One key with its variants together; what is kept is not told."""

    cache = serializers.CharField()
    key = serializers.CharField()
    about = serializers.CharField(source="label", allow_blank=True)
    difficulty = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    variants = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    hits = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class CachesSerializer(serializers.Serializer[Any]):
    """How the caches fare, and the newest keys that match."""

    cache = CacheSumsSerializer()
    caches = CacheRowSerializer(many=True)
    keys = CacheKeySerializer(many=True)


class CacheFilterSerializer(ExactSerializer):
    """Which entries are meant; what is left out does not matter."""

    cache = serializers.CharField(required=False, max_length=30)
    difficulty = serializers.CharField(required=False, max_length=10)
    language = serializers.CharField(required=False, max_length=60)


class ClearCachesSerializer(CacheFilterSerializer):
    """What to clear: something that is named, or `all`."""

    key = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    all = serializers.BooleanField(default=False, help_text="Needed where nothing is named.")
    reason = serializers.CharField(max_length=REASON_CHARS, help_text="Kept in the audit trail.")
    dry_run = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.clearing_of(attrs).is_all != attrs["all"]:
            raise serializers.ValidationError(
                {"all": ["Name what to clear, or say all: true and nothing else."]}
            )
        return attrs

    @property
    def clearing(self) -> Clearing:
        """Return what is to be cleared."""
        return self.clearing_of(self.validated_data)

    @staticmethod
    def clearing_of(told: dict[str, Any]) -> Clearing:
        """Return what these fields name."""
        names = ("cache", "difficulty", "language", "key")
        return Clearing(**{name: told[name] for name in names if told.get(name)})


class ClearedSerializer(serializers.Serializer[Any]):
    """How many entries went, or would go."""

    cleared = serializers.IntegerField()
    matching = serializers.IntegerField()
    dry_run = serializers.BooleanField()
