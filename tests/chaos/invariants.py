"""Every promise of the job engine, looked up in the rows after the storm (JOBS.md numbers them).

Each function returns what breaks its promise, as sentences; none is the good answer.
"""

from collections import Counter

from django.db.models import Count, F

from analysis.models import Transcript
from interviews.models import Session
from ops.models import Attempt, AuditEntry, DeadLetter, Event, Job, Run
from tests.chaos.faults import plan
from tests.chaos.faults.apps import LEDGER

CRASH_BUDGET = 3
ENDED = ("done", "dead", "cancelled")
PAID = ("transcribe", "evaluate")


def jobs_are_as_many_as_were_handed_in(load):
    """1. Committed = exactly one job."""
    verifies = Job.objects.filter(stage="verify").count()
    sessions = Run.objects.count()
    if (verifies, sessions) != (len(load.recordings), load.sessions):
        yield f"{verifies} recordings and {sessions} runs came of {load}"


def everything_has_ended(_):
    """2. At rest every job is done, dead or cancelled, and no attempt is open."""
    for job in Job.objects.exclude(state__in=ENDED):
        yield f"{job} is {job.state}"
    for attempt in Attempt.objects.filter(ended_at=None):
        yield f"{attempt} is open"


def an_effect_exists_once(_):
    """3. Done = one effect per stage and generation, and one completed attempt."""
    written = AuditEntry.objects.filter(action=LEDGER)
    found = written.values_list("subject_kind", "subject_id", "detail__generation")
    entries = Counter((stage, subject, int(generation)) for stage, subject, generation in found)
    for key, count in entries.items():
        if count != 1:
            yield f"{key} has {count} effects"
    for job in Job.objects.filter(state="done", outcome="completed"):
        if entries[job.stage, str(job.subject_id), job.generation] != 1:
            yield f"{job} is done without an effect"
        ends = Attempt.objects.filter(job=job, outcome="completed").count()
        if ends != 1:
            yield f"{job} has {ends} completed attempts"
    doubled = Transcript.objects.values("recording").annotate(n=Count("pk")).filter(n__gt=1)
    for row in doubled:
        yield f"recording {row['recording']} has {row['n']} transcripts"


def attempts_are_counted_by_the_fence(_):
    """4. Attempts = token: nothing was claimed twice, nothing written by an older token."""
    for job in Job.objects.annotate(tries=Count("attempt_rows")).exclude(tries=F("token")):
        yield f"{job} has {job.tries} attempts and token {job.token}"


def a_finished_stage_never_runs_again(_):
    """5. What was completed was the last attempt. By tokens: the clock was set meanwhile."""
    for job in Job.objects.all():
        ended = [a.outcome for a in Attempt.objects.filter(job=job).order_by("token")]
        if "completed" in ended[:-1]:
            yield f"{job} was claimed again after it was completed: {ended}"


def poison_ends_after_its_budget(load):
    """6. Poison is dead after exactly three crashes; its neighbours are unharmed."""
    for subject in load.struck_by("poison"):
        job = Job.objects.get(stage="prepare", subject_id=subject)
        if (job.state, job.crashes) != ("dead", CRASH_BUDGET):
            yield f"poisoned {job} is {job.state} after {job.crashes} crashes"
    innocent = Job.objects.filter(state="dead").exclude(
        subject_id__in=[*load.struck_by("poison"), *load.broken]
    )
    for job in innocent:
        yield f"{job} is dead of {job.failure_code} though nothing was wrong with it"


def what_cannot_be_mended_is_tried_once(load):
    """7. A permanent failure has one attempt; what passes costs no more than its policy."""
    for subject in load.broken:
        job = Job.objects.get(stage="verify", subject_id=subject)
        if job.state != "dead" or job.attempts != 1:
            yield f"broken {job} is {job.state} after {job.attempts} attempts"
    for kind in ("disk_full", "flaky"):
        for key, fault in load.faults.items():
            stage, _, subject = key.partition(":")
            if fault["kind"] != kind:
                continue
            job = Job.objects.filter(stage=stage, subject_id=subject).first()
            if job is None or job.state != "done":
                yield f"{kind} {stage} of {subject} is not done, though it passes in the end"


def what_is_left_out_never_strands_a_session(load):
    """Dead recordings are named, and every session is ready for people."""
    for session in Session.objects.exclude(state="ready_for_review"):
        yield f"session {session.pk} is {session.state}"
    for run in Run.objects.exclude(state="completed"):
        yield f"{run} is {run.state}"
    dead = Job.objects.filter(state="dead").count()
    letters = DeadLetter.objects.filter(state="open").count()
    if dead != letters:
        yield f"{dead} dead jobs have {letters} dead letters"


def events_have_no_gaps(_):
    """12. Sequence numbers have no gaps, and percent never falls."""
    for run in Run.objects.all():
        told = list(Event.objects.filter(run=run).order_by("seq"))
        if [event.seq for event in told] != list(range(1, len(told) + 1)):
            yield f"{run} has gaps in its events"
        percents = [e.payload["percent"] for e in told if "percent" in e.payload]
        if percents != sorted(percents):
            yield f"the percent of {run} falls"


def keys_are_unique(_):
    """9. Two live jobs never share a stage, subject and generation."""
    same = Job.objects.values("run", "stage", "subject_id", "generation")
    for row in same.annotate(n=Count("pk")).filter(n__gt=1):
        yield f"{row['stage']} of {row['subject_id']} has {row['n']} jobs"


def paid_calls_are_repeated_only_for_a_reason(_):
    """14. Calls repeated <= attempts that were lost, interrupted or retried."""
    made = Counter(plan.calls())
    for stage in PAID:
        for job in Job.objects.filter(stage=stage):
            again = made[f"{stage}:{job.subject_id}"] - 1
            reasons = Attempt.objects.filter(
                job__stage=stage, job__subject_id=job.subject_id
            ).exclude(outcome="completed")
            if again > reasons.count():
                yield f"{job} called {again} times more for {reasons.count()} reasons"


ALL = (
    jobs_are_as_many_as_were_handed_in,
    everything_has_ended,
    an_effect_exists_once,
    attempts_are_counted_by_the_fence,
    a_finished_stage_never_runs_again,
    poison_ends_after_its_budget,
    what_cannot_be_mended_is_tried_once,
    what_is_left_out_never_strands_a_session,
    keys_are_unique,
    events_have_no_gaps,
    paid_calls_are_repeated_only_for_a_reason,
)


def broken(load):
    """Return every sentence about a promise that was not kept."""
    return [f"{promise.__name__}: {told}" for promise in ALL for told in promise(load)]
