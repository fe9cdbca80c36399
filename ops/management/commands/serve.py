"""Run Candor on this machine: the web process and the workers, under one supervisor."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ops.supervisor import AddressInUseError, Supervisor, require_free_address


class Command(BaseCommand):
    help = "Serves the web and works on jobs until SIGTERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_free_address(settings.BIND, settings.PORT)
        except AddressInUseError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        queues = ["short", *settings.Q_CLUSTER["ALT_CLUSTERS"]]
        Supervisor(queues, with_web=True).run(self.stdout.write)
