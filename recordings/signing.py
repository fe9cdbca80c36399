"""Presigned S3 URLs by Signature Version 4, as botocore writes them, only sooner. Pure.

Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API
reference, read 2026-11. tests/recordings/test_signing.py holds every URL to botocore's, byte for
byte.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from hashlib import _Hash

Method = Literal["GET", "HEAD", "PUT", "POST", "DELETE"]

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_LIFETIME_S = 7 * 24 * 3600  # S3 refuses what should live longer
BLOCK_BYTES = 64  # of SHA-256, for HMAC (RFC 2104)
OUTER, INNER = bytes(b ^ 0x5C for b in range(256)), bytes(b ^ 0x36 for b in range(256))
# Names that sort behind all of `X-Amz-…`, as S3's own parameters do: they are lower case.
BEHIND = "X-Amz-z"
PLAIN = re.compile(r'[\w.~ ";=/-]*', re.ASCII).fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """Whose signature it is; `token` comes with temporary credentials."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Moment:
    """What all URLs share that are signed at one time for one lifetime with the same headers."""

    is_for: tuple[datetime, int, str]
    pairs: tuple[str, ...]  # of the query, in botocore's order
    canonical: str  # the same, sorted
    preamble: str  # of the text to be signed
    inner: "_Hash"
    outer: "_Hash"


def window_start(now: datetime, window_s: int) -> datetime:
    """Return the last full multiple of `window_s` since 1970: the same in every process.

    What is signed at that time is the same URL for as long as the window lasts, so that browsers
    and caches know it again.
    """
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % max(window_s, 1), UTC)


class Presigner:
    """Signs URLs of one bucket's objects. Threads may share it."""

    def __init__(self, *, base_url: str, path_prefix: str, key: SigningKey) -> None:
        """Take `https://host[:port]`, and `/bucket` where the bucket is no part of the host."""
        self._base_url = base_url
        self._host = _host_of(base_url)
        self._path_prefix = path_prefix
        self._key = key
        self._moment: _Moment | None = None

    def presign(  # noqa: PLR0913 - all that a signature covers
        self,
        method: Method,
        object_key: str,
        *,
        at: datetime,
        lifetime_s: int,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Return a URL that allows this one request from `at` on for `lifetime_s`.

        Whoever uses it must send `headers` as they are signed. Raises: ValueError
        """
        names, lines = self._headers(headers)
        is_for = (at, lifetime_s, names)
        moment = self._moment
        if moment is None or moment.is_for != is_for:
            moment = self._moment = self._moment_of(at, lifetime_s, names)
        asked = [f"{_name(name)}={_value(value)}" for name, value in (query or {}).items()]
        path = f"{self._path_prefix}/{quote(object_key, safe='/~')}"
        request = (
            f"{method}\n{path}\n{_sorted_query(asked, moment)}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
        )
        inner, outer = moment.inner.copy(), moment.outer.copy()
        inner.update((moment.preamble + sha256(request.encode()).hexdigest()).encode())
        outer.update(inner.digest())
        search = "&".join((*asked, *moment.pairs))
        return f"{self._base_url}{path}?{search}&X-Amz-Signature={outer.hexdigest()}"

    def _headers(self, headers: Mapping[str, str] | None) -> tuple[str, str]:
        """Return the names that are signed, and their canonical lines."""
        if not headers:
            return "host", f"host:{self._host}\n"
        rows = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
        rows["host"] = self._host
        names = sorted(rows)
        return ";".join(names), "".join(f"{name}:{rows[name]}\n" for name in names)

    def _moment_of(self, at: datetime, lifetime_s: int, names: str) -> _Moment:
        if not 0 < lifetime_s <= MAX_LIFETIME_S:
            raise ValueError("a presigned URL lives from one second to seven days")
        stamp = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        scope = f"{stamp[:8]}/{self._key.region}/s3/aws4_request"
        query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self._key.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(lifetime_s),
            "X-Amz-SignedHeaders": names,
        }
        if self._key.token is not None:
            query["X-Amz-Security-Token"] = self._key.token
        pairs = tuple(f"{name}={quote(value, safe='-._~')}" for name, value in query.items())
        secret = self._secret_of(stamp[:8]).ljust(BLOCK_BYTES, b"\0")
        return _Moment(
            is_for=(at, lifetime_s, names),
            pairs=pairs,
            canonical="&".join(sorted(pairs)),
            preamble=f"{ALGORITHM}\n{stamp}\n{scope}\n",
            inner=sha256(secret.translate(INNER)),
            outer=sha256(secret.translate(OUTER)),
        )

    def _secret_of(self, day: str) -> bytes:
        """Return the key with which the URLs of a day are signed."""
        secret = f"AWS4{self._key.secret_key}".encode()
        for part in (day, self._key.region, "s3", "aws4_request"):
            secret = hmac.digest(secret, part.encode(), "sha256")
        return secret


def _host_of(base_url: str) -> str:
    """Return the Host header that clients send: a scheme's own port is not in it."""
    parts = urlsplit(base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    is_usual = parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme))
    return host if is_usual else f"{host}:{parts.port}"


def _sorted_query(asked: list[str], moment: _Moment) -> str:
    """Return all of the query in canonical order: by name, then by value."""
    if not asked:
        return moment.canonical
    if min(asked) > BEHIND:
        asked = sorted(asked, key=_halves) if len(asked) > 1 else asked
        return f"{moment.canonical}&{'&'.join(asked)}"
    return "&".join(sorted((*asked, *moment.pairs), key=_halves))


def _halves(pair: str) -> list[str]:
    """`a-b=` comes after `a=`, which by the whole text it would not."""
    return pair.split("=", 1)


@lru_cache(maxsize=64)
def _name(name: str) -> str:
    return quote(name, safe="-._~")


def _value(value: str) -> str:
    """Percent-encode; what our own headers are made of goes a shorter way."""
    if not PLAIN(value):
        return quote(value, safe="-._~")
    return (
        value.replace(" ", "%20").replace('"', "%22").replace("/", "%2F").replace(";", "%3B")
    ).replace("=", "%3D")
