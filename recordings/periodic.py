"""What recordings need from time to time."""

from datetime import datetime, timedelta

from ops.schedule import periodic
from recordings import services


@periodic(every=timedelta(minutes=5))
def abort_stale_uploads(now: datetime) -> object:
    """Complete what arrived whole but unsaid; end grants that brought nothing."""
    return services.abort_stale_uploads(now)


@periodic(every=timedelta(minutes=5))
def clear_uploads(now: datetime) -> object:
    """Free what ended uploads left in quarantine."""
    return services.clear_uploads(now)


@periodic(every=timedelta(minutes=2))
def probe_store(now: datetime) -> object:
    """Have health know whether the storage works."""
    return services.probe_store(now)


@periodic(every=timedelta(hours=6))
def sweep_stores(now: datetime) -> object:
    """Remove parts and objects that no row knows."""
    return services.sweep_stores(now)


@periodic(every=timedelta(hours=1))
def end_retention(now: datetime) -> object:
    """Delete recordings that were kept as long as their candidates agreed to."""
    return services.end_retention(now)


@periodic(every=timedelta(hours=1))
def drop_originals(now: datetime) -> object:
    """Delete originals whose renditions are whole."""
    return services.drop_originals(now)


@periodic(every=timedelta(days=1))
def note_archived(now: datetime) -> object:
    """Notice what the lifecycle rule has put into an archive."""
    return services.note_archived(now)


@periodic(every=timedelta(minutes=15))
def follow_restores(now: datetime) -> object:
    """See which restores out of an archive have come to their end."""
    return services.follow_restores(now)
