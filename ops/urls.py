"""Routes of runs, jobs, health and the API's documentation."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from ops import api, streams, views

urlpatterns = [
    path("api/v1/analysis/<uuid:run_id>", api.RunDetail.as_view(), name="api_run"),
    path("api/v1/analysis/<uuid:run_id>/status", api.RunStatus.as_view(), name="api_run_status"),
    path("api/v1/analysis/<uuid:run_id>/cancel", api.RunCancel.as_view(), name="api_run_cancel"),
    path(
        "api/v1/analysis/<uuid:run_id>/stream", streams.RunStream.as_view(), name="api_run_stream"
    ),
    path("api/v1/jobs", api.JobList.as_view(), name="api_jobs"),
    path("api/v1/jobs/<uuid:public_id>", api.JobDetail.as_view(), name="api_job"),
    path("api/v1/jobs/<uuid:public_id>/retry", api.JobRetry.as_view(), name="api_job_retry"),
    path("api/v1/jobs/<uuid:public_id>/cancel", api.JobCancel.as_view(), name="api_job_cancel"),
    path("health", api.Liveness.as_view(), name="health"),
    path("api/health/workers", api.WorkerHealth.as_view(), name="health_workers"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs", views.Swagger.as_view(), name="api_docs"),
    path("redoc", views.Redoc.as_view(), name="api_redoc"),
]
