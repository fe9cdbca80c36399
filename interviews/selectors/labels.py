"""Names of rows for boards, jobs and dead letters."""

from collections.abc import Iterable
from uuid import UUID

from interviews.models import Interview, Session


def session_labels(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return "Heron 42 · Support engineer" for each session."""
    rows = Session.objects.filter(pk__in=list(ids)).values_list(
        "pk", "candidate__alias", "version__interview__title"
    )
    return {pk: f"{alias} · {title}" for pk, alias, title in rows}


def interview_titles(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return interviews' titles."""
    return dict(Interview.objects.filter(pk__in=list(ids)).values_list("pk", "title"))
