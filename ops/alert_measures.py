"""The measured facts behind the alerts; a fixed number of queries."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef

from ops.alert_rules import NEEDS_A_PERSON, Measures, NewCause
from ops.health import judge
from ops.models import Attempt, DeadLetter
from ops.workload import measured_facts

NEW_FOR = timedelta(hours=1)
MOST_CAUSES = 20  # told of at once: more of them say no more
FAILED = (Attempt.Outcome.RETRY, Attempt.Outcome.SNOOZED, Attempt.Outcome.DEAD)


def measures(now: datetime) -> Measures:
    """Return what the rules look at. Raises DatabaseError."""
    letters = DeadLetter.objects.filter(state=DeadLetter.State.OPEN)
    by_queue = letters.values_list("queue").annotate(count=Count("pk")).order_by()
    return Measures(
        health=judge(measured_facts(now)),
        open_letters=dict(by_queue),
        new_causes=_new_causes(now),
        unattended=_unattended(now),
    )


def _new_causes(now: datetime) -> tuple[NewCause, ...]:
    """Return causes whose first letter is younger than NEW_FOR and that nobody has dealt with."""
    since = now - NEW_FOR
    before = DeadLetter.objects.filter(fingerprint=OuterRef("fingerprint"), created_at__lt=since)
    young = DeadLetter.objects.filter(state=DeadLetter.State.OPEN, created_at__gte=since)
    rows = (
        young.filter(~Exists(before))
        .values_list("fingerprint", "failure_code", "stage")
        .annotate(count=Count("pk"))
        .order_by("fingerprint")
    )
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for fingerprint, code, stage, count in rows[: MOST_CAUSES * 4]:
        found[fingerprint, code][stage] = count
    causes = (
        NewCause(
            fingerprint=fingerprint,
            failure_code=code,
            stages=tuple(sorted(stages)),
            count=sum(stages.values()),
        )
        for (fingerprint, code), stages in found.items()
    )
    return tuple(causes)[:MOST_CAUSES]


def _unattended(now: datetime) -> dict[str, int]:
    """Return how many attempts of the last hour met a failure that waits for a person, by code."""
    recent = Attempt.objects.filter(outcome__in=FAILED, ended_at__gte=now - NEW_FOR)
    found = recent.filter(failure_code__in=NEEDS_A_PERSON)
    return dict(found.values_list("failure_code").annotate(count=Count("pk")).order_by())
