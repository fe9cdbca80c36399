"""Secrets that people and clients carry: made here, stored only as keyed hashes."""

import hashlib
import hmac
import secrets

from django.conf import settings

PREFIX_LENGTH = 8  # kept in clear so that support can tell links apart


def new_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def keyed_hash(token: str) -> str:
    """Return the HMAC-SHA256 of `token` under the pepper, in hex."""
    return hmac.new(settings.TOKEN_PEPPER.encode(), token.encode(), hashlib.sha256).hexdigest()


def prefix(token: str) -> str:
    """Return the part of a token that may be shown and stored."""
    return token[:PREFIX_LENGTH]
