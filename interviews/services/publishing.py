"""Publish a version: from then on its questions and rubrics never change."""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from interviews.models import Interview, InterviewVersion, RubricVersion
from interviews.readiness import problems_of, questions_with_rubrics, rubrics_of
from ops import audit
from ops.conflicts import StateConflict

AUDITED = {"published": "interview.reopened", "closed": "interview.closed"}


def publish_interview(*, interview: Interview, now: datetime, actor: str = "") -> InterviewVersion:
    """Freeze the draft version and the rubrics it rates on; close the version before it.

    Raises: StateConflict when there is no draft, or something in it is not ready.
    """
    with transaction.atomic():
        row = Interview.objects.select_for_update().get(pk=interview.pk)
        draft = row.versions.filter(state=InterviewVersion.State.DRAFT).order_by("number").last()
        if draft is None:
            raise StateConflict("no_draft", "There is no draft to publish.")
        rubrics = check_draft(draft)
        for rubric in rubrics:
            freeze_rubric(rubric=rubric, now=now)
        row.versions.filter(state=InterviewVersion.State.PUBLISHED).update(
            state=InterviewVersion.State.CLOSED
        )
        draft.state = InterviewVersion.State.PUBLISHED
        draft.published_at = now
        draft.save(update_fields=["state", "published_at"])
        interview.state = row.state = Interview.State.PUBLISHED
        row.save(update_fields=["state"])
        note(row, draft, action="interview.published", actor=actor)
    return draft


def close_interview(*, interview: Interview, actor: str = "") -> None:
    """Let nobody else start; whoever has started goes on until the deadline.

    Raises: StateConflict
    """
    change_state(
        interview,
        before=Interview.State.PUBLISHED,
        after=Interview.State.CLOSED,
        refusal=StateConflict("not_open", "This interview is not open."),
        actor=actor,
    )


def reopen_interview(*, interview: Interview, actor: str = "") -> None:
    """Let candidates start again with the version that was published last.

    Raises: StateConflict
    """
    change_state(
        interview,
        before=Interview.State.CLOSED,
        after=Interview.State.PUBLISHED,
        refusal=StateConflict("not_closed", "This interview is not closed."),
        actor=actor,
    )


def change_state(
    interview: Interview, *, before: str, after: str, refusal: StateConflict, actor: str
) -> None:
    """Change the interview's state, and that of the version that was published last."""
    with transaction.atomic():
        row = Interview.objects.select_for_update().get(pk=interview.pk)
        published = row.versions.exclude(published_at=None).order_by("number").last()
        if row.state != before or published is None:
            raise refusal
        row.versions.filter(pk=published.pk).update(state=after)
        interview.state = row.state = Interview.State(after)
        row.save(update_fields=["state"])
        note(row, published, action=AUDITED[after], actor=actor)


def note(interview: Interview, version: InterviewVersion, *, action: str, actor: str) -> None:
    """Write down who did it; without an actor the product itself does, for its demo."""
    audit.record(
        organization_id=interview.organization_id,
        actor=actor or "system",
        action=action,
        subject_kind="interview",
        subject_id=interview.key,
        detail={"version": version.number},
    )


def check_draft(draft: InterviewVersion) -> list[RubricVersion]:
    """Return the draft's rubrics after making sure that everything in it can be answered.

    Raises: StateConflict
    """
    questions = questions_with_rubrics(draft)
    for problem in problems_of(questions):
        raise StateConflict(problem.code, problem.message)
    return rubrics_of(questions)


def freeze_rubric(*, rubric: RubricVersion, now: datetime) -> None:
    """Publish a rubric with the hash of what it says; one that is published stays as it is."""
    if rubric.published_at is not None:
        return
    rubric.published_at = now
    rubric.definition = rubric.competency.definition
    rubric.content_hash = rubric_hash(rubric)
    rubric.save(update_fields=["published_at", "definition", "content_hash"])


def rubric_hash(rubric: RubricVersion) -> str:
    """Return the sha256 of the rubric's competency, definition and anchors."""
    content = {
        "competency": rubric.competency.name,
        "definition": rubric.meaning,
        "anchors": [[anchor.level, anchor.text] for anchor in rubric.anchors.all()],
    }
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
