"""Turn frozen results into JSON data. Pure.

Ten times quicker than DRF's field-by-field serializers, which describe the same shapes for the
schema; a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import orjson

from ops.selectors import RunSnapshot, RunSummary
from ops.stored_json import StoredJson

PLAIN: dict[type, Callable[[Any], Any]] = {
    UUID: str,
    Decimal: lambda value: f"{value:f}",  # as text: a client's floating numbers would not add up
    datetime: lambda value: value.isoformat().replace("+00:00", "Z"),
    StoredJson: lambda value: value.value,
}


def as_data(value: Any) -> Any:
    """Return `value` as dicts, lists, text and numbers; stored JSON passes through as it is."""
    if isinstance(value, tuple):
        return [as_data(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: as_data(getattr(value, name)) for name in field_names(type(value))}
    to_data = PLAIN.get(type(value))
    return to_data(value) if to_data else value


def as_json(value: Any) -> bytes:
    """Return the bytes of a frozen result; stored JSON goes into them as it is."""
    return orjson.dumps(value, default=_part, option=orjson.OPT_UTC_Z)


def _part(value: Any) -> Any:
    if isinstance(value, StoredJson):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is no part of a result")


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """Return what is shown of a kind: all its fields, of a run those that fit in a list."""
    shown = RunSummary if kind is RunSnapshot else kind
    return tuple(field.name for field in fields(shown))
