"""A receipt: what was used for one subject, line by line, adding up exactly to the counted rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ops.models import UsageEntry
from ops.prices import KINDS, STORAGE_CALLS, TOKEN_KINDS

ZERO = Decimal(0)
S3 = "s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """Entries of one kind, provider, model and saving, summed. Unknown prices are None."""

    kind: str
    what: str
    unit: str
    provider: str
    model: str
    quantity: float
    cost_usd: Decimal | None
    saved_by: str
    saved_quantity: float
    saved_usd: Decimal | None
    alternative: str
    entries: int
    unpriced: int  # entries without a price, not in the cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """All lines of a subject, and what they come to."""

    lines: tuple[ReceiptLine, ...]

    @property
    def storage_calls(self) -> int:
        return int(self.quantity(STORAGE_CALLS))

    @property
    def s3_calls(self) -> int:
        return int(self.quantity(STORAGE_CALLS, provider=S3))

    @property
    def audio_s(self) -> float:
        return self.quantity(("audio_s",))

    @property
    def tokens(self) -> int:
        return int(self.quantity(TOKEN_KINDS))

    @property
    def mails(self) -> int:
        return int(self.quantity(("mail",)))

    @property
    def entries(self) -> int:
        return sum(line.entries for line in self.lines)

    @property
    def unpriced(self) -> int:
        return sum(line.unpriced for line in self.lines)

    @property
    def cost_usd(self) -> Decimal | None:
        """What is priced of it, summed; None where nothing is."""
        known = [line.cost_usd for line in self.lines if line.cost_usd is not None]
        return sum(known, ZERO) if known else None

    @property
    def saved_usd(self) -> Decimal:
        """What all levers spared, as far as prices are known."""
        return sum((line.saved_usd or ZERO for line in self.lines), ZERO)

    @property
    def cache_share(self) -> float | None:
        """Spared by caches, of what would have been paid without them; None: nothing was paid."""
        spared = sum((row.saved_usd or ZERO for row in self.lines if row.saved_by == "cache"), ZERO)
        whole = (self.cost_usd or ZERO) + spared
        return float(spared / whole) if whole else None

    def quantity(self, kinds: Iterable[str], *, provider: str = "") -> float:
        """Return how much was used of these kinds, by one provider or all."""
        wanted = set(kinds)
        return sum(
            line.quantity
            for line in self.lines
            if line.kind in wanted and provider in ("", line.provider)
        )


def receipt_of(subject_id: UUID) -> Receipt:
    """Return what was used for a subject, in one query."""
    return receipt(UsageEntry.objects.filter(subject_id=subject_id).order_by("pk"))


def receipt(entries: Iterable[UsageEntry]) -> Receipt:
    """Sum entries up; decimals by decimals, so that not a trillionth is lost."""
    grouped: dict[tuple[str, ...], list[UsageEntry]] = {}
    for entry in entries:
        key = (entry.kind, entry.provider, entry.model, entry.saved_by, entry.alternative)
        grouped.setdefault(key, []).append(entry)
    order = list(KINDS)
    places = {kind: order.index(kind) if kind in KINDS else len(order) for kind, *_ in grouped}
    keys = sorted(grouped, key=lambda key: (places[key[0]], key))
    return Receipt(lines=tuple(_line(grouped[key]) for key in keys))


def _line(entries: list[UsageEntry]) -> ReceiptLine:
    first = entries[0]
    kind = KINDS.get(first.kind)
    costs = [entry.cost_usd for entry in entries if entry.cost_usd is not None]
    spared = [entry.saved_usd for entry in entries if entry.saved_usd is not None]
    return ReceiptLine(
        kind=first.kind,
        what=kind.label if kind else first.kind,
        unit=first.unit,
        provider=first.provider,
        model=first.model,
        quantity=_sum(entry.quantity for entry in entries),
        cost_usd=sum(costs, ZERO) if costs else None,
        saved_by=first.saved_by,
        saved_quantity=_sum(entry.saved_quantity for entry in entries),
        saved_usd=sum(spared, ZERO) if spared else None,
        alternative=first.alternative,
        entries=len(entries),
        unpriced=len(entries) - len(costs),
    )


def _sum(quantities: Iterable[float]) -> float:
    """Add in decimals: ten times 0.1 s is one second."""
    return float(sum((Decimal(repr(quantity)) for quantity in quantities), ZERO))
