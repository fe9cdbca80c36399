"""The usage ledger: the one door through which what is spent is counted.

1. Somebody opens a **bill**: the job engine for every attempt, the middleware for every request.
2. `charged_to(...)` says who pays for what happens inside.
3. Doors say `count(kind, quantity)`: added up in the bill, one line per kind, provider, model and
   payer. What a provider bills is said by `record_usage(...)` and written at once, before anything
   else can go wrong: it is spent, whatever becomes of the attempt.
4. The bill is written with the job's settling, in its transaction, or else when it is closed: an
   attempt that fails, is cancelled or comes too late has spent its calls all the same.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from ops.models import UsageEntry
from ops.prices import KINDS, PriceTable, price_table

logger = logging.getLogger(__name__)
EXACT = Decimal(1).scaleb(-12)  # what a cost is rounded to


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays: an organization, for a subject of its own (ops knows ids and no more)."""

    organization_id: UUID | None = None
    subject_kind: str = ""
    subject_id: UUID | None = None
    run_id: UUID | None = None
    job_id: UUID | None = None
    attempt: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What was not spent, and what it would have been spent on: the stated alternative."""

    by: str  # ops/savings.py
    quantity: float
    provider: str  # of the alternative
    model: str = ""
    kind: str = ""  # "": the same as what is counted
    is_instead: bool = False  # what is counted stands in its place: its own cost comes off


@dataclass(frozen=True, slots=True)
class _Line:
    payer: Payer
    kind: str
    provider: str
    model: str
    saved_by: str = ""
    alternative: tuple[str, str, str] = ("", "", "")  # provider, model, kind
    is_instead: bool = False


@dataclass(slots=True)
class _Amount:
    at: datetime
    quantity: float = 0
    saved_quantity: float = 0
    key: UUID = field(default_factory=uuid4)


class Bill:
    """What an attempt or a request has spent and is not written yet."""

    def __init__(self) -> None:
        self._counted: dict[_Line, _Amount] = {}
        self._recorded: list[tuple[_Line, _Amount]] = []

    def add(self, line: _Line, quantity: float, saved_quantity: float) -> None:
        """Add to the line of its kind and payer."""
        amount = self._counted.setdefault(line, _Amount(timezone.now()))
        amount.quantity += quantity
        amount.saved_quantity += saved_quantity

    def append(self, line: _Line, quantity: float, saved_quantity: float) -> None:
        """Add a line of its own."""
        self._recorded.append((line, _Amount(timezone.now(), quantity, saved_quantity)))

    def write_recorded(self) -> None:
        """Write what may not wait. Where the database is away it stays in the bill."""
        if not self._recorded or transaction.get_connection().in_atomic_block:
            return  # a transaction that is undone would take it along
        try:
            _insert(self._recorded)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Usage waits to be written: %s", type(error).__name__)
        else:
            self._recorded.clear()

    def write(self) -> None:
        """Write every line; call `forget` when that is committed."""
        _insert([*self._counted.items(), *self._recorded])

    def forget(self) -> None:
        """Drop what is written for good."""
        self._counted.clear()
        self._recorded.clear()

    def __bool__(self) -> bool:
        return bool(self._counted or self._recorded)


_bill: ContextVar[Bill | None] = ContextVar("bill", default=None)
NOBODY = Payer()
_payer: ContextVar[Payer] = ContextVar("payer", default=NOBODY)


@contextmanager
def opened_bill() -> Iterator[Bill]:
    """Add up what is counted inside and write it at the end, if nobody did before."""
    bill = Bill()
    token = _bill.set(bill)
    try:
        yield bill
    finally:
        _bill.reset(token)
        _close(bill)


@contextmanager
def charged_to(  # noqa: PLR0913 - the columns of a payer
    *,
    organization_id: UUID | None = None,
    subject_kind: str = "",
    subject_id: UUID | None = None,
    run_id: UUID | None = None,
    job_id: UUID | None = None,
    attempt: int | None = None,
) -> Iterator[None]:
    """Have what is counted inside paid by this subject; what is not said stays as it was."""
    told = {
        "organization_id": organization_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "run_id": run_id,
        "job_id": job_id,
        "attempt": attempt,
    }
    changes = {name: value for name, value in told.items() if value}
    token = _payer.set(replace(_payer.get(), **changes))  # type: ignore[arg-type] # by name
    try:
        yield
    finally:
        _payer.reset(token)


@contextmanager
def transaction_with_bill() -> Iterator[None]:
    """Open a transaction that ends by writing the open bill: both are committed, or neither.

    If it fails nothing is forgotten; the next one, or the bill's end, writes it.
    """
    bill = _bill.get()
    with transaction.atomic():
        yield
        if bill is not None:
            bill.write()
    if bill is not None:
        bill.forget()


def count(
    kind: str,
    quantity: float = 1,
    *,
    provider: str,
    model: str = "",
    saving: Saving | None = None,
) -> None:
    """Count what was used, for whoever is charged; written with the open bill, or now."""
    line, saved = _line(_payer.get(), kind, provider, model, saving)
    bill = _bill.get()
    if bill is None:
        _insert([(line, _Amount(timezone.now(), quantity, saved))])
    else:
        bill.add(line, quantity, saved)


def record_usage(  # noqa: PLR0913 - the columns of the ledger
    *,
    kind: str,
    quantity: float,
    provider: str,
    model: str = "",
    organization_id: UUID | None = None,
    subject_kind: str = "",
    subject_id: UUID | None = None,
    run_id: UUID | None = None,
    saving: Saving | None = None,
) -> None:
    """Write down at once what a provider bills; who pays is said here or by `charged_to`.

    Inside a transaction it waits for the bill to be closed: it is spent even if all is undone.
    """
    with charged_to(
        organization_id=organization_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        run_id=run_id,
    ):
        payer = _payer.get()
    line, saved = _line(payer, kind, provider, model, saving)
    bill = _bill.get()
    if bill is None:
        _insert([(line, _Amount(timezone.now(), quantity, saved))])
    else:
        bill.append(line, quantity, saved)
        bill.write_recorded()


def forget_subject(*, subject_id: UUID) -> int:
    """Take an erased subject's ids off its entries; return of how many. The sums stay."""
    entries = UsageEntry.objects.filter(subject_id=subject_id)
    return entries.update(subject_id=None, run_id=None, job_id=None, attempt=None)


