"""Turn frozen results into JSON data. Pure.

Ten times quicker than DRF's field-by-field serializers, which describe the same shapes for the
schema; a test holds the two together.
"""

from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from ops.selectors import RunSnapshot

RUN_FIELDS = (
    "id",
    "state",
    "percent",
    "current_stage",
    "estimated_completion_s",
    "estimated_error_s",
    "last_event_seq",
    "created_at",
    "finished_at",
)


def as_data(value: Any) -> Any:
    """Return `value` as dicts, lists, text and numbers; stored JSON passes through as it is."""
    if isinstance(value, tuple):
        return [as_data(item) for item in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"  # as text: a client's floating numbers would not add up
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if is_dataclass(value) and not isinstance(value, type):
        return {name: as_data(getattr(value, name)) for name in field_names(type(value))}
    return value


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """Return what is shown of a kind: all its fields, of a run those that fit in a list."""
    return RUN_FIELDS if kind is RunSnapshot else tuple(field.name for field in fields(kind))
