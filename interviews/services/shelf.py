"""The organization's shelf of interviews: another like this one, and drafts thrown away."""

from django.db import transaction

from interviews.models import Interview, InterviewVersion
from interviews.services.designing import (
    InterviewSettings,
    copy_questions,
    create_interview,
)
from ops import audit
from ops.conflicts import StateConflict

LONGEST_TITLE = 200


def duplicate_interview(
    *, interview: Interview, title: str = "", external_id: str = "", actor: str = "system"
) -> Interview:
    """Make a new draft that asks what the newest version asks, on the same competencies.

    Nobody is invited to it. The new one's `external_id` is never the old one's.
    """
    settings = InterviewSettings(
        title=title or f"{interview.title[: LONGEST_TITLE - 7]} (copy)",
        introduction=interview.introduction,
        locale=interview.locale,
        ai_mode=interview.ai_mode,
        external_id=external_id,
    )
    with transaction.atomic():
        newest = interview.versions.order_by("number").last()
        copy = create_interview(
            organization_id=interview.organization_id, settings=settings, actor=actor
        )
        if newest is not None:
            copy_questions(newest, copy.versions.get())
        note(copy, "interview.duplicated", actor, original=interview.key)
    return copy


def remove_interview(*, interview: Interview, actor: str = "system") -> None:
    """Throw away a draft that was never published.

    Raises: StateConflict when it was published: people were invited to it.
    """
    with transaction.atomic():
        row = Interview.objects.select_for_update().get(pk=interview.pk)
        was_published = InterviewVersion.objects.filter(interview=row).exclude(published_at=None)
        if row.state != Interview.State.DRAFT or was_published.exists():
            raise StateConflict(
                "was_published", "This interview was published. Close it instead of deleting it."
            )
        note(row, "interview.removed", actor, title=row.title)
        row.delete()


def note(interview: Interview, action: str, actor: str, **detail: object) -> None:
    audit.record(
        organization_id=interview.organization_id,
        actor=actor,
        action=action,
        subject_kind="interview",
        subject_id=interview.key,
        detail=detail,
    )
