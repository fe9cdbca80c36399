"""Uploads, recordings and who was given their addresses, as staff see them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ops.admin_base import StaffAdmin, register_the_rest
from recordings.models import QualityReport, Recording, Rendition, Upload, UrlGrant


@admin.register(Recording)
class RecordingAdmin(StaffAdmin):
    list_display = (
        "id",
        "session_id",
        "state",
        "content_type",
        "size_bytes",
        "duration_ms",
        "failure_code",
        "created_at",
    )
    list_filter = ("state", "storage_type", "created_at")
    search_fields = ("object_key", "failure_code", "sha256", "session__candidate__alias")
    search_help_text = _("An id, an object's key, a checksum, an alias, a failure code.")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    hidden = frozenset({"peaks"})
    opening_is_audited = True
    organization_path = "session.organization_id"


@admin.register(Upload)
class UploadAdmin(StaffAdmin):
    list_display = ("id", "take", "state", "content_type", "size_bytes", "created_at", "expires_at")
    list_filter = ("state", "created_at")
    list_select_related = ("take",)
    search_fields = ("object_key", "sha256", "content_type")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"


@admin.register(Rendition)
class RenditionAdmin(StaffAdmin):
    list_display = ("id", "recording_id", "kind", "content_type", "size_bytes", "created_at")
    list_filter = ("kind", "created_at")
    search_fields = ("object_key", "sha256")


@admin.register(QualityReport)
class QualityReportAdmin(StaffAdmin):
    list_display = ("recording_id", "loudness_dbfs", "peak_dbfs", "clipped_share", "silent_share")
    search_fields = ("recording__session__candidate__alias",)


@admin.register(UrlGrant)
class UrlGrantAdmin(StaffAdmin):
    list_display = ("id", "recording_id", "rendition", "purpose", "actor", "created_at")
    list_filter = ("purpose", "created_at")
    search_fields = ("actor", "rendition")
    search_help_text = _("An id (of the grant or its recording), an actor such as member:7.")
    ordering = ("-created_at",)


register_the_rest("recordings")