def prices() -> PriceTable:
    """Return the price table with what the setting PRICES changes."""
    return _prices(repr(settings.PRICES))


def cost_usd(
    *, kind: str, quantity: float, provider: str, model: str = "", at: datetime
) -> Decimal | None:
    """Return what a quantity costs by the table, None if nobody knows."""
    price = prices().price(provider=provider, kind=kind, model=model, on=at.date())
    return None if price is None else _times(price.unit_usd, quantity)


@lru_cache(maxsize=4)
def _prices(_told: str) -> PriceTable:
    return price_table(settings.PRICES)


def _times(unit_usd: Decimal, quantity: float) -> Decimal:
    return (unit_usd * Decimal(repr(quantity))).quantize(EXACT)


def _line(
    payer: Payer, kind: str, provider: str, model: str, saving: Saving | None
) -> tuple[_Line, float]:
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of usage (ops/prices.py)")
    if saving is None:
        return _Line(payer, kind, provider, model), 0
    alternative = (saving.provider, saving.model, saving.kind or kind)
    line = _Line(payer, kind, provider, model, saving.by, alternative, saving.is_instead)
    return line, saving.quantity


def _insert(lines: list[tuple[_Line, _Amount]]) -> None:
    UsageEntry.objects.bulk_create((_row(*each) for each in lines), ignore_conflicts=True)


def _row(line: _Line, amount: _Amount) -> UsageEntry:
    on = timezone.localdate(amount.at)
    price = prices().price(provider=line.provider, kind=line.kind, model=line.model, on=on)
    cost = None if price is None else _times(price.unit_usd, amount.quantity)
    return UsageEntry(
        organization_id=line.payer.organization_id,
        subject_kind=line.payer.subject_kind,
        subject_id=line.payer.subject_id,
        run_id=line.payer.run_id,
        job_id=line.payer.job_id,
        attempt=line.payer.attempt,
        kind=line.kind,
        provider=line.provider,
        model=line.model,
        quantity=amount.quantity,
        unit=KINDS[line.kind].unit,
        unit_cost_usd=None if price is None else price.unit_usd,
        cost_usd=cost,
        saved_by=line.saved_by,
        saved_quantity=amount.saved_quantity,
        saved_usd=_saved_usd(line, amount, cost, on),
        alternative=" ".join(line.alternative[:2]).strip(),
        line_key=amount.key,
    )


def _saved_usd(line: _Line, amount: _Amount, cost: Decimal | None, on: date) -> Decimal | None:
    """Return what the alternative would have cost more; None if nobody knows."""
    provider, model, kind = line.alternative
    if not provider:
        return None
    spared = prices().price(provider=provider, kind=kind, model=model, on=on)
    if spared is None or (line.is_instead and cost is None):
        return None
    saved = _times(spared.unit_usd, amount.saved_quantity)
    return saved - cost if line.is_instead and cost is not None else saved


def _close(bill: Bill) -> None:
    """Write what is left of a bill; what went well before must not fail by that."""
    if not bill:
        return
    try:
        with transaction.atomic():
            bill.write()
    except (DatabaseError, InterfaceError):
        logger.exception("Usage could not be written and is lost")
