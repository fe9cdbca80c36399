"""How a claimed job fails: tried again by policy, a counted crash, or dead with a dead letter."""

import logging
import random
import secrets
import traceback
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.db.models.functions import Now

from ops import failures, pipeline, retry, runs
from ops.clock import database_now
from ops.failures import Failure
from ops.follow import follow
from ops.leases import held
from ops.masking import masked
from ops.models import Attempt, DeadLetter, Job, Run
from ops.pipeline import Stage
from ops.settle import end_if_cancelled, locked, write_end
from ops.similarity import shape_of, similarity_key

logger = logging.getLogger(__name__)
REFERENCE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_rng = random.Random()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What an attempt keeps of its failure: columns of Attempt."""

    failure_code: str
    support_reference: str
    error: str
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defeat:
    """A failed attempt, classified."""

    failure: Failure
    record: Record
    fingerprint: str

    def told(self, retry_at: datetime | None = None) -> dict[str, str | None]:
        """Return the failure as people see it."""
        reference = self.record.support_reference
        return runs.failure_payload(self.failure, support_reference=reference, retry_at=retry_at)


def settle_failure(job: Job, stage: Stage | None, error: BaseException) -> None:
    """Commit a failed attempt: another one later, or the end of the job."""
    defeat = _defeat(job, failures.classify(error), error)
    _log(job, defeat, error)
    with locked(job) as run:
        if end_if_cancelled(run, job):
            return
        if defeat.failure.is_crash:
            _crash(run, job, stage, defeat)
            return
        policy = retry.named(defeat.failure.policy, settings.RETRY_POLICIES)
        tries = job.attempts if policy.burns_attempt else _snoozes(job) + 1
        asked_s = failures.retry_after_s(error)
        delay = policy.delay(tries, _rng, retry_after_s=asked_s)
        if delay is None:
            _die(run, job, stage, defeat)
            return
        ended = Attempt.Outcome.RETRY if policy.burns_attempt else Attempt.Outcome.SNOOZED
        _try_again(run, job, defeat, delay, ended)


def lose(job: Job, code: str = "worker_lost", *, only_expired: bool = False) -> bool:
    """Take a job back from a worker that is gone; return whether it was still there to take.

    The attempt is given back, but the crash counts: a job that kills its workers must end.
    """
    with transaction.atomic():
        run = runs.lock_run(job.run_id)
        rows = held(job).filter(lease_until__lt=Now()) if only_expired else held(job)
        present = rows.first()
        if present is None:
            return False
        if end_if_cancelled(run, present):
            return True
        # The worker may have left word of why it had to die.
        defeat = _defeat(present, failures.by_code(present.failure_code or code), None)
        _log(present, defeat, None)
        _crash(run, present, known_stage(job.stage), defeat)
    return True


def known_stage(name: str) -> Stage | None:
    """Return the stage, None if this version of Candor no longer has it."""
    try:
        return pipeline.get(name)
    except KeyError:
        return None


def new_support_reference() -> str:
    """Return a reference that people can read out, such as CND-7F3K-9Q2M."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
    return f"CND-{letters[:4]}-{letters[4:]}"


def fingerprint_of(failure: Failure, job: Job, error: BaseException | None) -> str:
    """Return what failures of one cause share: code, exception type, innermost own frame."""
    frame = f"stage {job.stage}"
    for found, _ in traceback.walk_tb(error.__traceback__ if error else None):
        module = found.f_globals.get("__name__", "")
        if module.split(".")[0] in settings.FLOORS and not module.startswith("ops."):
            frame = f"{module}.{found.f_code.co_qualname}"
    kind = type(error).__qualname__ if error else ""
    return sha256(f"{failure.code}|{kind}|{frame}".encode()).hexdigest()[:32]


def _defeat(job: Job, failure: Failure, error: BaseException | None) -> Defeat:
    if error is None:
        text, trace = f"The worker {job.worker} ended.", ""
    else:
        text = masked(f"{type(error).__name__}: {error}")
        trace = masked("".join(traceback.format_exception(error)))
    return Defeat(
        failure=failure,
        record=Record(
            failure_code=failure.code,
            support_reference=new_support_reference(),
            error=text[:2000],
            traceback=trace[-20000:],
        ),
        fingerprint=fingerprint_of(failure, job, error),
    )


