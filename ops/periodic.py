"""What the machine room does by itself, again and again."""

from datetime import datetime, timedelta

from ops import cache_stats, caches
from ops.alerts import forget_alerts, look_for_alerts
from ops.budget_watch import look_at_budgets
from ops.clock import database_now
from ops.dead_letters import expire_letters
from ops.redrive_queue import release_redrives
from ops.sampling import sum_up_samples, take_samples
from ops.schedule import periodic


@periodic(every=timedelta(seconds=10))
def drive_again(now: datetime) -> None:
    """Let dead jobs whose time has come go back to work."""
    release_redrives(now)


@periodic(every=timedelta(hours=1))
def purge_dead_letters(now: datetime) -> None:
    """Put away what nobody acted on for so long, with what it says about people."""
    expire_letters(now=now)


@periodic(every=timedelta(seconds=20))
def take_minute_samples(now: datetime) -> None:  # noqa: ARG001 - by the clock that jobs end by
    """Measure queues, workers and what ended; more often than once a minute, to miss none."""
    take_samples(database_now())


@periodic(every=timedelta(minutes=10))
def make_hour_samples(now: datetime) -> None:  # noqa: ARG001 - as above
    """Sum minutes up to hours and delete what is too old."""
    sum_up_samples(database_now())


@periodic(every=timedelta(seconds=30))
def watch(now: datetime) -> None:
    """Tell staff what needs them."""
    look_for_alerts(now)


@periodic(every=timedelta(minutes=10))
def watch_budgets(now: datetime) -> None:
    """Tell owners whose budget of the month runs out."""
    look_at_budgets(now)


@periodic(every=timedelta(hours=1))
def forget_expired_entries(now: datetime) -> None:
    """Remove from the caches what is too old to be found, and sum up old minutes of lookups."""
    caches.forget_expired(now)
    cache_stats.sum_up(now)


@periodic(every=timedelta(hours=1))
def forget_what_is_over(now: datetime) -> None:
    """Delete alerts that nobody needs any more."""
    forget_alerts(now)
