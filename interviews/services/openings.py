"""That somebody has a link's page before her, said by her browser: a scanner only fetches it."""

from datetime import datetime

from interviews.models import Invitation


def note_opened(*, invitation: Invitation, now: datetime) -> None:
    """Keep the moment at which the link was first opened."""
    Invitation.objects.filter(pk=invitation.pk, opened_at__isnull=True).update(opened_at=now)
