"""The clients that talk to an S3 server and sign for it: one of each per process and endpoint."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.exceptions  # noqa: TID251 - the door itself
from botocore.parsers import ResponseParserError  # noqa: TID251 - the door itself
from django.conf import settings
from storages.backends.s3 import S3Storage  # noqa: TID251 - the door itself

from ops.failures import StageFailure, classify, retry_after_s
from recordings.objects import Operation, count
from recordings.s3_options import s3_options
from recordings.shut_door import require_open

MISSING = frozenset({"NoSuchKey", "NoSuchUpload", "InvalidPart", "404", "NotFound"})
# A request's price class by the verb of its name; Amazon's price list, read 2026-11.
OPERATIONS: tuple[tuple[str, Operation], ...] = (
    ("Head", "head"),
    ("Get", "get"),
    ("List", "list"),
    ("Copy", "copy"),
    ("Restore", "restore"),
    ("Delete", "delete"),
    ("Abort", "delete"),  # free, as deleting is
    ("", "put"),  # PUT, POST and whatever else changes something
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an S3 server is and as whom we call."""

    url: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    addressing: str


_clients: dict[Endpoint, Any] = {}
_lock = threading.Lock()


def client() -> Any:
    """Return the client for calls from this machine."""
    return _client(_endpoint(settings.S3_ENDPOINT_URL))


def signing_client() -> Any:
    """Return the client that signs for browsers, who may see the server under another address."""
    return _client(_endpoint(settings.S3_PUBLIC_ENDPOINT_URL or settings.S3_ENDPOINT_URL))


def _endpoint(url: str) -> Endpoint:
    return Endpoint(
        url,
        settings.S3_REGION,
        settings.S3_ACCESS_KEY_ID,
        settings.S3_SECRET_ACCESS_KEY,
        settings.S3_ADDRESSING_STYLE,
    )


def _client(endpoint: Endpoint) -> Any:
    require_open("s3 client")
    found = _clients.get(endpoint)
    if found is None:
        with _lock:  # making one takes 10 to 50 ms and is not safe in several threads at once
            found = _clients.get(endpoint) or _clients.setdefault(endpoint, _made(endpoint))
    return found


def _made(endpoint: Endpoint) -> Any:
    options = s3_options(
        bucket="",
        endpoint_url=endpoint.url,
        region=endpoint.region,
        access_key_id=endpoint.access_key_id,
        secret_access_key=endpoint.secret_access_key,
        addressing=endpoint.addressing,
    )
    made = S3Storage(**options).connection.meta.client
    made.meta.events.register("before-send.s3", _count_request)
    return made


def _count_request(event_name: str, **_: Any) -> None:
    """Count a request as it leaves, whoever makes it."""
    name = event_name.rpartition(".")[2]
    operation = next(known for verb, known in OPERATIONS if name.startswith(verb))
    count(operation, provider="s3")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Have nothing of botocore come out: a missing or existing object is the system's own error.

    Raises: FileNotFoundError, FileExistsError, StageFailure
    """
    try:
        yield
    except botocore.exceptions.ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise FileNotFoundError(code) from error
        if code in ("PreconditionFailed", "412"):
            raise FileExistsError(code) from error
        raise _failure(error) from error
    except (botocore.exceptions.BotoCoreError, ResponseParserError) as error:
        raise _failure(error) from error


def _failure(error: Exception) -> StageFailure:
    return StageFailure(classify(error).code, str(error)[:300], retry_after_s(error))


def error_code(failure: StageFailure) -> str:
    """Return what the server itself called a failure, "" when it said nothing."""
    error = failure.__cause__
    if isinstance(error, botocore.exceptions.ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return ""
