"""Make an API key for somebody and print it, once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from ops.conflicts import StateConflict
from ops.models import User
from ops.principals import SCOPES, SPECIAL_SCOPES
from ops.services import create_api_key

MEMBER_SCOPES = [scope for scope in SCOPES if scope not in SPECIAL_SCOPES]


class Command(BaseCommand):
    help = "Make an API key for a member. The key is printed alone on standard output, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scopes", nargs="+", choices=SCOPES, default=MEMBER_SCOPES)
        parser.add_argument("--days", type=int, help="Let the key expire after so many days.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {options['email']}.")
        now = timezone.now()
        days = options["days"]
        try:
            _, key = create_api_key(
                user=user,
                name=options["name"],
                scopes=options["scopes"],
                now=now,
                expires_at=None if days is None else now + timedelta(days=days),
            )
        except StateConflict as error:
            raise CommandError(error.message) from error
        self.stdout.write(key)
