"""What interviews need from time to time."""

from datetime import datetime, timedelta

from interviews import services
from ops.schedule import periodic


@periodic(every=timedelta(minutes=1))
def end_overdue_sessions(now: datetime) -> object:
    """Hand in, or let expire, the sessions whose time is over."""
    return services.end_overdue_sessions(now=now)
