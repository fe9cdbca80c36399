"""Costs as people read them: dollars, quantities, one line for a session. Pure."""

from decimal import Decimal

from ops.receipts import Receipt

UNPRICED = "no price known"
SMALL, TINY = Decimal("0.1"), Decimal("0.0001")
UNITS = {"call": "", "url": "", "token": "", "mail": ""}
SIZES = ((2**30, "GB"), (2**20, "MB"), (2**10, "KB"))


def usd(amount: Decimal | None) -> str:
    """Return dollars with as many places as the sum needs; what has no price says so."""
    if amount is None:
        return UNPRICED
    size = abs(amount)
    places = 2 if size >= SMALL or not size else 4 if size >= TINY else 8
    return f"{amount:,.{places}f} USD"


def quantity(amount: float, unit: str) -> str:
    """Return a quantity with its unit; of calls and tokens the number says enough."""
    if unit == "byte":
        return size_words(amount)
    number = f"{amount:,.1f}" if unit == "s" else f"{amount:,.0f}"
    return f"{number} {UNITS.get(unit, unit)}".strip()


def size_words(size_bytes: float) -> str:
    """Return bytes in the unit that suits them."""
    for limit, name in SIZES:
        if abs(size_bytes) >= limit:
            return f"{size_bytes / limit:,.1f} {name}"
    return f"{size_bytes:,.0f} bytes"


def share(value: float | None) -> str:
    """Return a share as a percentage; "" where there is none."""
    return "" if value is None else f"{value:.0%}".replace("%", " %")


def one_line(receipt: Receipt) -> str:
    """Return the receipt in a line: calls, audio, tokens, what caches spared, dollars."""
    calls = receipt.storage_calls
    name = "S3 calls" if receipt.s3_calls == calls and calls else "storage calls"
    parts = [f"{name} {calls:,}", f"audio {receipt.audio_s:,.0f} s", f"tokens {receipt.tokens:,}"]
    if receipt.cache_share:
        parts.append(f"saved by cache {share(receipt.cache_share)}")
    return ", ".join([*parts, usd(receipt.cost_usd)])
