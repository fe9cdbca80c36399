"""The product's settings, with throwaway stages instead of its own, for real worker processes."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.ops.throwaway"]  # noqa: F405
FLOORS = ["ops", "throwaway"]
