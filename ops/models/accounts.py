"""Who works here: users, their organization, their keys, and what they did."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction


class UserManager(BaseUserManager["User"]):
    """Create users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Create a user; without a password nobody can sign in as them until they set one."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            # Whoever runs this installation vouches for the address; sign-up proves it by a code.
            addresses = user.emailaddress_set  # type: ignore[attr-defined] # allauth's
            addresses.create(email=user.email, verified=True, primary=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Create a staff user with every permission."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account; signs in by e-mail."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    @property
    def live_membership(self) -> "Membership | None":
        """The user's place in an organization, unless she was removed from it."""
        membership: Membership | None = getattr(self, "membership", None)
        return None if membership is None or membership.removed_at is not None else membership


class Organization(models.Model):
    """A tenant: its rows are invisible to every other one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    budget_usd = models.DecimalField(  # of a month; null: no limit
        max_digits=10, decimal_places=2, null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's one place in an organization. Removed members' rows stay: their reviews do too."""

    class Role(models.TextChoices):
        OWNER = "owner"
        INTERVIEWER = "interviewer"
        REVIEWER = "reviewer"

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="membership")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class MemberInvitation(models.Model):
    """A link for one address to become a member; only its keyed hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="member_invitations"
    )
    email = models.EmailField()
    role = models.CharField(max_length=12, choices=Membership.Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"


class ApiKey(models.Model):
    """A REST client's key. The key itself is shown once; only its keyed hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditEntry(models.Model):
    """Who did what to what. Append-only; carries ids, never contents."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.SET_NULL)
    actor = models.CharField(max_length=80)  # Principal.key
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "at"]),
            models.Index(fields=["organization", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject_kind} {self.subject_id}"


class IdempotencyRecord(models.Model):
    """The answer once given to an Idempotency-Key, given again to the same request."""

    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # null while the first request runs
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["principal", "key"], name="one_answer_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"


class ThrottleWindow(models.Model):
    """How many requests somebody made to a group of routes in the window that is open."""

    key = models.CharField(primary_key=True, max_length=160)
    window_start = models.PositiveBigIntegerField(db_index=True)  # Unix time, s
    hits = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.hits}"
