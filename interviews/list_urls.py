"""Routes of what members look through: their reviews, and who reviews what."""

from django.urls import path

from interviews import assignment_api, assignment_views, views

urlpatterns = [
    path("reviews/", views.own_reviews, name="own_reviews"),
    path("interviews/<str:key>/reviewers/", assignment_views.assign_many, name="assign_many"),
    path(
        "interviews/<str:key>/reviewers/<uuid:assignment_id>/end/",
        assignment_views.assignment_end,
        name="assignment_end",
    ),
    path(
        "interviews/<str:key>/sessions/<uuid:session_id>/reviewers/",
        assignment_views.session_reviewers,
        name="session_reviewers",
    ),
    path(
        "api/v1/interviewer/interviews/<str:key>/assignments",
        assignment_api.Assignments.as_view(),
        name="api_assignments",
    ),
    path(
        "api/v1/interviewer/interviews/<str:key>/assignments/<uuid:assignment_id>",
        assignment_api.AssignmentDetail.as_view(),
        name="api_assignment",
    ),
]
