"""Keyset pages: stable while rows come and go, with a cursor that fits one list only."""

import hashlib
from typing import Any

from django.core import signing
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

MAX_PAGE_SIZE = 100
OWN_PARAMETERS = ("cursor", "page_size")


class KeysetPagination(CursorPagination):
    """Newest first. `cursor` is signed for the list, its filters and its asker's view of it."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE
    ordering: tuple[str, ...] = ("-created_at", "-id")
    list_id = ""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        filters = sorted(
            (name, value)
            for name, values in request.query_params.lists()
            for value in values
            if name not in OWN_PARAMETERS
        )
        named = repr((request.path, filters, self.ordering)).encode()
        self.list_id = hashlib.sha256(named).hexdigest()
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int:
        """Return `page_size`, 1..100.

        Raises: ValidationError
        """
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_PAGE_SIZE:
            raise ValidationError({"page_size": [f"Give a number from 1 to {MAX_PAGE_SIZE}."]})
        return int(text)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the place that `cursor` marks.

        Raises: ValidationError when it is forged, garbled or from another list
        """
        text = request.query_params.get(self.cursor_query_param)
        if text is None:
            return None
        try:
            place = signing.loads(text, salt=self.salt)
        except signing.BadSignature:
            raise ValidationError({"cursor": ["This cursor is not from this list."]}) from None
        return Cursor(offset=place["o"], reverse=place["r"], position=place["p"])

    def encode_cursor(self, cursor: Cursor) -> str:
        place = {"o": cursor.offset, "r": cursor.reverse, "p": cursor.position}
        text = signing.dumps(place, salt=self.salt)
        return replace_query_param(self.base_url or "", self.cursor_query_param, text)

    @property
    def salt(self) -> str:
        return f"ops.paging.{self.list_id}"


class NumberedPagination(KeysetPagination):
    """Newest first by the number of the row, for tables too large and busy for one more index."""

    ordering = ("-id",)
