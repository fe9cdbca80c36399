"""What a browser may load and do on a page of Candor (SECURITY rule 6)."""

from collections.abc import Sequence
from urllib.parse import urlsplit

DIRECTIVES = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "media-src": ["'self'", "blob:"],
    "connect-src": ["'self'"],
    "font-src": ["'self'"],
    "manifest-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
# Recordings are sent straight to an S3 server, and played from there.
OF_STORAGE = ("connect-src", "media-src", "img-src")


def directives(storage_origins: Sequence[str]) -> dict[str, list[str]]:
    """Return the policy, with the S3 server's origins where recordings travel."""
    return {
        name: [*sources, *(storage_origins if name in OF_STORAGE else ())]
        for name, sources in DIRECTIVES.items()
    }


def storage_origins(endpoint_url: str, *, bucket: str, region: str, style: str) -> list[str]:
    """Return the origins of a bucket's objects; none without a bucket."""
    if not bucket:
        return []
    parts = urlsplit(endpoint_url or f"https://s3.{region}.amazonaws.com")
    host = f"{bucket}.{parts.netloc}" if style == "virtual" else parts.netloc
    return [f"{parts.scheme}://{host}"]
