"""Interviews, their questions and the rubrics that anchor ratings."""

import secrets
import uuid
from typing import ClassVar, Self, TypeVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from ops.models import Organization
from ops.principals import Principal

LEVELS = (1, 2, 3, 4, 5)


def interview_key() -> str:
    """Return a short key that can't be guessed (72 bits)."""
    return secrets.token_urlsafe(9)


Owned = TypeVar("Owned", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Owned]):
    """Rows that belong to an organization."""

    def visible_to(self, principal: Principal) -> Self:
        """Only what this member's organization owns; nothing for anybody else."""
        if principal.kind != "member" or principal.organization_id is None:
            return self.none()
        return self.filter(organization_id=principal.organization_id)


class Competency(models.Model):
    """What an interview looks for, with a definition people agree on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    definition = models.TextField()
    edit_number = models.PositiveIntegerField(default=0)  # of its newest scale, too

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "competencies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_competency_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class RubricVersion(models.Model):
    """A five-level anchored scale of a competency; immutable once published."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="rubrics")
    number = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)  # sha256, set at publish
    definition = models.TextField(blank=True)  # the competency's, copied at publish

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["competency", "number"], name="one_rubric_number")
        ]

    def __str__(self) -> str:
        return f"{self.competency} v{self.number}"

    @property
    def meaning(self) -> str:
        """The definition that this scale was published with; the competency's until then."""
        return self.definition or self.competency.definition


class Anchor(models.Model):
    """What an answer at one level looks like."""

    rubric = models.ForeignKey(RubricVersion, on_delete=models.CASCADE, related_name="anchors")
    level = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(LEVELS[0]), MaxValueValidator(LEVELS[-1])]
    )
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ["level"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rubric", "level"], name="one_anchor_per_level"),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="anchor_level_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.text[:40]}"


class Question(models.Model):
    """A question in the organization's library; interviews hold frozen copies."""

    class Kind(models.TextChoices):
        BEHAVIOURAL = "behavioural"
        SITUATIONAL = "situational"
        KNOWLEDGE = "knowledge"
        CODING = "coding"
        TEXT = "text"
        PRACTICE = "practice"

    class Difficulty(models.TextChoices):
        EASY = "easy"
        MEDIUM = "medium"
        HARD = "hard"

    class Origin(models.TextChoices):
        HUMAN = "human"
        GENERATED = "generated"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.TextField()
    difficulty = models.CharField(
        max_length=6, choices=Difficulty.choices, default=Difficulty.MEDIUM
    )
    locale = models.CharField(max_length=10, default="en")
    programming_language = models.CharField(max_length=20, blank=True)
    topic = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.HUMAN)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text[:60]


class InterviewQuerySet(OwnedQuerySet["Interview"]):
    """Interviews by who may see them."""

    def visible_to(self, principal: Principal) -> Self:
        """The organization's; for a reviewer those with a session that is assigned to her."""
        own = super().visible_to(principal)
        if principal.role != "reviewer" or principal.user_id is None:
            return own
        return own.filter(
            versions__sessions__assignments__member__user_id=principal.user_id
        ).distinct()


class Interview(models.Model):
    """What an interviewer designs; its versions are what candidates meet."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        CLOSED = "closed"

    class AiMode(models.TextChoices):
        OFF = "off"
        ASSIST = "assist"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=20, unique=True, default=interview_key, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="interviews"
    )
    external_id = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=200)
    introduction = models.TextField(blank=True)
    locale = models.CharField(max_length=10, default="en")
    ai_mode = models.CharField(max_length=6, choices=AiMode.choices, default=AiMode.ASSIST)
    measures_video = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    edit_number = models.PositiveIntegerField(default=0)  # counts saves of the fields above
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InterviewQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class InterviewVersion(models.Model):
    """A frozen edition of an interview; sessions stay on theirs."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        CLOSED = "closed"

    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    removed = models.JSONField(default=list, blank=True)  # questions that can be brought back

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["interview", "number"], name="one_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.interview} v{self.number}"


class InterviewQuestion(models.Model):
    """A question as a version asks it; its text is copied, so the library may change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        InterviewVersion, on_delete=models.CASCADE, related_name="questions"
    )
    question = models.ForeignKey(Question, null=True, on_delete=models.SET_NULL)
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Question.Kind.choices)
    text = models.TextField()
    think_time_s = models.PositiveSmallIntegerField(default=60)
    answer_limit_s = models.PositiveSmallIntegerField(default=120)
    max_takes = models.PositiveSmallIntegerField(default=2)  # one answer and one retake
    modes = models.JSONField(default=list)  # of video, audio, text, code; first = offered first
    required = models.BooleanField(default=True)
    weight_reason = models.TextField(blank=True)  # why its competencies count differently
    edit_number = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "order"], name="one_question_per_order")
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.text[:60]}"


class QuestionCompetency(models.Model):
    """Which competencies an answer shows, on which pinned rubric, and how much it counts."""

    question = models.ForeignKey(
        InterviewQuestion, on_delete=models.CASCADE, related_name="competencies"
    )
    rubric = models.ForeignKey(RubricVersion, on_delete=models.PROTECT)
    weight = models.FloatField(default=1.0)

    class Meta:
        verbose_name_plural = "question competencies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["question", "rubric"], name="one_weight_per_rubric")
        ]

    def __str__(self) -> str:
        return f"{self.rubric} x {self.weight}"
