"""Run the periodic work that is due, once: for hosts on which no supervisor runs."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ops.rounds import run_due


class Command(BaseCommand):
    help = "Runs the periodic work that is due now, once (`serve` and `worker` do so themselves)."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in run_due(timezone.now()):
            self.stdout.write(name)
