"""Whether the job engine will try a stage again after a failure, or this was the last time."""

from uuid import UUID

from ops import retry
from ops.failures import Failure
from ops.models import Attempt
from ops.pipeline import Report

# A busy service may be snoozed many times without burning an attempt. An answer should not wait
# for hours where another engine, or the deterministic reading, is at hand.
MAX_TRIES = 4


def will_retry(report: Report, stage: str, subject_id: UUID, failure: Failure) -> bool:
    """Say whether raising `failure` now leads to another attempt worth waiting for."""
    tries = Attempt.objects.filter(
        job__run_id=report.run_id,
        job__stage=stage,
        job__subject_id=subject_id,
        job__generation=report.generation,
    ).count()
    return tries < min(MAX_TRIES, retry.POLICIES[failure.policy].retries + 1)
