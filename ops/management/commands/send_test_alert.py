"""Send a test message to every channel of ALERT_URLS and say what became of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ops.alerts import send_test_alert


class Command(BaseCommand):
    help = "Sends a test message to every channel of ALERT_URLS; exit code 1 unless all took it."

    def handle(self, *args: Any, **options: Any) -> None:
        deliveries = send_test_alert(actor="command")
        if not deliveries:
            raise CommandError("ALERT_URLS is empty: nobody would be told.")
        for each in deliveries:
            self.stdout.write(f"{each.channel}: {each.error or 'delivered'}")
        if not all(each.is_done for each in deliveries):
            raise CommandError("Not every channel took it.")
