"""The product's settings; every stage is watched, and fails where the plan of faults says so."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.faults"]  # noqa: F405
