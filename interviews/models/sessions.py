"""A candidate's way through one version of an interview."""

import uuid
from typing import ClassVar, Self

from django.db import models

from interviews.models.design import InterviewQuestion, InterviewVersion
from interviews.models.people import Candidate, Invitation
from ops.models import Organization
from ops.principals import Principal


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions by who may see them."""

    def visible_to(self, principal: Principal) -> Self:
        """A member sees her organization's, a reviewer her assigned ones, a candidate her own."""
        if principal.kind == "candidate":
            return self.filter(pk=principal.session_id)
        if principal.kind != "member" or principal.organization_id is None:
            return self.none()
        own = self.filter(organization_id=principal.organization_id)
        if principal.role == "reviewer":
            own = own.filter(assignments__member__user_id=principal.user_id)
        return own


class Session(models.Model):
    """One candidate, one interview version, from the link to the decision."""

    class State(models.TextChoices):
        INVITED = "invited"
        CONSENTED = "consented"
        DECLINED = "declined"
        IN_PROGRESS = "in_progress"
        SUBMITTED = "submitted"
        PROCESSING = "processing"
        READY_FOR_REVIEW = "ready_for_review"
        DECIDED = "decided"
        ARCHIVED = "archived"
        ERASED = "erased"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"

    ANSWERABLE: ClassVar = (State.CONSENTED, State.IN_PROGRESS)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="sessions"
    )
    version = models.ForeignKey(InterviewVersion, on_delete=models.PROTECT, related_name="sessions")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="sessions")
    invitation = models.OneToOneField(
        Invitation, null=True, on_delete=models.SET_NULL, related_name="session"
    )
    external_id = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.INVITED)
    ai_mode = models.CharField(max_length=6, default="assist")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)  # people have judged enough
    # What the last finished run could not produce: [{"stage", "subject_id", "code"}].
    missing = models.JSONField(default=list)

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["version", "created_at"]),
            models.Index(fields=["organization", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} in {self.version}"


class Response(models.Model):
    """A session's answer to one question."""

    class State(models.TextChoices):
        OPEN = "open"
        SUBMITTED = "submitted"
        SKIPPED = "skipped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="responses")
    question = models.ForeignKey(
        InterviewQuestion, on_delete=models.PROTECT, related_name="responses"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    mode = models.CharField(max_length=6, blank=True)  # video, audio, text, code
    text = models.TextField(blank=True)  # a typed answer
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "question"], name="one_response")
        ]

    def __str__(self) -> str:
        return f"response {self.id}"


class Take(models.Model):
    """One try at recording a response."""

    class State(models.TextChoices):
        THINKING = "thinking"
        RECORDING = "recording"
        UPLOADING = "uploading"
        VERIFYING = "verifying"
        SAVED = "saved"
        TECHNICAL_FAILED = "technical_failed"  # not counted
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="takes")
    number = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=6)  # video, audio
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECORDING)
    is_counted = models.BooleanField(default=True)
    failure_code = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "number"], name="one_take_per_number")
        ]

    def __str__(self) -> str:
        return f"take {self.number} of {self.response_id}"
