"""Samples put into equal steps of a day, a week or a month."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from ops import charts, histograms, samples
from ops.charts import Tick
from ops.measures import MEASURES, Kind
from ops.models import Sample
from ops.samples import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """How far back, in which steps, and how many steps make a row of the tables."""

    key: str
    name: Any
    reach: timedelta
    step: timedelta
    step_name: Any
    row_steps: int
    mark: Callable[[datetime], object]  # a tick stands wherever it changes
    mark_text: str  # for strftime

    @property
    def steps(self) -> int:
        return self.reach // self.step


PERIODS = {
    period.key: period
    for period in (
        Period(
            key="24h",
            name=gettext_lazy("24 hours"),
            reach=timedelta(hours=24),
            step=timedelta(minutes=5),
            step_name=gettext_lazy("5 minutes"),
            row_steps=12,
            mark=lambda at: (at.date(), at.hour // 6),
            mark_text="%H:%M",
        ),
        Period(
            key="7d",
            name=gettext_lazy("7 days"),
            reach=timedelta(days=7),
            step=timedelta(hours=1),
            step_name=gettext_lazy("1 hour"),
            row_steps=12,
            mark=lambda at: at.date(),
            mark_text="%a %d",
        ),
        Period(
            key="30d",
            name=gettext_lazy("30 days"),
            reach=timedelta(days=30),
            step=timedelta(hours=4),
            step_name=gettext_lazy("4 hours"),
            row_steps=6,
            mark=lambda at: at.date().toordinal() // 5,
            mark_text="%d %b",
        ),
    )
}


Cell = float | dict[str, int] | None
Cells = list[Cell]


class Tracks:
    """Samples put into steps of time, by measure and label."""

    def __init__(self, period: Period, now: datetime, found: Iterable[Reading]) -> None:
        self.period = period
        self.start = start_of(period, now)
        raw: dict[tuple[str, str], dict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
        for reading in found:
            step = (reading.at - self.start) // period.step
            raw[reading.metric, reading.label][step].append(_cell(reading))
        self._cells: dict[tuple[str, str], Cells] = {
            key: [fold(MEASURES[key[0]].kind, steps.get(n, [])) for n in range(period.steps)]
            for key, steps in raw.items()
        }

    def labels(self, metric: str) -> list[str]:
        return sorted(label for name, label in self._cells if name == metric)

    def cells(self, metric: str, label: str = "") -> Cells:
        return self._cells.get((metric, label), [None] * self.period.steps)

    def rows_of(self, metric: str, cells: Cells) -> Cells:
        """Put several steps together to one."""
        size = self.period.row_steps
        return [
            fold(MEASURES[metric].kind, cells[n : n + size]) for n in range(0, len(cells), size)
        ]


def start_of(period: Period, now: datetime) -> datetime:
    """Return where the first step begins; the last one is the one that `now` is in."""
    step_s = int(period.step.total_seconds())
    newest = int(now.timestamp()) // step_s * step_s
    return datetime.fromtimestamp(newest, UTC) + period.step - period.reach


def fold(kind: Kind, cells: Sequence[Cell]) -> Cell:
    """Return several samples of a measure as one; None if there was none."""
    there = [cell for cell in cells if cell is not None]
    if not there:
        return None
    if kind == Kind.TIMES:
        return histograms.merged(cell for cell in there if isinstance(cell, dict))
    numbers = [cell for cell in there if isinstance(cell, int | float)]
    return max(numbers) if kind == Kind.LEVEL else sum(numbers)


def _cell(reading: Reading) -> Cell:
    if reading.buckets is not None:
        return reading.buckets
    return reading.value if reading.highest is None else reading.highest


def tracks_of(period: Period, now: datetime) -> Tracks:
    """Return the samples of a period: minutes for a day; hours, then minutes for more."""
    start, metrics = start_of(period, now), list(MEASURES)
    if period.step < samples.HOUR:
        return Tracks(period, now, samples.readings(Sample.Span.MINUTE, metrics, start))
    hours = samples.readings(Sample.Span.HOUR, metrics, start)
    since = max(samples.summed_until() or start, start)
    return Tracks(period, now, [*hours, *samples.readings(Sample.Span.MINUTE, metrics, since)])


def ticks_of(period: Period, start: datetime) -> list[Tick]:
    """Return the marks of the axis of time, in the installation's time zone."""
    ticks = []
    for n in range(1, period.steps):
        at = timezone.localtime(start + n * period.step)
        if period.mark(at) != period.mark(at - period.step):
            ticks.append(Tick(charts.x_of(n / period.steps), at.strftime(period.mark_text)))
    return ticks
