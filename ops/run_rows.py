"""The newest run of one subject and its jobs, as bare rows: what every page of a session asks."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ops.models import Job, Run
from ops.prepared import PreparedRead


class RunRow(NamedTuple):
    """What a snapshot shows of a run's row."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    state: str
    percent: float
    current_stage: str
    last_event_seq: int
    sealed_at: datetime | None
    generation: int
    expected_recordings: int
    created_at: datetime
    finished_at: datetime | None


class JobRow(NamedTuple):
    """What a snapshot shows of a job's row, and what a forecast needs."""

    pk: int
    public_id: UUID
    stage: str
    subject_kind: str
    subject_id: UUID
    generation: int
    state: str
    outcome: str
    reason: str
    progress: float
    media_s: float | None
    attempts: int
    priority: int
    run_at: datetime
    finished_at: datetime | None
    failure_code: str

    @property
    def priority_name(self) -> str:
        return PRIORITY_NAMES[self.priority]


PRIORITY_NAMES: dict[int, str] = {each.value: each.label for each in Job.Priority}
RUNS = PreparedRead(
    lambda subject_id: (
        Run.objects.filter(subject_id=subject_id)
        .order_by("-created_at", "-id")
        .values_list(*RunRow._fields)
    )
)
ENDED_BADLY = (Job.State.DEAD, Job.State.CANCELLED)
JOB_ROWS = Job.objects.order_by("pk").values_list(*JobRow._fields)
JOBS = PreparedRead(lambda run_id: JOB_ROWS.filter(run=run_id))
ENDED_JOBS = PreparedRead(lambda run_id: JOB_ROWS.filter(run=run_id, state__in=ENDED_BADLY))
SUBJECTS = PreparedRead(
    lambda run_id: (
        Job.objects.filter(run=run_id)
        .values_list("subject_kind", "generation", "subject_id")
        .distinct()
    )
)


def newest_run(subject_kind: str, subject_id: UUID) -> RunRow | None:
    """Return the newest run of a subject, if there is one."""
    found = map(RunRow._make, RUNS.rows(subject_id))
    return next((row for row in found if row.subject_kind == subject_kind), None)


def jobs_of(run_id: UUID) -> list[JobRow]:
    """Return the run's jobs in the order in which they were made."""
    return list(map(JobRow._make, JOBS.rows(run_id)))


def ended_jobs_of(run_id: UUID) -> list[JobRow]:
    """Return those of them that gave up or were cancelled."""
    return list(map(JobRow._make, ENDED_JOBS.rows(run_id)))


def subjects_of(run_id: UUID) -> list[tuple[str, int, UUID]]:
    """Return (kind, generation, id) of all that the run had jobs for."""
    return SUBJECTS.rows(run_id)
