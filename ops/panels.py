"""Which pictures of the machine room there are, and which samples each is made of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ops import histograms, measures
from ops.charts import COLOURS, nice_top
from ops.measures import STATUSES
from ops.tracks import Cell, Cells, Tracks

MOST_CODES = 4  # that have a colour of their own
THOUSAND, MINUTE_S, HOUR_S = 1000, 60, 3600
NICE_S = (
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    20,
    40,
    60,
    120,
    240,
    600,
    1200,
    2400,
    3600,
    7200,
    14400,
    43200,
)
NOTHING = gettext_lazy("Nothing was measured in this time.")

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One thing in a picture: its values step by step, and row by row of the table."""

    name: str
    values: list[float | None]
    row_values: list[float | None]
    colour: int = 1
    is_dashed: bool = False

    @property
    def newest(self) -> float | None:
        """The last value, or the one before while the last step has only begun."""
        return next((value for value in reversed(self.values[-2:]) if value is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelKind:
    """A picture that can be made of samples."""

    key: str
    title: Any
    hint: Any
    strands: Callable[[Tracks], list[Strand]]
    write: Write
    form: str = "lines"  # lines, bars or strips
    top: Callable[[float], float] = nice_top  # the end of the axis, for the highest value
    empty: Any = NOTHING


def number(value: float) -> str:
    """Write a count shortly."""
    return f"{value / THOUSAND:.3g}k" if value >= THOUSAND else f"{value:.3g}"


def duration(value_s: float) -> str:
    """Write seconds in the unit that people would choose."""
    if value_s < 1:
        return f"{value_s * THOUSAND:.3g} ms" if value_s else "0 s"
    if value_s < MINUTE_S * 2:
        return f"{value_s:.3g} s"
    if value_s < HOUR_S * 2:
        return f"{value_s / MINUTE_S:.3g} min"
    return f"{value_s / HOUR_S:.3g} h"


def nice_duration_s(highest_s: float) -> float:
    """Return the end of an axis that people read in seconds, minutes and hours."""
    return next((top for top in NICE_S if top >= highest_s), nice_top(highest_s))


def share(value: float) -> str:
    """Write 0..1 in percent."""
    return f"{value * 100:.3g} %"


def opened(value: float) -> str:
    """Write whether a breaker is open."""
    return _("open") if value else _("closed")


def status(value: float) -> str:
    """Write a place in STATUSES."""
    return STATUSES[int(value)]


def _numbers(cells: Cells) -> list[float | None]:
    return [None if isinstance(cell, dict) else cell for cell in cells]


def _strand(tracks: Tracks, metric: str, label: str, name: str, **look: Any) -> Strand:
    cells = tracks.cells(metric, label)
    rows = tracks.rows_of(metric, cells)
    return Strand(name=name, values=_numbers(cells), row_values=_numbers(rows), **look)


def each_label(*parts: tuple[str, Any], alone: Any = "") -> Callable[[Tracks], list[Strand]]:
    """Return what gives a line for each label of each (measure, suffix of its name)."""

    def strands(tracks: Tracks) -> list[Strand]:
        found = [(m, label, suffix) for m, suffix in parts for label in tracks.labels(m)]
        return [
            _strand(
                tracks,
                metric,
                label,
                f"{label} {suffix}".strip() or str(alone),
                colour=place % COLOURS + 1,
                is_dashed=metric != parts[0][0],
            )
            for place, (metric, label, suffix) in enumerate(found)
        ]

    return strands


def percentiles(metric: str) -> Callable[[Tracks], list[Strand]]:
    """Return what gives two lines for each label: the half and 95 % took no longer."""

    def strands(tracks: Tracks) -> list[Strand]:
        return list(_percentiles(tracks, metric))

    return strands


def _percentiles(tracks: Tracks, metric: str) -> Iterator[Strand]:
    for place, label in enumerate(tracks.labels(metric)):
        cells = tracks.cells(metric, label)
        rows = tracks.rows_of(metric, cells)
        for mark, of_all in (("p50", 0.5), ("p95", 0.95)):
            yield Strand(
                name=f"{label} {mark}",
                values=[_percentile_s(cell, of_all) for cell in cells],
                row_values=[_percentile_s(cell, of_all) for cell in rows],
                colour=place % COLOURS + 1,
                is_dashed=of_all > 0.5,  # noqa: PLR2004 - the line above
            )


def _percentile_s(cell: Cell, of_all: float) -> float | None:
    return histograms.percentile_s(cell, of_all) if isinstance(cell, dict) else None


def retries_by_code(tracks: Tracks) -> list[Strand]:
    """Return a colour for each of the most frequent codes and one for all others."""
    total = _strand(tracks, measures.RETRIES, "", _("other codes"), colour=COLOURS)
    codes = [code for code in tracks.labels(measures.RETRIES) if code]
    by_code = [_strand(tracks, measures.RETRIES, code, code) for code in codes]
    by_code.sort(key=lambda each: -sum(value or 0 for value in each.values))
    named = [
        Strand(
            name=each.name,
            colour=place,
            # Where retries were counted and none was of this code, there were none of it.
            values=_zero_where_counted(each.values, total.values),
            row_values=_zero_where_counted(each.row_values, total.row_values),
        )
        for place, each in enumerate(by_code[:MOST_CODES], start=1)
    ]
    rest = Strand(
        name=total.name,
        colour=total.colour,
        values=_rest(total.values, [each.values for each in named]),
        row_values=_rest(total.row_values, [each.row_values for each in named]),
    )
    is_counted = any(value is not None for value in total.values)
    return [*named, rest] if is_counted else []


def _zero_where_counted(
    values: Sequence[float | None], total: Sequence[float | None]
) -> list[float | None]:
    return [
        None if counted is None else value or 0.0
        for value, counted in zip(values, total, strict=True)
    ]


def _rest(
    total: Sequence[float | None], named: Sequence[Sequence[float | None]]
) -> list[float | None]:
    return [
        None if counted is None else max(0.0, counted - sum(each[n] or 0 for each in named))
        for n, counted in enumerate(total)
    ]


def hit_rates(tracks: Tracks) -> list[Strand]:
    """Return a line for each cache that was asked: hits of lookups; no lookup is no rate."""
    found = []
    for place, cache in enumerate(tracks.labels(measures.CACHE_LOOKUPS)):
        hits = tracks.cells(measures.CACHE_HITS, cache)
        asked = tracks.cells(measures.CACHE_LOOKUPS, cache)
        rows = [tracks.rows_of(measures.CACHE_HITS, cells) for cells in (hits, asked)]
        found.append(
            Strand(
                name=cache,
                values=_shares(hits, asked),
                row_values=_shares(*rows),
                colour=place % COLOURS + 1,
            )
        )
    return found


def _shares(hits: Cells, asked: Cells) -> list[float | None]:
    pairs = zip(_numbers(hits), _numbers(asked), strict=True)
    return [(hit or 0) / all_ if all_ else None for hit, all_ in pairs]


PANELS = (
    PanelKind(
        key="depth",
        title=gettext_lazy("Queue depth"),
        hint=gettext_lazy("Jobs that were due and not taken; the most within %(step)s"),
        strands=each_label((measures.DUE, "")),
        write=number,
    ),
    PanelKind(
        key="work",
        title=gettext_lazy("At work, and waiting for later"),
        hint=gettext_lazy("The most within %(step)s"),
        strands=each_label(
            (measures.RUNNING, gettext_lazy("at work")), (measures.LATER, gettext_lazy("later"))
        ),
        write=number,
    ),
    PanelKind(
        key="wait",
        title=gettext_lazy("Wait"),
        hint=gettext_lazy("From due to claimed: half (p50) and 95 %% (p95) waited no longer"),
        strands=percentiles(measures.WAIT),
        write=duration,
        top=nice_duration_s,
        empty=gettext_lazy("No job ended in this time."),
    ),
    PanelKind(
        key="run",
        title=gettext_lazy("Run"),
        hint=gettext_lazy("From claimed to ended: half (p50) and 95 %% (p95) took no longer"),
        strands=percentiles(measures.RUN),
        write=duration,
        top=nice_duration_s,
        empty=gettext_lazy("No attempt ended in this time."),
    ),
    PanelKind(
        key="throughput",
        title=gettext_lazy("Throughput"),
        hint=gettext_lazy("Jobs that got done or gave up, per %(step)s"),
        strands=each_label(
            (measures.COMPLETED, gettext_lazy("done")), (measures.FAILED, gettext_lazy("gave up"))
        ),
        write=number,
    ),
    PanelKind(
        key="retries",
        title=gettext_lazy("Retries by failure code"),
        hint=gettext_lazy("Attempts that failed and will be made again, per %(step)s"),
        strands=retries_by_code,
        write=number,
        form="bars",
    ),
    PanelKind(
        key="letters",
        title=gettext_lazy("Open dead letters"),
        hint=gettext_lazy("Jobs that gave up and wait for a person; the most within %(step)s"),
        strands=each_label((measures.DEAD_LETTERS, ""), alone=gettext_lazy("open")),
        write=number,
    ),
    PanelKind(
        key="breakers",
        title=gettext_lazy("Circuit breakers"),
        hint=gettext_lazy("Marked where the breaker was open at any time within %(step)s"),
        strands=each_label((measures.BREAKERS, "")),
        write=opened,
        form="strips",
        empty=gettext_lazy("No breaker was ever needed."),
    ),
    PanelKind(
        key="cache",
        title=gettext_lazy("Cache hit rate"),
        hint=gettext_lazy("Lookups that were answered from a cache; no lookup, no rate"),
        strands=hit_rates,
        write=share,
        top=lambda _highest: 1.0,
        empty=gettext_lazy("No cache was asked in this time."),
    ),
    PanelKind(
        key="health",
        title=gettext_lazy("Health"),
        hint=gettext_lazy("Marked where it was degraded or unhealthy at any time within %(step)s"),
        strands=each_label((measures.HEALTH, ""), alone=gettext_lazy("workers")),
        write=status,
        form="strips",
    ),
)
