"""What the settings want of the bucket."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from ops import ledger
from recordings.bucket_rules import BucketWishes
from recordings.lifecycle import CLASSIC, KIB, Prices, Reads, SizeBand, class_prices, size_bands
from recordings.objects import QUARANTINE

KEPT = "org/"
READS = Reads()
# S3 itself moves nothing smaller by a rule that names no size.
CLASSIC_BANDS = (
    SizeBand(above_bytes=0, up_to_bytes=128 * KIB, steps=()),
    SizeBand(above_bytes=128 * KIB, up_to_bytes=None, steps=CLASSIC),
)
NO_BANDS = (SizeBand(above_bytes=0, up_to_bytes=None, steps=()),)


def prices_now() -> Prices:
    """Return today's prices of storage classes."""
    return class_prices(ledger.prices(), timezone.now().date())


def cheapest_bands() -> tuple[SizeBand, ...]:
    """Return the planner's bands for what is kept so long; originals are gone before they move."""
    after_originals = settings.ORIGINAL_RETENTION_D + 1 if settings.ORIGINAL_RETENTION_D else 0
    return size_bands(
        days=settings.RETENTION_D, reads=READS, prices=prices_now(), earliest_day=after_originals
    )


def bands_in_force() -> tuple[SizeBand, ...]:
    """Return how the settings let objects move."""
    if settings.LIFECYCLE_RULE == "none":
        return NO_BANDS
    return CLASSIC_BANDS if settings.LIFECYCLE_RULE == "classic" else cheapest_bands()


def bucket_wishes() -> BucketWishes:
    """Return what `configure_bucket` is to bring about."""
    page = urlsplit(settings.PUBLIC_URL)
    return BucketWishes(
        origin=f"{page.scheme}://{page.netloc}",
        object_prefix=KEPT,
        quarantine_prefix=QUARANTINE,
        bands=bands_in_force(),
        kms_key=settings.S3_KMS_KEY_ID if settings.S3_SSE == "aws:kms" else "",
        is_accelerated=settings.S3_ACCELERATE,
    )
