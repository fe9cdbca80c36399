"""Bring recordings to another store; each stays readable all the time."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.failures import StageFailure, by_code
from recordings import services
from recordings.storage import S3Store, Store, local_store

MIB = 1024**2


class Command(BaseCommand):
    help = (
        "Copies every recording to the other store, reads it back, and only then says that it is "
        "there. May be broken off and run again. Sources stay until --delete-sources."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", choices=("local", "s3"), required=True)
        parser.add_argument("--bucket", default=settings.S3_BUCKET, help="another than S3_BUCKET")
        parser.add_argument("--from-bucket", default="", help="of sources to be deleted")
        parser.add_argument("--dry-run", action="store_true", help="say only what would be moved")
        parser.add_argument(
            "--delete-sources",
            action="store_true",
            help="delete what was moved, now or before, from where it was",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        to = options["to"]
        bucket = options["bucket"] if to == "s3" else ""
        if to == "s3" and not bucket:
            raise CommandError("Set S3_BUCKET, or name a bucket by --bucket.")
        self.tell_what_is_ahead(to, bucket)
        if options["dry_run"]:
            return
        counts = self.move(to, bucket)
        if options["delete_sources"]:
            self.delete(to, bucket, self.source(to, bucket, options["from_bucket"]))
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} were not moved and are where they were.")

    def tell_what_is_ahead(self, to: str, bucket: str) -> None:
        ahead = services.recordings_ahead(to, bucket)
        where = f"{to}, bucket {bucket}" if bucket else to
        size = f"{ahead.size_bytes / MIB:,.1f} MiB"
        self.stdout.write(f"{ahead.recordings} recordings ({size}) are to be moved to {where}.")
        if ahead.archived:
            self.stdout.write(f"{ahead.archived} lie in an archive: restore them first.")
        if ahead.unverified:
            self.stdout.write(f"{ahead.unverified} were not looked at yet: run this again later.")

    def move(self, to: str, bucket: str) -> Counter[str]:
        """Move all there is, telling what each one became."""
        counts: Counter[str] = Counter()
        moved_bytes = 0
        for number, found in enumerate(services.move_recordings(to, bucket), start=1):
            counts[found.outcome] += 1
            moved_bytes += found.size_bytes if found.outcome == "moved" else 0
            why = f": {by_code(found.code).message}" if found.code else ""
            self.stdout.write(
                f"{number:>6}  {moved_bytes / MIB:>10,.1f} MiB  {found.recording_id} "
                f"{found.outcome}{why}"
            )
        self.stdout.write(
            f"{counts['moved']} moved, {counts['busy']} being worked on (run this again), "
            f"{counts['failed']} failed."
        )
        return counts

    def source(self, to: str, bucket: str, from_bucket: str) -> Store:
        """Return where what is at its target now was before."""
        if to == "s3" and not from_bucket:
            return local_store()
        other = from_bucket or settings.S3_BUCKET
        if not other or other == bucket:
            raise CommandError("Name the bucket that the sources are in by --from-bucket.")
        return S3Store(other)

    def delete(self, to: str, bucket: str, source: Store) -> None:
        """Free the sources of what is at its target."""
        try:
            deleted = services.delete_sources(to, bucket, source)
        except StageFailure as failure:
            raise CommandError(f"{failure.code}: {failure}. Run this again.") from failure
        self.stdout.write(f"The sources of {deleted} recordings are deleted.")
