"""Dollars and quantities in templates."""

from decimal import Decimal

from django.template import Library

from analysis import cost_words
from ops.receipts import Receipt
from ops.savings import LEVERS

register = Library()


@register.filter
def usd(amount: Decimal | None) -> str:
    """Write dollars."""
    return cost_words.usd(amount)


@register.filter
def of_unit(amount: float, unit: str) -> str:
    """Write a quantity."""
    return cost_words.quantity(amount, unit)


@register.filter
def in_bytes(amount: float) -> str:
    """Write a size."""
    return cost_words.size_words(amount)


@register.filter
def percent(share: float | None) -> str:
    """Write a share."""
    return cost_words.share(share)


@register.filter
def receipt_line(receipt: Receipt) -> str:
    """Write a receipt in one line."""
    return cost_words.one_line(receipt)


@register.filter
def lever(name: str) -> str:
    """Name what spared it."""
    return str(LEVERS[name].label) if name in LEVERS else name
