"""Who signs the URLs of objects that are given out: we ourselves, or boto3; the setting S3_SIGNER.

Both sign at the time that is asked for and give the same URL, byte for byte.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3  # noqa: TID251 - whose credentials a signature is made with
from botocore.auth import AUTH_TYPE_MAPS, S3SigV4QueryAuth  # noqa: TID251 - see AlignedAuth
from django.conf import settings

from recordings.s3_client import signing_client
from recordings.shut_door import require_open
from recordings.signing import Presigner, SigningKey

ALIGNED = "candor-s3v4-query"  # ends as botocore wants a signer of URLs to end
_signed_at: ContextVar[datetime] = ContextVar("s3_signed_at")


class Signer(ABC):
    """Signs GET URLs of one bucket; no call to the server."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    @abstractmethod
    def get_url(
        self, key: str, *, signed_at: datetime, lifetime_s: int, query: Mapping[str, str]
    ) -> str:
        """Return a URL that gives the object from `signed_at` on for so long.

        `query` says what headers the answer is to have (`response-…`).
        """


class OwnSigner(Signer):
    """recordings/signing.py: about 30 times sooner."""

    def get_url(
        self, key: str, *, signed_at: datetime, lifetime_s: int, query: Mapping[str, str]
    ) -> str:
        return presigner(self.bucket).presign(
            "GET", key, at=signed_at, lifetime_s=lifetime_s, query=query
        )


class AlignedAuth(S3SigV4QueryAuth):  # type: ignore[misc] # botocore has no types
    """botocore's signer of URLs, at a time that we choose: it has no parameter for it."""

    def _modify_request_before_signing(self, request: Any) -> None:
        request.context["timestamp"] = f"{_signed_at.get().astimezone(UTC):%Y%m%dT%H%M%SZ}"
        super()._modify_request_before_signing(request)


class BotoSigner(Signer):
    """The cached client of boto3."""

    PARAMETERS = {
        "response-content-type": "ResponseContentType",
        "response-content-disposition": "ResponseContentDisposition",
    }

    def get_url(
        self, key: str, *, signed_at: datetime, lifetime_s: int, query: Mapping[str, str]
    ) -> str:
        shown = {self.PARAMETERS[name]: value for name, value in query.items()}
        client = signing_client()
        AUTH_TYPE_MAPS[ALIGNED] = AlignedAuth
        # Registering twice under one name keeps one.
        client.meta.events.register("choose-signer.s3.GetObject", _choose, unique_id=ALIGNED)
        token = _signed_at.set(signed_at)
        try:
            url: str = client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self.bucket, "Key": key, **shown},
                ExpiresIn=lifetime_s,
            )
        finally:
            _signed_at.reset(token)
        return url


def _choose(signing_name: str, **_: Any) -> str | None:  # noqa: ARG001 - botocore's names
    return ALIGNED if _signed_at.get(None) is not None else None


SIGNERS: dict[str, Callable[[str], Signer]] = {"own": OwnSigner, "boto3": BotoSigner}
MOST_KEPT = 16
_presigners: dict[tuple[str, ...], Presigner] = {}
_session_lock = threading.Lock()
_session: list[Any] = []


def signer(bucket: str) -> Signer:
    """Return the signer that the settings name."""
    require_open("sign")
    return SIGNERS[settings.S3_SIGNER](bucket)


def presigner(bucket: str) -> Presigner:
    """Return our signer of a bucket's URLs as browsers see them, one per process and key."""
    credentials = (settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY)
    key = None if credentials[0] else signing_key()  # that of a role changes with time
    if key is not None:
        credentials = (key.access_key, f"{key.secret_key} {key.token}")
    where = (settings.S3_PUBLIC_ENDPOINT_URL, settings.S3_ENDPOINT_URL, settings.S3_REGION)
    place = (bucket, settings.S3_ADDRESSING_STYLE, *where, *credentials)
    found = _presigners.get(place)
    if found is None:
        if len(_presigners) >= MOST_KEPT:  # credentials that were replaced are not kept for ever
            _presigners.clear()
        endpoint: str = signing_client().meta.endpoint_url
        found = _presigners[place] = _presigner(
            endpoint, settings.S3_ADDRESSING_STYLE, bucket, key or signing_key()
        )
    return found


def _presigner(endpoint: str, addressing: str, bucket: str, key: SigningKey) -> Presigner:
    if addressing == "path":
        return Presigner(base_url=endpoint, path_prefix=f"/{bucket}", key=key)
    parts = urlsplit(endpoint)
    return Presigner(base_url=f"{parts.scheme}://{bucket}.{parts.netloc}", path_prefix="", key=key)


def signing_key() -> SigningKey:
    """Return the settings' key, or that of the machine's role, which is renewed by itself.

    Raises: RuntimeError when there is none.
    """
    if settings.S3_ACCESS_KEY_ID:
        return SigningKey(
            access_key=settings.S3_ACCESS_KEY_ID,
            secret_key=settings.S3_SECRET_ACCESS_KEY,
            region=settings.S3_REGION,
        )
    with _session_lock:
        if not _session:
            _session.append(boto3.Session())
    credentials = _session[0].get_credentials()
    if credentials is None:
        raise RuntimeError("there are no credentials to sign with: set S3_ACCESS_KEY_ID")
    frozen = credentials.get_frozen_credentials()
    return SigningKey(
        access_key=frozen.access_key,
        secret_key=frozen.secret_key,
        region=settings.S3_REGION,
        token=frozen.token,
    )
