"""Bodies in which a misspelt field is a mistake, not something to be passed over."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

MOST_TOLD = 20
MOST_CHARS = 100


class ExactSerializer(serializers.Serializer[Any]):
    """Takes the fields it knows and refuses any other by name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [str(name)[:MOST_CHARS] for name in data if name not in known]
            if unknown:
                told = {name: ["There is no such field."] for name in unknown[:MOST_TOLD]}
                raise serializers.ValidationError(told)
        return super().to_internal_value(data)
