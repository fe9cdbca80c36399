"""The product's settings, with the stage that does nothing."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.noop"]  # noqa: F405
