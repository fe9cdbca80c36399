"""Publish a version: from then on its questions and rubrics never change."""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from interviews.models import Interview, InterviewQuestion, InterviewVersion, RubricVersion
from interviews.models.design import LEVELS
from ops.conflicts import StateConflict


def publish_interview(*, interview: Interview, now: datetime) -> InterviewVersion:
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
    return draft


def check_draft(draft: InterviewVersion) -> list[RubricVersion]:
    """Return the draft's rubrics after making sure that everything in it can be answered.

    Raises: StateConflict
    """
    questions = list(
        InterviewQuestion.objects.filter(version=draft).prefetch_related(
            "competencies__rubric__anchors", "competencies__rubric__competency"
        )
    )
    if not questions:
        raise StateConflict("no_questions", "Add at least one question before you publish.")
    for question in questions:
        if not question.modes:
            raise StateConflict(
                "no_modes", f"Choose how question {question.order} may be answered."
            )
    rubrics = {
        pinned.rubric.pk: pinned.rubric
        for question in questions
        for pinned in question.competencies.all()
    }
    for rubric in rubrics.values():
        if {anchor.level for anchor in rubric.anchors.all()} != set(LEVELS):
            raise StateConflict(
                "rubric_incomplete",
                f"Describe all {len(LEVELS)} levels of {rubric.competency.name} first.",
            )
    return list(rubrics.values())


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
