"""How a run goes, stage by stage, as a page shows it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from analysis.clock import rough
from ops import failures, pipeline
from ops.selectors import FailureSnapshot, JobSnapshot, RunSnapshot

# The worst comes first: what a chip over several jobs is coloured by.
CONDITIONS = ("dead", "retrying", "running", "waiting", "cancelled", "skipped", "reused", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChip:
    """One stage over all its subjects."""

    label: str
    condition: str
    ended: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStep:
    """One stage of one recording, or of the session."""

    label: str
    condition: str
    percent: int
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The steps of one recording; without `order` those of the session as a whole."""

    order: int | None
    steps: tuple[StageStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A failure card: a stage that gave up or is being tried again."""

    label: str
    order: int | None
    is_dead: bool
    job_id: UUID
    failure: FailureSnapshot
    advice: str
    can_retry: bool  # a person may, and it can help


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A run at this moment."""

    run_id: UUID
    state: str
    is_open: bool
    percent: float
    last_event_seq: int
    current_label: str
    remaining: str  # "" while nothing is known
    remaining_error: str
    chips: tuple[StageChip, ...]
    tracks: tuple[Track, ...]
    troubles: tuple[Trouble, ...]


def timeline(run: RunSnapshot, orders: Mapping[UUID, int]) -> Timeline:
    """Lay out a run; `orders` maps recording ids to the order of their question."""
    jobs = in_order(present_jobs(run))
    return Timeline(
        run_id=run.id,
        state=run.state,
        is_open=run.state == "open",
        percent=round(run.percent, 1),
        last_event_seq=run.last_event_seq,
        current_label=label(run.current_stage),
        remaining=_rough(run.estimated_completion_s),
        remaining_error=_rough(run.estimated_error_s),
        chips=chips(jobs),
        tracks=tracks(jobs, orders),
        troubles=troubles(jobs, orders),
    )


def present_jobs(run: RunSnapshot) -> list[JobSnapshot]:
    """Return the run's jobs without the session's stages of earlier generations."""
    return [
        job
        for job in run.jobs
        if is_present(job.subject_kind, job.generation, of_run=run.generation)
    ]


def is_present(subject_kind: str, generation: int, *, of_run: int) -> bool:
    """Whether a job of that kind belongs to the run's present generation."""
    return subject_kind == "recording" or generation == of_run


def label(stage: str) -> str:
    """Return a stage's name as words, so that a new stage needs no entry anywhere."""
    return stage.replace("_", " ").capitalize()


def condition(job: JobSnapshot) -> str:
    """Return one of CONDITIONS."""
    if job.state == "waiting":
        return "retrying" if job.failure else "waiting"
    if job.state == "done" and job.outcome in ("skipped", "reused"):
        return job.outcome
    return job.state


def in_order(jobs: Iterable[JobSnapshot]) -> list[JobSnapshot]:
    """Return the jobs in the pipeline's order, unknown stages last."""
    places = {stage.name: place for place, stage in enumerate(pipeline.in_order())}
    return sorted(jobs, key=lambda job: places.get(job.stage, len(places)))


def chips(jobs: Iterable[JobSnapshot]) -> tuple[StageChip, ...]:
    by_stage: dict[str, list[str]] = {}
    for job in jobs:
        by_stage.setdefault(job.stage, []).append(condition(job))
    return tuple(
        StageChip(
            label=label(stage),
            condition=min(found, key=CONDITIONS.index),
            ended=sum(1 for c in found if c not in ("retrying", "running", "waiting")),
            total=len(found),
        )
        for stage, found in by_stage.items()
    )


def tracks(jobs: Iterable[JobSnapshot], orders: Mapping[UUID, int]) -> tuple[Track, ...]:
    by_subject: dict[UUID, list[StageStep]] = {}
    for job in jobs:
        by_subject.setdefault(job.subject_id, []).append(step(job))
    rows = [Track(order=orders.get(key), steps=tuple(steps)) for key, steps in by_subject.items()]
    return tuple(sorted(rows, key=lambda track: (track.order is None, track.order or 0)))


def step(job: JobSnapshot) -> StageStep:
    return StageStep(
        label=label(job.stage),
        condition=condition(job),
        percent=round(job.progress * 100),
        attempts=job.attempts,
        reason=job.reason,
    )


def troubles(jobs: Iterable[JobSnapshot], orders: Mapping[UUID, int]) -> tuple[Trouble, ...]:
    return tuple(
        Trouble(
            label=label(job.stage),
            order=orders.get(job.subject_id),
            is_dead=job.state == "dead",
            job_id=job.public_id,
            failure=job.failure,
            advice=failures.by_code(job.failure.code).advice,
            can_retry=job.state == "dead"
            and not failures.by_code(job.failure.code).is_in_the_answer,
        )
        for job in jobs
        if job.failure and condition(job) in ("dead", "retrying")
    )


def _rough(seconds: float | None) -> str:
    return "" if seconds is None else rough(seconds)
