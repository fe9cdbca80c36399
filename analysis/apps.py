"""Start of the analysis app."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"
