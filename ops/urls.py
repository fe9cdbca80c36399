"""Routes of runs, jobs, health and the API's documentation."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from ops import account_views, api, breaker_api, cache_api, dead_letter_api, streams, views

urlpatterns = [
    path("account/", account_views.account, name="account"),
    path("organization/", account_views.organization, name="organization"),
    path("organization/new/", account_views.found_organization, name="found_organization"),
    path(
        "organization/members/<int:membership_id>/role/",
        account_views.member_role,
        name="member_role",
    ),
    path(
        "organization/members/<int:membership_id>/remove/",
        account_views.member_remove,
        name="member_remove",
    ),
    path(
        "organization/invitations/<uuid:invitation_id>/revoke/",
        account_views.member_invitation_revoke,
        name="member_invitation_revoke",
    ),
    path("organization/budget/", account_views.budget, name="budget"),
    path("organization/audit/", account_views.audit_trail, name="audit_trail"),
    path("organization/keys/", account_views.api_keys, name="api_keys"),
    path(
        "organization/keys/<uuid:key_id>/revoke/",
        account_views.api_key_revoke,
        name="api_key_revoke",
    ),
    path("join/", account_views.join, name="join"),
    path("join/<str:token>/", account_views.join_by_link, name="join_by_link"),
    path("api/v1/analysis/<uuid:run_id>", api.RunDetail.as_view(), name="api_run"),
    path("api/v1/analysis/<uuid:run_id>/status", api.RunStatus.as_view(), name="api_run_status"),
    path("api/v1/analysis/<uuid:run_id>/cancel", api.RunCancel.as_view(), name="api_run_cancel"),
    path(
        "api/v1/analysis/<uuid:run_id>/stream", streams.RunStream.as_view(), name="api_run_stream"
    ),
    path("api/v1/", include("ops.organization_urls")),
    path("api/v1/jobs", api.JobList.as_view(), name="api_jobs"),
    path("api/v1/jobs/<uuid:public_id>", api.JobDetail.as_view(), name="api_job"),
    path("api/v1/jobs/<uuid:public_id>/retry", api.JobRetry.as_view(), name="api_job_retry"),
    path("api/v1/jobs/<uuid:public_id>/cancel", api.JobCancel.as_view(), name="api_job_cancel"),
    path(
        "api/v1/jobs/<uuid:public_id>/reschedule",
        api.JobReschedule.as_view(),
        name="api_job_reschedule",
    ),
    path("health", api.Liveness.as_view(), name="health"),
    path("api/health/workers", api.WorkerHealth.as_view(), name="health_workers"),
    path("api/admin/breakers", breaker_api.BreakerPanel.as_view(), name="api_breakers"),
    path("api/admin/caches", cache_api.CachePanel.as_view(), name="api_caches"),
    path("api/admin/dlq", dead_letter_api.DeadLetterQueue.as_view(), name="api_dead_letters"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("metrics", views.metrics, name="metrics"),
    path("docs", views.Swagger.as_view(), name="api_docs"),
    path("redoc", views.Redoc.as_view(), name="api_redoc"),
]
