"""Fill an empty installation with the demo, and print how to get in."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from analysis.demo import candidate, content, design
from interviews.models import Interview
from ops.models import Organization, User


class Command(BaseCommand):
    """`seed_demo`: what is there stays, what is missing is made."""

    help = "Create the demo organization, interview and answered session; print the sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bare",
            action="store_true",
            help="only people and an interview of five short questions; prints JSON",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's passwords are public: it is not made in production.")
        if options["bare"]:
            self.stdout.write(json.dumps(seed_bare()))
        else:
            self.print_ways_in(seed_whole())

    def print_ways_in(self, interview: Interview) -> None:
        """Print who can sign in and a link to click through as a candidate."""
        token = candidate.open_invitation(interview=interview, now=timezone.now())
        link = settings.PUBLIC_URL + reverse("candidate_landing", args=[token])
        self.stdout.write(f"\nDemo of {content.ORGANIZATION}: sign in at {settings.PUBLIC_URL}/")
        for person in content.PEOPLE:
            user = User.objects.filter(email=person.email).first()
            if user is not None:
                kept = user.check_password(content.PASSWORD)
                password = content.PASSWORD if kept else "(the password that was set since)"
                place = "staff, /admin/" if person.is_staff else person.role
                self.stdout.write(f"  {person.email:<26} {password:<22} {place}")
        self.stdout.write(f"  as a candidate: {link}\n")


def seed_whole() -> Interview:
    """Return the demo interview, made with its answered session at the first call."""
    now = timezone.now()
    existing = Interview.objects.filter(
        organization__name=content.ORGANIZATION, title=content.INTERVIEW_TITLE
    ).first()
    interview = existing or design.create_interview(
        organization=find_organization(),
        title=content.INTERVIEW_TITLE,
        questions=content.QUESTIONS,
        now=now,
    )
    if not candidate.has_answered(interview):
        candidate.answer_interview(interview=interview, now=now)
    return interview


def seed_bare() -> dict[str, str]:
    """Make what a REST client needs to walk the whole way: an owner, an interview, a link."""
    now = timezone.now()
    interview = design.create_interview(
        organization=find_organization(),
        title=content.BARE_TITLE,
        questions=content.BARE_QUESTIONS,
        now=now,
        introduction="",
    )
    return {
        "interview_key": interview.key,
        "token": candidate.open_invitation(interview=interview, now=now),
        "email": content.PEOPLE[0].email,
        "password": content.PASSWORD,
    }


def find_organization() -> Organization:
    return Organization.objects.filter(name=content.ORGANIZATION).first() or design.create_people()
