"""What recordings need from time to time."""

from datetime import datetime, timedelta

from ops.schedule import periodic
from recordings import services


@periodic(every=timedelta(minutes=5))
def abort_stale_uploads(now: datetime) -> object:
    """Complete what arrived whole but unsaid; end grants that brought nothing."""
    return services.abort_stale_uploads(now)
