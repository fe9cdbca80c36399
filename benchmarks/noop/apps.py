"""Registers the stage."""

from django.apps import AppConfig

from benchmarks import noop
from ops import pipeline


class NoopConfig(AppConfig):
    name = "benchmarks.noop"
    label = "noop"

    def ready(self) -> None:
        pipeline.discover(noop)
