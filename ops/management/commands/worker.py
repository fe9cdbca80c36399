"""Run the workers: `manage.py worker`, or `--queues long` on a machine of its own."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.supervisor import Supervisor


class Command(BaseCommand):
    help = "Works on jobs until SIGTERM; restarts what breaks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", default="short,long", help="which, separated by commas")

    def handle(self, *args: Any, **options: Any) -> None:
        queues = [name.strip() for name in options["queues"].split(",") if name.strip()]
        known = ["short", *settings.Q_CLUSTER["ALT_CLUSTERS"]]
        if wrong := sorted(set(queues) - set(known)):
            raise CommandError(f"No such queue: {', '.join(wrong)}. There are: {', '.join(known)}.")
        Supervisor(queues).run(self.stdout.write)
