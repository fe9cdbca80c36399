"""Start of the recordings app."""

from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings"
