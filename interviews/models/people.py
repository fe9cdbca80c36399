"""Candidates, how they get in, what they agreed to, and who reviews them."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Coalesce

from interviews.models.design import Interview, OwnedQuerySet
from ops.models import Membership, Organization


class Candidate(models.Model):
    """A person who answers. Reviewers see the alias."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    alias = models.CharField(max_length=40)
    external_id = models.CharField(max_length=100, blank=True)
    locale = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "alias"], name="one_alias_per_organization"
            )
        ]

    def __str__(self) -> str:
        return self.alias


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Links with what they were used for."""

    def with_uses(self) -> Self:
        """Count the personal links that each open link has led to, in the same query."""
        of_link = Invitation.objects.filter(open_link=models.OuterRef("pk")).order_by()
        count = of_link.values("open_link").annotate(n=models.Count("pk")).values("n")
        return self.annotate(uses=Coalesce(models.Subquery(count), 0))


class Invitation(models.Model):
    """A link. The database knows its keyed hash and a short prefix for support."""

    class Mail(models.TextChoices):
        NONE = ""
        SENT = "sent"
        FAILED = "failed"

    class Kind(models.TextChoices):
        PERSONAL = "personal"
        OPEN = "open"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    interview = models.ForeignKey(Interview, on_delete=models.CASCADE, related_name="invitations")
    candidate = models.ForeignKey(
        Candidate, null=True, on_delete=models.CASCADE, related_name="invitations"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PERSONAL)
    label = models.CharField(max_length=100, blank=True)  # what an open link is for
    max_uses = models.PositiveIntegerField(null=True, blank=True)  # of an open link
    open_link = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="personal_links"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    token_prefix = models.CharField(max_length=8)
    mail_state = models.CharField(max_length=6, choices=Mail.choices, blank=True, default=Mail.NONE)
    mailed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    uses: int  # by with_uses

    objects = InvitationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["interview", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.token_prefix}…"


class Accommodation(models.Model):
    """More time or takes for one session; may start in mid-session."""

    session = models.ForeignKey(
        "interviews.Session", on_delete=models.CASCADE, related_name="accommodations"
    )
    time_multiplier = models.FloatField(default=1.0)
    extra_takes = models.PositiveSmallIntegerField(default=0)
    starts_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"x{self.time_multiplier} +{self.extra_takes}"


class ConsentRecord(models.Model):
    """What a candidate agreed to or refused, by scope. Append-only: the newest row counts."""

    class Scope(models.TextChoices):
        RECORDING = "recording"
        AI_ANALYSIS = "ai_analysis"
        VIDEO_METRICS = "video_metrics"
        LONG_RETENTION = "long_retention"

    session = models.ForeignKey(
        "interviews.Session", on_delete=models.CASCADE, related_name="consents"
    )
    scope = models.CharField(max_length=15, choices=Scope.choices)
    granted = models.BooleanField()
    notice_version = models.CharField(max_length=20)
    notice_hash = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["session", "scope", "id"])]

    def __str__(self) -> str:
        return f"{self.scope}: {self.granted}"


class Assignment(models.Model):
    """A session that a member reviews."""

    EXPECTED: ClassVar = 2  # reviewers of a session: one alone is far less reliable

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(
        "interviews.Session", on_delete=models.CASCADE, related_name="assignments"
    )
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="assignments")
    created_at = models.DateTimeField(auto_now_add=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)  # her review is handed in

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "member"], name="one_assignment")
        ]

    def __str__(self) -> str:
        return f"{self.member} reviews {self.session_id}"
