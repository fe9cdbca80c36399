"""Start of the analysis app."""

from importlib import import_module
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from analysis import question_bank


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        import_module("analysis.checks")
        if settings.QUESTION_BANK_DIR:
            question_bank.also_read(Path(settings.QUESTION_BANK_DIR))
