"""Transcripts, metrics and ratings as staff see them: what was heard, measured and judged."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from analysis.models import (
    AnalysisRun,
    Evidence,
    Rating,
    Scorecard,
    ScorecardRating,
    TextMetrics,
    Transcript,
)
from ops.admin_base import StaffAdmin, register_the_rest


@admin.register(Transcript)
class TranscriptAdmin(StaffAdmin):
    list_display = (
        "recording_id",
        "engine",
        "model",
        "language",
        "state",
        "confidence",
        "created_at",
    )
    list_filter = ("state", "created_at")
    search_fields = ("engine", "model", "recording__session__candidate__alias")
    hidden = frozenset({"segments", "pauses"})  # thousands of words with their times
    opening_is_audited = True
    organization_path = "recording.session.organization_id"


@admin.register(TextMetrics)
class TextMetricsAdmin(StaffAdmin):
    list_display = ("response_id", "word_count", "rate_wpm", "pause_count", "filler_count")
    search_fields = ("response__session__candidate__alias",)


@admin.register(AnalysisRun)
class AnalysisRunAdmin(StaffAdmin):
    list_display = (
        "id",
        "session_id",
        "provider",
        "model",
        "is_current",
        "tokens_in",
        "tokens_out",
        "cost_usd",
        "failure_code",
        "created_at",
    )
    list_filter = ("is_current", "created_at")
    search_fields = ("provider", "model", "failure_code", "session__candidate__alias")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    opening_is_audited = True  # what the model said of the answers stands in it
    organization_path = "session.organization_id"


@admin.register(Rating)
class RatingAdmin(StaffAdmin):
    list_display = ("competency", "response_id", "level", "analysis")
    list_filter = ("level",)
    list_select_related = ("competency", "analysis")
    search_fields = ("competency__name", "response__session__candidate__alias")
    opening_is_audited = True
    organization_path = "response.session.organization_id"


@admin.register(Evidence)
class EvidenceAdmin(StaffAdmin):
    list_display = ("id", "rating", "start_ms", "end_ms", "is_approximate", "verified")
    list_filter = ("is_approximate",)
    list_select_related = ("rating__competency",)
    search_fields = ("rating__competency__name",)
    opening_is_audited = True  # it quotes the answer
    organization_path = "rating.response.session.organization_id"


@admin.register(Scorecard)
class ScorecardAdmin(StaffAdmin):
    """What a reviewer wrote of a person: each look at it is written down."""

    list_display = ("id", "session_id", "member", "state", "submitted_at")
    list_filter = ("state", "submitted_at")
    list_select_related = ("member__user",)
    search_fields = ("member__user__email", "session__candidate__alias")
    search_help_text = _("An id, a reviewer's address, an alias.")
    opening_is_audited = True
    organization_path = "session.organization_id"


@admin.register(ScorecardRating)
class ScorecardRatingAdmin(StaffAdmin):
    list_display = ("id", "scorecard_id", "rubric", "level")
    list_filter = ("level",)
    list_select_related = ("rubric__competency",)
    search_fields = ("rubric__competency__name", "scorecard__session__candidate__alias")
    opening_is_audited = True
    organization_path = "scorecard.session.organization_id"


register_the_rest("analysis")
