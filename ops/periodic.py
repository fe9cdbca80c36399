"""What the machine room does by itself, again and again."""

from datetime import datetime, timedelta

from ops.dead_letters import expire_letters
from ops.redrive_queue import release_redrives
from ops.schedule import periodic


@periodic(every=timedelta(seconds=10))
def drive_again(now: datetime) -> None:
    """Let dead jobs whose time has come go back to work."""
    release_redrives(now)


@periodic(every=timedelta(hours=1))
def purge_dead_letters(now: datetime) -> None:
    """Put away what nobody acted on for so long, with what it says about people."""
    expire_letters(now=now)
