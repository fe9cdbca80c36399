"""The one door to OpenAI, or to any server that speaks its API (OPENAI_BASE_URL)."""

import openai  # noqa: TID251 - this is the door
from django.conf import settings

from analysis.engines.base import Availability

OpenAI = openai.OpenAI
ChatCompletion = openai.types.chat.ChatCompletion
UNSAID = openai.omit
NotFoundError = openai.NotFoundError


def availability() -> Availability:
    """Say whether a key is set; whether it is good, only a call can tell."""
    if not settings.OPENAI_API_KEY:
        return Availability(ok=False, reason="no API key: set OPENAI_API_KEY")
    return Availability(ok=True)


def client(*, timeout_s: float | None = None) -> OpenAI:
    """Return a client. It never retries: one layer owns retries, the job engine.

    `timeout_s`: less patience than OPENAI_TIMEOUT_S, where a person waits.
    """
    patience_s = settings.OPENAI_TIMEOUT_S
    return OpenAI(
        api_key=settings.OPENAI_API_KEY,
        base_url=settings.OPENAI_BASE_URL or None,
        timeout=patience_s if timeout_s is None else min(timeout_s, patience_s),
        max_retries=0,
    )
