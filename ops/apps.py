"""Start of the ops app: find what all apps bring along, leave no orphans."""

import sys
from importlib import import_module
from typing import Any

from asgiref.sync import async_to_sync
from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from ops import pipeline, processes, schedule, subjects


def end_live_connections(request: HttpRequest, user: Any, **_: Any) -> None:
    """End the sockets and streams of a browser session that is signed out."""
    from ops.authentication import session_mark  # noqa: PLC0415 - needs the models
    from ops.hints import tell_sign_out  # noqa: PLC0415 - as above
    from ops.progress import announce_sign_out  # noqa: PLC0415 - as above

    mark = session_mark(request.session.session_key)
    if user is not None and mark:
        async_to_sync(announce_sign_out)(user.pk, mark)
        tell_sign_out(user.pk, mark)


class OpsConfig(AppConfig):
    name = "ops"
    verbose_name = "Machine room"

    def ready(self) -> None:
        from ops import cache_stats, caches, sampling  # noqa: PLC0415 - need the models

        import_module("ops.checks")
        for floor in settings.FLOORS:
            app = apps.get_app_config(floor).module
            if app is not None:
                pipeline.discover(app)
                subjects.discover(app)
                schedule.discover(app)
                caches.discover(app)
        for cache in caches.known():
            sampling.watch_cache(cache.name, cache_stats.lookups_of(cache.name))
        user_logged_out.connect(end_live_connections, dispatch_uid="ops.end_live_connections")
        if "qcluster" in sys.argv:  # what django-q2 forks must not outlive its parent
            processes.bind_forks()
