"""Interviews, candidates and sessions as staff see them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from interviews.models import (
    Accommodation,
    Anchor,
    Assignment,
    Candidate,
    Competency,
    ConsentRecord,
    Interview,
    InterviewQuestion,
    InterviewVersion,
    Invitation,
    Question,
    QuestionCompetency,
    Response,
    RubricVersion,
    Session,
    Take,
)
from ops.admin_base import StaffAdmin, register_the_rest

NEVER = (admin.EmptyFieldListFilter,)


@admin.register(Interview)
class InterviewAdmin(StaffAdmin):
    list_display = ("title", "key", "organization", "state", "ai_mode", "created_at")
    list_filter = ("state", "ai_mode", "created_at")
    list_select_related = ("organization",)
    search_fields = ("title", "key", "external_id", "organization__name")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"

    def view_on_site(self, obj: Interview) -> str:
        """Lead to the live board."""
        return reverse("board", args=(obj.key,))


@admin.register(InterviewVersion)
class InterviewVersionAdmin(StaffAdmin):
    list_display = ("interview", "number", "state", "published_at")
    list_filter = ("state", "published_at")
    list_select_related = ("interview",)
    search_fields = ("interview__title", "interview__key")


@admin.register(InterviewQuestion)
class InterviewQuestionAdmin(StaffAdmin):
    list_display = ("text", "version", "order", "kind", "think_time_s", "answer_limit_s")
    list_filter = ("kind", "required")
    list_select_related = ("version__interview",)
    search_fields = ("text", "version__interview__title")


@admin.register(QuestionCompetency)
class QuestionCompetencyAdmin(StaffAdmin):
    list_display = ("rubric", "question", "weight")
    list_select_related = ("rubric__competency", "question")
    search_fields = ("rubric__competency__name", "question__text")


@admin.register(Question)
class QuestionAdmin(StaffAdmin):
    list_display = ("text", "organization", "kind", "difficulty", "origin", "created_at")
    list_filter = ("kind", "difficulty", "origin", "created_at")
    list_select_related = ("organization",)
    search_fields = ("text", "topic", "organization__name")
    ordering = ("-created_at",)


@admin.register(Competency)
class CompetencyAdmin(StaffAdmin):
    list_display = ("name", "organization", "definition")
    list_select_related = ("organization",)
    search_fields = ("name", "definition", "organization__name")
    ordering = ("name",)


@admin.register(RubricVersion)
class RubricVersionAdmin(StaffAdmin):
    list_display = ("competency", "number", "published_at", "content_hash")
    list_filter = ("published_at",)
    list_select_related = ("competency",)
    search_fields = ("competency__name", "content_hash")


@admin.register(Anchor)
class AnchorAdmin(StaffAdmin):
    list_display = ("rubric", "level", "text")
    list_filter = ("level",)
    list_select_related = ("rubric__competency",)
    search_fields = ("text", "rubric__competency__name")


@admin.register(Candidate)
class CandidateAdmin(StaffAdmin):
    """The one place where staff see who a candidate is; each look at it is written down."""

    list_display = ("alias", "organization", "locale", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("organization",)
    search_fields = ("alias", "name", "email", "external_id")
    search_help_text = _(
        "An alias, a name, a mail address, an id. That somebody searched is written down."
    )
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    opening_is_audited = True
    organization_path = "organization_id"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Write down that people were searched for, not for whom."""
        if search_term and request.method == "GET":
            self.note(request, "searched")
        return super().get_search_results(request, queryset, search_term)


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin):
    list_display = (
        "token_prefix",
        "interview",
        "candidate",
        "kind",
        "created_at",
        "expires_at",
        "opened_at",
        "revoked_at",
    )
    list_filter = ("kind", "created_at", ("revoked_at", *NEVER), ("opened_at", *NEVER))
    list_select_related = ("interview", "candidate")
    search_fields = ("token_prefix", "candidate__alias", "interview__title")
    search_help_text = _("The first letters of a link, an alias, an interview, an id.")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"


@admin.register(Session)
class SessionAdmin(StaffAdmin):
    list_display = ("id", "candidate", "version", "state", "created_at", "submitted_at", "ready_at")
    list_filter = ("state", "ai_mode", "created_at")
    list_select_related = ("candidate", "version__interview")
    search_fields = ("candidate__alias", "version__interview__title", "external_id")
    search_help_text = _("An id, an alias, an interview.")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    opening_is_audited = True
    organization_path = "organization_id"

    def view_on_site(self, obj: Session) -> str:
        """Lead to the results."""
        return reverse("session_results", args=(obj.version.interview.key, obj.pk))


@admin.register(Response)
class ResponseAdmin(StaffAdmin):
    list_display = ("id", "session", "question", "state", "mode", "submitted_at")
    list_filter = ("state", "submitted_at")
    list_select_related = ("session__candidate", "session__version__interview", "question")
    search_fields = ("session__candidate__alias", "question__text")
    ordering = ("-submitted_at", "-pk")
    opening_is_audited = True  # a typed answer stands in it
    organization_path = "session.organization_id"


@admin.register(Take)
class TakeAdmin(StaffAdmin):
    list_display = ("id", "response", "number", "mode", "state", "is_counted", "failure_code")
    list_filter = ("state", "is_counted", "started_at")
    list_select_related = ("response",)
    search_fields = ("failure_code", "response__session__candidate__alias")
    ordering = ("-started_at",)


@admin.register(ConsentRecord)
class ConsentRecordAdmin(StaffAdmin):
    list_display = ("at", "session", "scope", "granted", "notice_version", "notice_hash")
    list_filter = ("scope", "granted", "at")
    list_select_related = ("session__candidate", "session__version__interview")
    search_fields = ("session__candidate__alias", "notice_version")
    date_hierarchy = "at"


@admin.register(Accommodation)
class AccommodationAdmin(StaffAdmin):
    list_display = ("session", "time_multiplier", "extra_takes", "starts_at")
    list_filter = ("starts_at",)
    list_select_related = ("session__candidate", "session__version__interview")
    search_fields = ("session__candidate__alias",)
    opening_is_audited = True  # it may tell of a disability
    organization_path = "session.organization_id"


@admin.register(Assignment)
class AssignmentAdmin(StaffAdmin):
    list_display = ("member", "session", "created_at")
    list_filter = ("created_at",)
    list_select_related = (
        "member__user",
        "session__candidate",
        "session__version__interview",
    )
    search_fields = ("member__user__email", "session__candidate__alias")


register_the_rest("interviews")
