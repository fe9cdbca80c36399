"""Tables of the REST framework and its OpenAPI document; settings.py adds what is set."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ops.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["ops.authentication.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ops.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["ops.throttles.PrincipalThrottle"],
    "DEFAULT_PAGINATION_CLASS": "ops.paging.KeysetPagination",
    "DEFAULT_THROTTLE_RATES": {
        "reads": "600/min",
        "urls": "120/min",
        "runs": "30/min",
        "questions": "60/min",
        "candidate": "600/min",
        "writes": "240/min",
        "candidate_start": "10/min",
    },
    "EXCEPTION_HANDLER": "ops.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Candor",
    "DESCRIPTION": "Asynchronous structured interviews. Times are UTC ISO 8601, ids are UUIDs.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": False},  # it puts links inside buttons
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": False,
    "SCHEMA_PATH_PREFIX": r"/api(/v1)?/",  # what follows it groups the operations
    "ENUM_NAME_OVERRIDES": {
        "RunState": "ops.models.Run.State",
        "JobState": "ops.models.Job.State",
        "SessionState": "interviews.models.Session.State",
        "InterviewState": "interviews.models.Interview.State",
        "KeyState": "ops.organization_serializers.KEY_STATES",
        "QuestionKind": "interviews.design_limits.KINDS",
        "GeneratedKind": "analysis.suggestions.KINDS",
        "Difficulty": "analysis.suggestions.DIFFICULTIES",
        "LocaleEnum": "interviews.design_serializers.CODES",
        "LibraryLocale": "analysis.question_bank.LOCALES",
        "ProgrammingLanguage": "analysis.coding_tasks.LANGUAGES",
        "InvitationState": "interviews.selectors.invitations.STATES",
        "InvitationKind": "interviews.models.Invitation.Kind",
        "RecordedMode": "recordings.serializers.RECORDED_MODES",
        "HealthStatus": "ops.serializers.HEALTH_STATUSES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ops.openapi.add_problems",
    ],
}