def _log(job: Job, defeat: Defeat, error: BaseException | None) -> None:
    extra = {"job_id": job.public_id, "run_id": job.run_id, "stage": job.stage}
    extra |= {
        "failure_code": defeat.failure.code,
        "support_reference": defeat.record.support_reference,
    }
    # A failure the table knows needs no traceback on the console; the attempt's row has it.
    trace = error if defeat.failure.code == "unknown" else None
    logger.warning(
        "%s failed: %s (%s) %s",
        job,
        defeat.failure.code,
        defeat.record.support_reference,
        defeat.record.error,
        exc_info=trace,
        extra=extra,
    )


def _snoozes(job: Job) -> int:
    """Return how many of the latest attempts ended in a snooze."""
    latest = Attempt.objects.filter(job=job, token__lt=job.token).order_by("-token")
    count = 0
    for outcome in latest.values_list("outcome", flat=True):
        if outcome != Attempt.Outcome.SNOOZED:
            break
        count += 1
    return count


def _crash(run: Run, job: Job, stage: Stage | None, defeat: Defeat) -> None:
    """Count the crash and give the attempt back; the last one the budget allows is the end."""
    job.crashes += 1
    delay = retry.named("crash", settings.RETRY_POLICIES).delay(job.crashes, _rng)
    if job.crashes >= settings.MAX_CRASHES or delay is None:
        _die(run, job, stage, defeat)
    else:
        _try_again(run, job, defeat, delay, Attempt.Outcome.LOST)


def _try_again(
    run: Run, job: Job, defeat: Defeat, delay: timedelta, ended: Attempt.Outcome
) -> None:
    """Let the job wait for its next attempt; only a RETRY has used one up."""
    now = database_now()
    retry_at = now + delay
    given_back = 0 if ended == Attempt.Outcome.RETRY else 1
    job.attempts -= given_back
    failure = defeat.failure
    write_end(
        job,
        ended,
        now,
        record={**asdict(defeat.record), "delay_s": delay.total_seconds()},
        state=Job.State.WAITING,
        run_at=retry_at,
        attempts=F("attempts") - given_back,
        crashes=job.crashes,
        failure_code=failure.code,
        reason=failure.message[:200],
    )
    runs.tell_stage(
        job,
        "retrying",
        reason=failure.message,
        retry_at=runs.iso(retry_at),
        failure=defeat.told(retry_at),
    )
    follow(run, now)


def _die(run: Run, job: Job, stage: Stage | None, defeat: Defeat) -> None:
    """End a job for good, with a dead letter for people to look at."""
    now = database_now()
    code = defeat.failure.code
    write_end(
        job,
        Attempt.Outcome.LOST if defeat.failure.is_crash else Attempt.Outcome.DEAD,
        now,
        record=asdict(defeat.record),
        state=Job.State.DEAD,
        finished_at=now,
        crashes=job.crashes,
        failure_code=code,
        reason=defeat.failure.message[:200],
    )
    _keep_letter(run, job, defeat, now)
    _tell_subject(job, stage, code)
    runs.tell_failed(job, defeat.told())
    follow(run, now)


def _keep_letter(run: Run, job: Job, defeat: Defeat, now: datetime) -> None:
    """Write the dead letter, with the time of its automatic redrive if the failure may pass."""
    known = DeadLetter.objects.filter(job=job).values_list("automatic_redrives", flat=True).first()
    wait = retry.automatic_redrive(
        defeat.failure.policy, known or 0, settings.AUTOMATIC_REDRIVE_AFTER_H
    )
    shape = shape_of(defeat.record.error)
    DeadLetter.objects.update_or_create(
        job=job,
        defaults={
            "state": DeadLetter.State.OPEN,
            "fingerprint": defeat.fingerprint,
            "similar": similarity_key(defeat.failure.code, shape),
            "shape": shape,
            "failure_code": defeat.failure.code,
            "stage": job.stage,
            "queue": job.queue,
            "waiting_id": run.subject_id,
            "redrive_at": now + wait if wait is not None else None,
            "redrive_actor": "",
            "redrive_reason": "",
            "expires_at": now + timedelta(days=settings.DEAD_LETTER_DAYS),
        },
    )


def _tell_subject(job: Job, stage: Stage | None, code: str) -> None:
    """Write what the death means for the subject, in the same commit."""
    if stage is None or stage.on_dead is None:
        return
    try:
        with transaction.atomic():
            stage.on_dead(job.subject_id, code)
    except DatabaseError:
        raise  # the whole settling is tried again
    except Exception:
        # The job is dead all the same: undoing that would only let it die again, for ever.
        logger.exception("What the death of %s means could not be written", job)
