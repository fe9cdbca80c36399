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
handler400 = "ops.error_pages.bad_request"
handler403 = "ops.error_pages.forbidden"
handler404 = "ops.error_pages.not_found"
handler429 = "ops.error_pages.too_many_requests"
handler500 = "ops.problems.server_error"
