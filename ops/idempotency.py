"""Idempotency-Key: a POST sent twice is carried out once and answered twice alike."""

import hashlib
import json
from collections.abc import Callable, Collection
from contextlib import nullcontext
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ops.authentication import principal_of
from ops.models import IdempotencyRecord
from ops.problems import Conflict, Unprocessable

HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 100
REMEMBERED_FOR = timedelta(hours=24)
STUCK_AFTER = timedelta(minutes=10)  # the process that held the key died
KEPT_HEADERS = ("Location", "ETag")
Handler = Callable[..., Response]


def idempotent(
    *, atomic: bool = False, never_stored: Collection[str] = ()
) -> Callable[[Handler], Handler]:
    """Have a `post` method honour Idempotency-Key.

    Same key and same request: the stored answer again, with `Idempotency-Replayed: true`. Same key,
    other request: 422. The first still runs: 409. What fails is not stored: it may be sent again.

    With `atomic` the handler and its stored answer are one transaction, so that even a crash can't
    carry it out twice; right for handlers that touch the database only. Members of the answer named
    in `never_stored` are secrets that exist once: the same answer again has null in their place.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def post(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return handler(view, request, *args, **kwargs)
            record, answer = claim(request, key)
            if answer is not None:
                return answer
            try:
                with transaction.atomic() if atomic else nullcontext():
                    response = handler(view, request, *args, **kwargs)
                    keep(record, response, never_stored)
            except Exception:
                record.delete()
                raise
            return response

        return post

    return decorate


def claim(request: Request, key: str) -> tuple[IdempotencyRecord, Response | None]:
    """Take the key, or return the answer it once got.

    Raises:
        ValidationError: the key is empty, too long or not printable ASCII.
        Unprocessable: the key belongs to another request.
        Conflict: the first request with this key still runs.
    """
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise ValidationError({HEADER: [f"Give 1 to {MAX_KEY_LENGTH} printable characters."]})
    named = {"principal": asker(request), "key": key}
    now = timezone.now()
    expired = IdempotencyRecord.objects.filter(**named, created_at__lt=now - REMEMBERED_FOR)
    stuck = IdempotencyRecord.objects.filter(**named, status=None, created_at__lt=now - STUCK_AFTER)
    (expired | stuck).delete()
    body_hash = hash_of(request)
    # The unique constraint lets one of any number of concurrent requests create the row.
    record, is_first = IdempotencyRecord.objects.get_or_create(
        **named, defaults={"body_hash": body_hash}
    )
    if is_first:
        return record, None
    if record.body_hash != body_hash:
        raise Unprocessable(
            "This Idempotency-Key was used for another request.", code="idempotency_key_reused"
        )
    if record.status is None:
        raise Conflict("The first request with this key still runs.", code="request_in_progress")
    stored = record.answer or {}
    headers = {**stored.get("headers", {}), "Idempotency-Replayed": "true"}
    data = json.loads(stored.get("body", "null"))
    return record, Response(data, status=record.status, headers=headers)


def keep(record: IdempotencyRecord, response: Response, never_stored: Collection[str] = ()) -> None:
    """Store a good answer under the key; forget the key of any other."""
    if response.status_code >= 400:  # noqa: PLR2004 - an error status
        record.delete()
        return
    data = json.loads(JSONRenderer().render(response.data) or b"null")
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    record.status = response.status_code
    # As text: PostgreSQL's JSON forgets the order of members, and with it the ETag would differ.
    record.answer = {"body": json.dumps(without(data, never_stored)), "headers": headers}
    record.save(update_fields=["status", "answer"])


def without(data: Any, names: Collection[str]) -> Any:
    """Return JSON data with null in place of every member of those names, however deep."""
    if isinstance(data, dict):
        return {n: None if n in names else without(part, names) for n, part in data.items()}
    if isinstance(data, list):
        return [without(part, names) for part in data]
    return data


def asker(request: Request) -> str:
    """Name who owns the key: two clients may use the same one."""
    principal = principal_of(request)
    if principal.kind == "anonymous" and request.auth is not None:
        return f"{type(request.auth).__name__}:{request.auth.pk}".lower()
    return principal.key


def hash_of(request: Request) -> str:
    """Return a hash of what is asked: method, path and body, byte for byte."""
    asked = f"{request.method} {request.path}\n".encode() + request.body
    return hashlib.sha256(asked).hexdigest()
