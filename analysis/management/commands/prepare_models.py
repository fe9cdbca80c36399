"""Put the local speech model's weights in place."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analysis.engines import local_weights


class Command(BaseCommand):
    help = "Assemble and verify the local speech model; a second call only looks at the stamp."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        directory = settings.WHISPER_MODEL_DIR
        if not settings.LOCAL_ENGINES:
            self.stdout.write("LOCAL_ENGINES=0: no speech model is needed.")
            return
        if local_weights.is_verified(directory):
            self.stdout.write(f"The speech model in {directory} is verified.")
            return
        is_ours = directory == settings.DATA_DIR / "models" / "whisper-base"
        if not is_ours and local_weights.is_complete(directory):
            self.stdout.write(f"WHISPER_MODEL_DIR={directory} has a model of its own: kept.")
            return
        try:
            local_weights.assemble(directory)
        except (local_weights.WeightsError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"The speech model is ready in {directory}."))
