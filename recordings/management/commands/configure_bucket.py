"""Show how the bucket differs from what the settings want, and bring it about."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.failures import StageFailure
from recordings import s3_setup
from recordings.bucket_settings import (
    CLASSIC_BANDS,
    NO_BANDS,
    READS,
    bands_in_force,
    cheapest_bands,
    prices_now,
)
from recordings.lifecycle import SizeBand, total_usd
from recordings.selectors.sizes import rendition_sizes

# By part: what an operator of such a server can do.
HINTS = {"lifecycle": ", or has no storage classes: then set LIFECYCLE_RULE=none"}


class Command(BaseCommand):
    help = (
        "Compares the bucket's CORS, lifecycle, encryption and public access with what they should "
        "be; --apply changes what differs. Rules of others stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="change what differs")
        parser.add_argument("--bucket", default=settings.S3_BUCKET, help="another than S3_BUCKET")

    def handle(self, *args: Any, **options: Any) -> None:
        bucket = options["bucket"]
        if not bucket:
            raise CommandError("Set S3_BUCKET, or name a bucket by --bucket.")
        self.stdout.write(f"Bucket {bucket}, lifecycle rule: {settings.LIFECYCLE_RULE}")
        for band in bands_in_force():
            self.stdout.write(f"  {sizes(band)}: {way(band)}")
        self.tell_costs()
        try:
            found = s3_setup.configure(bucket, is_applied=options["apply"])
        except StageFailure as failure:
            raise CommandError(f"{failure.code}: {failure}") from failure
        for state in found:
            self.tell(state)
        different = [state for state in found if state.difference]
        if any(not state.is_applied for state in different) and not options["apply"]:
            self.stdout.write(f"{len(different)} to change: run again with --apply.")

    def tell_costs(self) -> None:
        """Write what the renditions that there are cost until their time is over, by each rule."""
        found = rendition_sizes()
        if not found:
            return
        days, prices = settings.RETENTION_D, prices_now()
        rules = {"none": NO_BANDS, "classic": CLASSIC_BANDS, "cheapest": cheapest_bands()}
        costs = ", ".join(
            f"{name} {total_usd(found, bands, days=days, reads=READS, prices=prices):.6f} USD"
            for name, bands in rules.items()
        )
        self.stdout.write(
            f"  {len(found):,} renditions of {sum(found):,} bytes, kept {days} days: {costs}"
        )

    def tell(self, state: s3_setup.PartState) -> None:
        """Write a line for a part, and the difference below it."""
        if not state.is_known:
            self.stdout.write(
                f"{state.part}: this server does not know it{HINTS.get(state.part, '')}"
            )
        elif state.difference is None:
            self.stdout.write(f"{state.part}: as it should be")
        else:
            self.stdout.write(f"{state.part}: {'changed' if state.is_applied else 'differs'}")
            for line in state.difference.lines:
                self.stdout.write(f"    {line}")


def sizes(band: SizeBand) -> str:
    """Return whom a band is for, in words."""
    if band.up_to_bytes is None:
        return f"more than {band.above_bytes:,} bytes" if band.above_bytes else "every size"
    return f"up to {band.up_to_bytes:,} bytes"


def way(band: SizeBand) -> str:
    """Return where objects of a band lie, in words."""
    hops = ", ".join(f"on day {step.day} to {step.storage_class}" for step in band.steps)
    return hops or "stay in STANDARD"
