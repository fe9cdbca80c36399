"""Whether the job engine will try a stage again after a failure, or this was the last time."""

from uuid import UUID

from django.conf import settings

from ops import retry
from ops.failures import Failure
from ops.models import Attempt
from ops.pipeline import Report

# A busy service may be snoozed many times without burning an attempt. An answer should not wait
# for hours where another engine, or the deterministic reading, is at hand.
MAX_TRIES = 4
NO_TRIES = (Attempt.Outcome.WAITED, Attempt.Outcome.INTERRUPTED)


def will_retry(report: Report, stage: str, subject_id: UUID, failure: Failure) -> bool:
    """Say whether raising `failure` now leads to another attempt worth waiting for."""
    made = Attempt.objects.filter(
        job__run_id=report.run_id,
        job__stage=stage,
        job__subject_id=subject_id,
        job__generation=report.generation,
    )
    tries = max(1, made.exclude(outcome__in=NO_TRIES).count())  # this one, at least
    policy = retry.named(failure.policy, settings.RETRY_POLICIES)
    return tries < min(MAX_TRIES, policy.retries + 1)
