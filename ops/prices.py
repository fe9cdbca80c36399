"""What things cost: a dated table as data, and how a row of it is found. Pure.

A price holds from its date on; what was spent before the first date is priced by the first row.
The setting PRICES adds rows or replaces those of the same provider, model, kind and date. What has
no row has no price: its cost is None, never nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

GB = 2**30  # what S3 bills as one GB
MONTH_S = 2_628_000  # S3 bills by the month of 730 hours
SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")  # gpt-5-mini-2025-08-07 costs what gpt-5-mini costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of usage: what is counted, in which unit, and where it is summed up."""

    name: str
    unit: str  # call, s, token, byte, mail
    group: str  # storage, bandwidth, transcription, language model, mail
    label: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind(name="storage_put", unit="call", group="storage", label="Objects written"),
        Kind(name="storage_get", unit="call", group="storage", label="Objects read"),
        Kind(name="storage_head", unit="call", group="storage", label="Objects looked up"),
        Kind(name="storage_list", unit="call", group="storage", label="Listings"),
        Kind(name="storage_copy", unit="call", group="storage", label="Objects copied"),
        Kind(name="storage_delete", unit="call", group="storage", label="Objects deleted"),
        Kind(name="storage_restore", unit="call", group="storage", label="Objects restored"),
        Kind(name="storage_bytes_in", unit="byte", group="bandwidth", label="Bytes stored"),
        Kind(name="storage_bytes_out", unit="byte", group="bandwidth", label="Bytes fetched"),
        Kind(name="url_signed", unit="url", group="storage", label="URLs signed"),
        Kind(name="audio_s", unit="s", group="transcription", label="Audio heard"),
        Kind(name="model_calls", unit="call", group="language model", label="Calls of a model"),
        Kind(name="tokens_in", unit="token", group="language model", label="Tokens read"),
        Kind(name="tokens_cached", unit="token", group="language model", label="Tokens read again"),
        Kind(name="tokens_out", unit="token", group="language model", label="Tokens written"),
        Kind(name="batch_tokens_in", unit="token", group="language model", label="Tokens read"),
        Kind(name="batch_tokens_cached", unit="token", group="language model", label="Read again"),
        Kind(name="batch_tokens_out", unit="token", group="language model", label="Written"),
        Kind(name="mail", unit="mail", group="mail", label="Mails"),
    )
}
# Not spent by a call, so never counted: what planners and projections need.
STORAGE_MONTH = "storage_gb_month"
STORAGE_TRANSITION = "storage_transition"
STORAGE_RETRIEVAL = "storage_retrieved_byte"
STORAGE_MONITORING = "storage_monitored_object_month"
TOKEN_KINDS = tuple(name for name, kind in KINDS.items() if kind.unit == "token")
STORAGE_CALLS = tuple(
    k for k, kind in KINDS.items() if k.startswith("storage_") and kind.unit == "call"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What `per` units of a kind cost from `on`, and where that is written."""

    provider: str
    kind: str
    usd: Decimal
    per: int
    on: date
    source: str
    model: str = ""  # "" for every model, or the storage class

    @property
    def unit_usd(self) -> Decimal:
        return self.usd / self.per


# Read on the page itself, or only known as the usual list price: a row says which.
OPENAI = "developers.openai.com/api/docs/models, read"
OPENAI_QUOTED = "OpenAI's list price as widely quoted, not read on its page"
AWS = "Amazon's list price for us-east-1, first tier, as widely quoted, not read on its page"
READ_ON = date(2026, 11, 23)
S3_ON = date(2026, 11, 1)


def _tokens(
    model: str, fresh: str, cached: str, out: str, source: str = OPENAI_QUOTED
) -> Iterable[Price]:
    """Rows of a chat model, USD per million tokens; the Batch API takes half (same source)."""
    for kind, usd in (("tokens_in", fresh), ("tokens_cached", cached), ("tokens_out", out)):
        price = Price(
            provider="openai",
            model=model,
            kind=kind,
            usd=Decimal(usd),
            per=10**6,
            on=READ_ON,
            source=source,
        )
        yield price
        yield replace(price, kind=f"batch_{kind}", usd=price.usd / 2)


def _heard(model: str, usd_per_minute: str, source: str = OPENAI_QUOTED) -> Price:
    return Price(
        provider="openai",
        model=model,
        kind="audio_s",
        usd=Decimal(usd_per_minute),
        per=60,
        on=READ_ON,
        source=source,
    )


def _s3(kind: str, usd: str, per: int, storage_class: str = "") -> Price:
    return Price(
        provider="s3",
        model=storage_class,
        kind=kind,
        usd=Decimal(usd),
        per=per,
        on=S3_ON,
        source=AWS,
    )


def _free(provider: str, *kinds: str, source: str) -> Iterable[Price]:
    for kind in kinds:
        yield Price(provider=provider, kind=kind, usd=Decimal(0), per=1, on=S3_ON, source=source)


def _class(  # noqa: PLR0913, PLR0917 - the columns of the price list, in its order
    name: str, month: str, put: str, get: str, transition: str, retrieved_gb: str
) -> Iterable[Price]:
    """Rows of a storage class: per GB and month, per 1,000 requests, per GB fetched."""
    yield _s3(STORAGE_MONTH, month, 1, name)
    yield _s3("storage_put", put, 1000, name)
    yield _s3("storage_copy", put, 1000, name)
    yield _s3("storage_get", get, 1000, name)
    yield _s3("storage_head", get, 1000, name)
    yield _s3(STORAGE_TRANSITION, transition, 1000, name)
    yield _s3(STORAGE_RETRIEVAL, retrieved_gb, GB, name)


HERE = "on this machine: its electricity and disk are not counted"
BUILT_IN = (
    *_tokens("gpt-5", "1.25", "0.125", "10.00"),
    *_tokens("gpt-5-mini", "0.25", "0.025", "2.00", OPENAI),
    *_tokens("gpt-5-nano", "0.05", "0.005", "0.40"),
    *_tokens("gpt-5.4", "2.50", "0.25", "15.00"),
    *_tokens("gpt-5.4-mini", "0.75", "0.075", "4.50"),
    *_tokens("gpt-4o-mini", "0.15", "0.075", "0.60"),
    _heard("gpt-transcribe", "0.0045", OPENAI),
    _heard("gpt-4o-transcribe", "0.006"),
    _heard("gpt-4o-mini-transcribe", "0.003"),
    _heard("whisper-1", "0.006"),
    *_class("STANDARD", "0.023", "0.005", "0.0004", "0", "0"),
    *_class("STANDARD_IA", "0.0125", "0.01", "0.001", "0.01", "0.01"),
    *_class("ONEZONE_IA", "0.01", "0.01", "0.001", "0.01", "0.01"),
    *_class("INTELLIGENT_TIERING", "0.023", "0.005", "0.0004", "0.01", "0"),
    *_class("GLACIER_IR", "0.004", "0.02", "0.01", "0.02", "0.03"),
    *_class("GLACIER", "0.0036", "0.03", "0.0004", "0.03", "0.01"),
    *_class("DEEP_ARCHIVE", "0.00099", "0.05", "0.0004", "0.05", "0.02"),
    _s3(STORAGE_MONITORING, "0.0025", 1000, "INTELLIGENT_TIERING"),
    _s3("storage_put", "0.005", 1000),
    _s3("storage_copy", "0.005", 1000),
    _s3("storage_list", "0.005", 1000),
    _s3("storage_get", "0.0004", 1000),
    _s3("storage_head", "0.0004", 1000),
    _s3("storage_restore", "0.05", 1000),  # standard retrieval from GLACIER
    _s3("storage_bytes_out", "0.09", GB),  # to the internet, beyond the free 100 GB a month
    *_free("s3", "storage_delete", "storage_bytes_in", source=AWS),
    *_free("s3", "url_signed", source="computed here, no call"),
    *_free(
        "local", *(name for name in KINDS if name.startswith(("storage_", "url_"))), source=HERE
    ),
    *_free("local_whisper", "audio_s", source=HERE),
    *_free("bank", *TOKEN_KINDS, source=HERE),
    *_free("openai", "model_calls", source="tokens are what is billed"),
    *_free("console", "mail", source=HERE),
    Price(
        provider="ses",
        kind="mail",
        usd=Decimal("0.10"),
        per=1000,
        on=S3_ON,
        source="Amazon's list price, as widely quoted, not read on its page",
    ),
)


class PriceTable:
    """Rows by what they price, the newest first."""

    def __init__(self, rows: Iterable[Price]) -> None:
        self._rows: dict[tuple[str, str, str], list[Price]] = {}
        for row in sorted(rows, key=lambda row: row.on, reverse=True):
            self._rows.setdefault((row.provider, row.model, row.kind), []).append(row)

    def __iter__(self) -> Iterator[Price]:
        return (row for rows in self._rows.values() for row in rows)

    def price(self, *, provider: str, kind: str, model: str = "", on: date) -> Price | None:
        """Return the row that held on that day; None where nobody knows a price."""
        for name in (model, SNAPSHOT.sub("", model), ""):
            rows = self._rows.get((provider, name, kind))
            if rows:
                return next((row for row in rows if row.on <= on), rows[-1])
        return None


def price_table(changes: Iterable[Mapping[str, Any]] = ()) -> PriceTable:
    """Return the built-in rows with those of the setting. Raises ValueError for a bad row."""
    rows = {(r.provider, r.model, r.kind, r.on): r for r in BUILT_IN}
    for change in changes:
        row = _read(change)
        rows[row.provider, row.model, row.kind, row.on] = row
    return PriceTable(rows.values())


def _read(change: Mapping[str, Any]) -> Price:
    if not isinstance(change, Mapping):
        raise ValueError(f"PRICES: {change!r} is not an object")  # noqa: TRY004 - a bad setting
    known = {"provider", "model", "kind", "usd", "per", "on", "source"}
    if unknown := set(change) - known:
        raise ValueError(f"PRICES: unknown {', '.join(sorted(unknown))}")
    try:
        row = Price(
            provider=str(change["provider"]),
            model=str(change.get("model", "")),
            kind=str(change["kind"]),
            usd=Decimal(str(change["usd"])),
            per=int(change.get("per", 1)),
            on=date.fromisoformat(str(change["on"])),
            source=str(change.get("source", "PRICES")),
        )
    except KeyError as error:
        raise ValueError(f"PRICES: {error.args[0]} is missing") from error
    except (InvalidOperation, TypeError) as error:
        raise ValueError(f"PRICES: {change!r} has a number that is none") from error
    if not row.usd.is_finite() or row.usd < 0 or row.per < 1:
        raise ValueError(f"PRICES: {change!r} is no price")
    return row
