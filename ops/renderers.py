"""JSON that is bytes already goes out as it is; everything else as REST framework writes it."""

from typing import Any

from rest_framework.renderers import JSONRenderer


class ReadyJSONRenderer(JSONRenderer):
    """For reads whose answer was encoded where it was read; problems still come as dicts."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        if isinstance(data, bytes):
            return data
        rendered: bytes = super().render(data, *args, **kwargs)
        return rendered
