"""Every route of the product, by app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("ops.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("interviews.urls")),
    path("", include("recordings.urls")),
    path("", include("analysis.urls")),
]

# Programs get problem documents, people get pages.
handler400 = "ops.problems.bad_request"
handler403 = "ops.problems.forbidden"
handler404 = "ops.problems.not_found"
handler500 = "ops.problems.server_error"
