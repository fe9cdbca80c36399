"""Bring a data folder up to date: what must be done before Candor starts, in one process."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.checks import database_faults, redis_faults
from ops.failures import StageFailure
from recordings.own_storage import own_storage


class Command(BaseCommand):
    """`prepare`: safe to repeat; what is done already costs little."""

    help = "Migrate, make the cache table, collect static files, put the speech model in place."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="and the demo, where allowed")

    def handle(self, *args: Any, **options: Any) -> None:
        for fault in database_faults():
            raise CommandError(f"{fault.msg}\n{fault.hint}")
        for fault in redis_faults():
            self.stderr.write(f"{fault.msg} {fault.hint}")
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("prepare_models", stdout=self.stdout)
        try:
            with own_storage():
                if options["demo"] and not settings.PRODUCTION:
                    call_command("seed_demo", stdout=self.stdout)
        except (OSError, StageFailure) as error:
            raise CommandError(f"The storage of recordings: {error}") from error
