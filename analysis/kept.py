"""What is stored of an organization, what that costs, and what it would cost in other ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet, Sum

from ops import ledger
from ops.ledger import EXACT
from ops.models import Organization
from ops.prices import STORAGE_MONTH
from ops.receipts import ZERO
from recordings.bucket_settings import (
    CLASSIC_BANDS,
    NO_BANDS,
    READS,
    bands_in_force,
    prices_now,
)
from recordings.lifecycle import SizeBand, total_usd
from recordings.models import Recording, Rendition

GIB = Decimal(2**30)
WAV_BYTES_PER_MS = 16  # 8 kHz, 16 bit, one channel: the usual telephone recording
STANDARD, S3 = "STANDARD", "s3"
SAMPLE, THOUSAND = 500, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What a thousand objects like the newest cost from their first to their last day."""

    objects: int  # that it rests on
    days: int
    rule_usd: Decimal  # by the rule of the settings
    standard_usd: Decimal  # all the time in the standard class
    classic_usd: Decimal  # by the usual rule: IA after 30 days, Glacier after 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is stored now, and what a month of it costs."""

    size_bytes: int
    month_usd: Decimal | None  # None: a class without a price
    standard_usd: Decimal | None  # the same bytes in the standard class
    wav_bytes: int  # the same minutes as telephone recordings
    audio_ms: int
    keeping: Keeping | None  # None: nothing lies in S3


def kept(organization: Organization, *, now: datetime) -> Kept:
    """Sum what lies in the stores; renditions lie where their recording lies."""
    of_ours = {"session__organization": organization}
    live = Recording.objects.filter(**of_ours).exclude(state=Recording.State.DELETED)
    rows = list(
        live.values_list("storage_type", "storage_class").annotate(sum=Sum("size_bytes")).order_by()
    )
    renditions = Rendition.objects.filter(recording__in=live).exclude(object_key="")
    rows += renditions.values_list("recording__storage_type", "recording__storage_class").annotate(
        sum=Sum("size_bytes")
    )
    audio_ms = live.aggregate(sum=Sum("duration_ms"))["sum"] or 0
    return Kept(
        size_bytes=sum(size for *_, size in rows),
        month_usd=_month_usd([(place, of, size) for place, of, size in rows], now),
        standard_usd=_month_usd([(place, STANDARD, size) for place, _, size in rows], now),
        wav_bytes=audio_ms * WAV_BYTES_PER_MS,
        audio_ms=audio_ms,
        keeping=_keeping(live) if any(place == S3 for place, *_ in rows) else None,
    )


def _keeping(live: QuerySet[Recording]) -> Keeping | None:
    """Price the newest recordings and what was made of them, for as long as they are kept."""
    newest = list(
        live.filter(storage_type=S3).order_by("-created_at").values_list("pk", flat=True)[:SAMPLE]
    )
    sizes = list(
        Rendition.objects.filter(recording__in=newest)
        .exclude(object_key="")
        .values_list("size_bytes", flat=True)
    )
    if not sizes:
        return None
    return Keeping(
        objects=len(sizes),
        days=settings.RETENTION_D,
        rule_usd=_thousand(sizes, bands_in_force()),
        standard_usd=_thousand(sizes, NO_BANDS),
        classic_usd=_thousand(sizes, CLASSIC_BANDS),
    )


def _thousand(sizes: Sequence[int], bands: Sequence[SizeBand]) -> Decimal:
    """Return what a thousand objects cost, by the mean of these."""
    total = total_usd(sizes, bands, days=settings.RETENTION_D, reads=READS, prices=prices_now())
    return Decimal(total * THOUSAND / len(sizes)).quantize(EXACT)


def _month_usd(rows: list[tuple[str, str, int]], now: datetime) -> Decimal | None:
    total = ZERO
    for place, storage_class, size in rows:
        if place == "local":
            continue  # on a disk that is there anyway
        price = ledger.prices().price(
            provider=place, kind=STORAGE_MONTH, model=storage_class, on=now.date()
        )
        if price is None:
            return None
        total += price.unit_usd * size / GIB
    return total.quantize(EXACT)
