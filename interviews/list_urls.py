"""Routes of what members look through: their reviews, and who reviews what."""

from django.urls import path

from interviews import views

urlpatterns = [
    path("reviews/", views.own_reviews, name="own_reviews"),
]
