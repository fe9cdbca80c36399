"""Until when a session's recordings are kept: so long after it ended as its candidate agreed to."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from interviews.models import ConsentRecord, Session

LONG = ConsentRecord.Scope.LONG_RETENTION


def kept_until(session: Session, scopes: Collection[str]) -> datetime:
    """Return the end of what is kept of a session whose candidate agrees to these scopes."""
    since = session.submitted_at or session.started_at or session.created_at
    return since + (long_period() if LONG in scopes else period())


def sessions_past_retention(now: datetime) -> QuerySet[Session]:
    """Return the sessions of which nothing is to be kept any more; the newest word counts."""
    newest = ConsentRecord.objects.filter(session=OuterRef("pk"), scope=LONG).order_by("-pk")
    dated = Session.objects.annotate(
        since=Coalesce("submitted_at", "started_at", "created_at"),
        is_long=Coalesce(Subquery(newest.values("granted")[:1]), False),
    )
    return dated.filter(
        Q(is_long=False, since__lte=now - period()) | Q(since__lte=now - long_period())
    )


def period() -> timedelta:
    """Return how long recordings are kept."""
    return timedelta(days=settings.RETENTION_D)


def long_period() -> timedelta:
    """Return the same for who agreed to more: never less."""
    return max(period(), timedelta(days=settings.LONG_RETENTION_D))
