"""JSON as a row keeps it: sent on as it is, taken apart only where somebody looks inside. Pure."""

import json
from typing import Any


class StoredJson:
    """The text of a JSON value."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredJson) and self.value == other.value

    __hash__ = None  # type: ignore[assignment] # equal values may have different texts

    @property
    def value(self) -> Any:
        """Return it as dicts, lists, text and numbers."""
        return json.loads(self.text)
