"""A run in time: for each of its jobs when it waited, ran and waited to be tried again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops.models import Attempt, Job, Run

WIDTH = 1000  # of every bar's own coordinates
SHORTEST = 2.0  # of that width: what is shorter would not be seen
MOST_JOBS = 300
WAITING, RUNNING, RETRY = "waiting", "running", "retry"
FAILED = frozenset({Attempt.Outcome.RETRY, Attempt.Outcome.DEAD, Attempt.Outcome.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a job's time."""

    kind: str  # waiting, running, failed or retry
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One job in time."""

    job_id: int
    stage: str
    subject: str  # enough of its id to tell recordings apart
    state: str
    is_chosen: bool
    pieces: tuple[Piece, ...]
    waited_s: float
    ran_s: float
    retry_waits_s: float
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A run's jobs in the order in which they were enqueued."""

    begin: datetime
    end: datetime
    is_over: bool
    bars: tuple[Bar, ...]
    left_out: int

    @property
    def took_s(self) -> float:
        return (self.end - self.begin).total_seconds()


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a job did from one time until another."""

    kind: str
    start: datetime
    end: datetime

    @property
    def took_s(self) -> float:
        return max(0.0, (self.end - self.start).total_seconds())


def run_timeline(run: Run, now: datetime, *, chosen: int | None = None) -> Timeline:
    """Return the run in time, from two queries or three; `chosen` is the job one looks at."""
    jobs = list(Job.objects.filter(run=run).order_by("created_at", "pk")[:MOST_JOBS])
    count = len(jobs) if len(jobs) < MOST_JOBS else Job.objects.filter(run=run).count()
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(job__in=jobs).order_by("token"):
        attempts[attempt.job_id].append(attempt)
    told = {job.pk: list(stretches(job, attempts[job.pk], now)) for job in jobs}
    begin = min([run.created_at, *(job.created_at for job in jobs)])
    last = [stretch.end for found in told.values() for stretch in found]
    end = max([begin, *last])
    return Timeline(
        begin=begin,
        end=end,
        is_over=run.finished_at is not None,
        bars=tuple(_bar(job, told[job.pk], begin, end, chosen) for job in jobs),
        left_out=count - len(jobs),
    )


def stretches(job: Job, attempts: Sequence[Attempt], now: datetime) -> Iterator[Stretch]:
    """Yield what a job did, without holes: it waits, runs, waits to be tried again, runs."""
    since, kind = job.created_at, WAITING
    for attempt in attempts:
        yield Stretch(kind, since, attempt.started_at)
        end = attempt.ended_at or (now if job.state == Job.State.RUNNING else attempt.started_at)
        yield Stretch("failed" if attempt.outcome in FAILED else RUNNING, attempt.started_at, end)
        since, kind = end, RETRY
    if job.state == Job.State.WAITING:
        yield Stretch(kind, since, max(now, since))
    elif not attempts and job.finished_at is not None:
        yield Stretch(WAITING, since, job.finished_at)  # cancelled before anybody took it


def _bar(
    job: Job, found: Sequence[Stretch], begin: datetime, end: datetime, chosen: int | None
) -> Bar:
    def sum_s(*kinds: str) -> float:
        return sum(stretch.took_s for stretch in found if stretch.kind in kinds)

    return Bar(
        job_id=job.pk,
        stage=job.stage,
        subject=str(job.subject_id)[:8],
        state=job.state,
        is_chosen=job.pk == chosen,
        pieces=tuple(_pieces(found, begin, end)),
        waited_s=sum_s(WAITING),
        ran_s=sum_s(RUNNING, "failed"),
        retry_waits_s=sum_s(RETRY),
        attempts=job.token,
    )


def _pieces(found: Sequence[Stretch], begin: datetime, end: datetime) -> Iterator[Piece]:
    whole = max(end - begin, timedelta(milliseconds=1))
    for stretch in found:
        width = (stretch.end - stretch.start) / whole * WIDTH
        if width <= 0 and stretch.kind in {WAITING, RETRY}:
            continue
        x = min((stretch.start - begin) / whole * WIDTH, WIDTH - SHORTEST)
        yield Piece(
            kind=stretch.kind, x=round(max(0.0, x), 1), width=round(max(width, SHORTEST), 1)
        )
