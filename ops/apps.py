"""Start of the ops app: find the stages and subjects of all apps, leave no orphans."""

import ctypes
import os
import signal
import sys

from django.apps import AppConfig, apps
from django.conf import settings

from ops import pipeline, subjects

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class OpsConfig(AppConfig):
    name = "ops"

    def ready(self) -> None:
        for floor in settings.FLOORS:
            app = apps.get_app_config(floor).module
            if app is not None:
                pipeline.discover(app)
                subjects.discover(app)
        if "qcluster" in sys.argv:  # what django-q2 forks must not outlive its parent
            os.register_at_fork(after_in_child=die_with_parent)
