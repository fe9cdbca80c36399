"""Accounts, keys and what was done, as staff see them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ops.admin_base import StaffAdmin
from ops.admin_links import subject_link
from ops.models import (
    ApiKey,
    AuditEntry,
    IdempotencyRecord,
    MemberInvitation,
    Membership,
    Organization,
    ThrottleWindow,
    User,
)


@admin.register(User)
class UserAdmin(StaffAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "date_joined")
    search_fields = ("email", "name")
    ordering = ("email",)
    editable = frozenset({"name", "is_active", "is_staff", "is_superuser"})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep superusers from shutting themselves out."""
        return super().has_change_permission(request, obj) and obj != request.user


@admin.register(Organization)
class OrganizationAdmin(StaffAdmin):
    list_display = ("name", "created_at")
    list_filter = ("created_at",)
    search_fields = ("name",)
    ordering = ("name",)
    editable = frozenset({"name"})
    organization_path = "pk"


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role", "created_at")
    list_select_related = ("user", "organization")
    search_fields = ("user__email", "user__name", "organization__name")


@admin.register(MemberInvitation)
class MemberInvitationAdmin(StaffAdmin):
    list_display = (
        "email",
        "organization",
        "role",
        "created_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    )
    list_filter = ("role", "created_at", ("accepted_at", admin.EmptyFieldListFilter))
    list_select_related = ("organization",)
    search_fields = ("email", "organization__name")
    ordering = ("-created_at",)
    organization_path = "organization_id"


@admin.register(ApiKey)
class ApiKeyAdmin(StaffAdmin):
    list_display = ("name", "prefix", "user", "created_at", "expires_at", "revoked_at")
    list_filter = ("created_at", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    ordering = ("-created_at",)


@admin.register(AuditEntry)
class AuditEntryAdmin(StaffAdmin):
    list_display = ("at", "actor", "action", subject_link, "organization")
    list_filter = ("at",)
    list_select_related = ("organization",)
    search_fields = ("actor", "action", "subject_id")
    search_help_text = _("An id, an actor such as member:7, or an action such as job.redriven.")


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(StaffAdmin):
    list_display = ("principal", "key", "status", "created_at")
    list_filter = ("created_at",)
    search_fields = ("principal", "key")
    hidden = frozenset({"answer"})  # it may hold a link or a key that was shown once


@admin.register(ThrottleWindow)
class ThrottleWindowAdmin(StaffAdmin):
    list_display = ("key", "window_start", "hits")
    search_fields = ("key",)
    search_help_text = _("A scope such as reads:, or who is counted.")
    ordering = ("-window_start", "key")
