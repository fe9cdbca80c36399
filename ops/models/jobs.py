"""A Run is one pass over a session; its Jobs are one stage for one subject each (JOBS.md)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from ops.models.accounts import Organization


class Run(models.Model):
    """One pass over a subject (a session). Its row is the lock of its jobs and events."""

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="runs")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    board = models.CharField(max_length=64, blank=True)  # key of the live board that shows it
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    options = models.JSONField(default=dict)
    expected_recordings = models.PositiveSmallIntegerField(default=0)
    sealed_at = models.DateTimeField(null=True)  # no more recordings will come
    generation = models.PositiveSmallIntegerField(default=1)  # of the session's stages
    percent = models.FloatField(default=0)  # 0..100, never falls
    current_stage = models.CharField(max_length=40, blank=True)
    last_event_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=Q(state="open"),
                name="one_open_run_per_subject",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["board", "created_at"]),
            models.Index(fields=["subject_id", "created_at"]),
            models.Index(fields=["created_at"], name="runs_by_age"),
        ]

    def __str__(self) -> str:
        return f"run {self.id}"


class Job(models.Model):
    """One stage for one subject: the only queue there is."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"
        CANCELLED = "cancelled"

    class Outcome(models.TextChoices):
        COMPLETED = "completed"
        SKIPPED = "skipped"  # did not apply; `reason` says why
        REUSED = "reused"  # an earlier run's result still holds

    class Priority(models.IntegerChoices):
        """Smaller is sooner."""

        HIGH = 50, "high"
        NORMAL = 100, "normal"
        LOW = 200, "low"

    OPEN: ClassVar = (State.WAITING, State.RUNNING)

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="jobs")
    stage = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    generation = models.PositiveSmallIntegerField(default=1)
    queue = models.CharField(max_length=20, default="short")
    priority = models.SmallIntegerField(default=Priority.NORMAL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=200, blank=True)  # of a skip or a snooze
    progress = models.FloatField(default=0)  # 0..1
    media_s = models.FloatField(null=True)  # size of the work, for the ETA
    run_at = models.DateTimeField()
    dispatched_until = models.DateTimeField(null=True)
    token = models.PositiveIntegerField(default=0)  # the fence: +1 at every claim
    attempts = models.PositiveSmallIntegerField(default=0)  # since enqueue or redrive
    crashes = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)  # host:pid
    cancel_requested = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "stage", "subject_id", "generation"],
                name="one_job_per_stage_and_subject",
            ),
            # Queues are looked through priority by priority: another one would never be seen.
            models.CheckConstraint(
                condition=Q(priority__in=[50, 100, 200]), name="job_priority_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["queue", "priority", "run_at"],
                condition=Q(state="waiting"),
                name="job_due",
            ),
            models.Index(
                fields=["queue", "run_at", "token", "state"],
                condition=Q(state="waiting"),
                name="job_depth",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_lease"),
            models.Index(
                fields=["state", "finished_at", "queue"],
                condition=Q(finished_at__isnull=False),
                name="job_ended",
            ),
            models.Index(fields=["subject_id", "stage"]),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.public_id}"

    @property
    def priority_name(self) -> str:
        """What its priority is called."""
        return self.Priority(self.priority).label


class Attempt(models.Model):
    """One claim of a job and how it ended."""

    class Outcome(models.TextChoices):
        COMPLETED = "completed"
        SKIPPED = "skipped"
        RETRY = "retry"
        SNOOZED = "snoozed"
        DEAD = "dead"
        LOST = "lost"  # the worker died or its lease ran out
        INTERRUPTED = "interrupted"  # a deploy or the supervisor: nobody's fault
        CANCELLED = "cancelled"
        WAITED = "waited"  # for something outside, on purpose: no try

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="attempt_rows")
    token = models.PositiveIntegerField()
    worker = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    failure_code = models.CharField(max_length=40, blank=True)
    support_reference = models.CharField(max_length=16, blank=True, db_index=True)
    error = models.TextField(blank=True)  # exception type and masked text
    traceback = models.TextField(blank=True)
    delay_s = models.FloatField(null=True)  # until the next attempt
    media_s = models.FloatField(null=True)  # size of the work that was done

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "token"], name="one_attempt_per_token")
        ]
        indexes: ClassVar = [models.Index(fields=["outcome", "ended_at"])]

    def __str__(self) -> str:
        return f"attempt {self.token} of job {self.job_id}"


class Event(models.Model):
    """What happened in a run, numbered without gaps under the run's row lock."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=20)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "seq"], name="one_event_per_seq")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.seq}"


class DeadLetter(models.Model):
    """A job that gave up; kept 30 days for people to look at and drive again."""

    class State(models.TextChoices):
        OPEN = "open"
        RETRYING = "retrying"
        RESOLVED = "resolved"
        DISCARDED = "discarded"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="dead_letter")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    fingerprint = models.CharField(max_length=64, db_index=True)  # of one cause in the code
    similar = models.CharField(max_length=32, blank=True)  # of messages that read alike
    shape = models.CharField(max_length=200, blank=True)  # the message without ids and numbers
    failure_code = models.CharField(max_length=40)
    # Copies of the job's and run's columns: groups of 100,000 letters are counted without a join.
    stage = models.CharField(max_length=40, blank=True)
    queue = models.CharField(max_length=20, blank=True)
    waiting_id = models.UUIDField(null=True)  # the run's subject: whose session waits
    redrives = models.PositiveSmallIntegerField(default=0)
    automatic_redrives = models.PositiveSmallIntegerField(default=0)
    redrive_at = models.DateTimeField(null=True)  # None: nobody has asked
    redrive_actor = models.CharField(max_length=80, blank=True)  # "": by itself
    redrive_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "created_at"]),
            models.Index(fields=["created_at"]),
            # All that groups of letters are counted by: no row is looked up.
            models.Index(
                fields=["state", "queue", "failure_code", "created_at"], name="letter_queues"
            ),
            models.Index(
                fields=[
                    "state",
                    "fingerprint",
                    "waiting_id",
                    "created_at",
                    "redrive_at",
                    "failure_code",
                    "shape",
                ],
                name="letter_causes",
            ),
            models.Index(
                fields=["redrive_at"], condition=Q(redrive_at__isnull=False), name="letter_redrive"
            ),
            models.Index(fields=["expires_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.failure_code} {self.id}"


class WorkerHeartbeat(models.Model):
    """One row per cluster, written by its sentinel about once a second."""

    key = models.CharField(primary_key=True, max_length=120)
    queue = models.CharField(max_length=20)
    host = models.CharField(max_length=80)
    sentinel_pid = models.PositiveIntegerField()
    monitor_pid = models.PositiveIntegerField(null=True)
    pusher_pid = models.PositiveIntegerField(null=True)
    worker_pids = models.JSONField(default=list)
    status = models.CharField(max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue} on {self.host}"


class PeriodicTurn(models.Model):
    """When a piece of periodic work is due next, and how its last turn went."""

    name = models.CharField(primary_key=True, max_length=80)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)  # none after a start: it runs, or it failed
    support_reference = models.CharField(max_length=20, blank=True)  # of its last failure

    def __str__(self) -> str:
        return f"{self.name} at {self.due_at}"
