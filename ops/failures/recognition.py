"""Find the row of an error by what it tells about itself, without knowing its library. Pure."""

import errno
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ops.failures.rows import Facts, Failure, StageFailure
from ops.failures.table import FAILURES


def classify(error: BaseException) -> Failure:
    """Return the row of the table that `error` is, "unknown" if none knows it."""
    return FAILURES[_best_code(error)]


def _best_code(error: BaseException) -> str:
    best_code, best_score = "unknown", 0.0
    for link in _chain(error):
        if isinstance(link, StageFailure):
            if best_score == 0:
                return link.code if link.code in FAILURES else "unknown"
            continue
        code, score = match(facts_of(link))
        # An equally good cause says more than what was raised from it: a name that can't be
        # resolved hides behind "Connection error."
        if score and score >= best_score:
            best_code, best_score = code, score
    return best_code


def match(facts: Facts) -> tuple[str, float]:
    """Return the code of the row that fits best, and how specifically (0: "unknown")."""
    best_code, best_score = "unknown", 0.0
    for failure in FAILURES.values():
        score = max((rule.score(facts) for rule in failure.rules), default=0.0)
        if score > best_score:
            best_code, best_score = failure.code, score
    return best_code, best_score


def facts_of(error: BaseException) -> Facts:
    """Return what can be known of `error` without knowing its library."""
    return Facts(
        types=tuple(
            f"{cls.__module__}.{cls.__qualname__}"
            for cls in type(error).__mro__
            if cls not in (Exception, BaseException, object)
        ),
        codes=frozenset(_codes(error)),
        status=_status(error),
        text=str(error),
    )


def retry_after_s(error: BaseException) -> float | None:
    """Return how many seconds the other side asked to wait, None if it did not say."""
    for link in _chain(error):
        own = getattr(link, "retry_after_s", None)
        if own is not None:
            return float(own)
        headers = _headers(link)
        if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
            return milliseconds / 1000
        if (value := headers.get("retry-after")) is not None:
            return _seconds(value)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it was raised from, at most five deep."""
    link: BaseException | None = error
    for _ in range(5):
        if link is None:
            return
        yield link
        link = link.__cause__


def _codes(error: BaseException) -> Iterator[str]:
    for name in ("code", "type", "sqlite_errorname", "sqlstate"):
        value = getattr(error, name, None)
        if isinstance(value, str):
            yield value
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number in errno.errorcode:
        yield errno.errorcode[number]
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore.exceptions.ClientError
        yield str(response.get("Error", {}).get("Code", ""))


def _status(error: BaseException) -> int | None:
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        status = getattr(error, "status_code", getattr(response, "status_code", None))
    return status if isinstance(status, int) else None


def _headers(error: BaseException) -> dict[str, str]:
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    else:
        headers = getattr(response, "headers", None) or {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _seconds(text: str) -> float | None:
    """Read a Retry-After header: seconds or a date (RFC 9110, 10.2.3)."""
    if (number := _number(text)) is not None:
        return number
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
