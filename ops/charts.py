"""Where things stand in a picture: lines, stacked bars and strips as SVG coordinates. Pure.

A value of None is a gap: no line crosses it and no bar stands in it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

WIDTH, HEIGHT = 400, 168
LEFT, RIGHT, TOP, BOTTOM = 44, 394, 8, 148
ROW_HEIGHT, STRIP_HEIGHT = 30, 10
COLOURS = 6

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one line, colour of bars or strip shows, a value for every step of time."""

    name: str
    values: Values
    colour: int = 1  # 1..COLOURS
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in one of the colours, or of one of the levels."""

    x: float
    y: float
    width: float
    height: float
    colour: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its gaps."""

    path: str
    colour: int
    is_dashed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All that is drawn."""

    height: int
    lines: tuple[Line, ...] = ()
    bars: tuple[Box, ...] = ()
    strips: tuple[Box, ...] = ()
    names: tuple[Tick, ...] = ()  # of the strips
    gaps: tuple[Box, ...] = ()  # where nothing was measured
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()

    @property
    def foot(self) -> int:
        """Where the marks of time end."""
        return self.height - (HEIGHT - BOTTOM)


def nice_top(highest: float) -> float:
    """Return the end of an axis: 1, 2 or 5 times a power of ten, not under `highest`."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= highest * 0.999999)


def line_chart(
    series: Sequence[Series],
    x_ticks: Sequence[Tick],
    write: Callable[[float], str],
    top: Callable[[float], float] = nice_top,
) -> Drawing:
    """Draw a line for each series, all against one axis that begins at 0."""
    present = [value for each in series for value in each.values if value is not None]
    end = top(max(present, default=0))
    return Drawing(
        height=HEIGHT,
        lines=tuple(Line(_path(each.values, end), each.colour, each.is_dashed) for each in series),
        gaps=tuple(_gaps(series, TOP, BOTTOM)),
        x_ticks=tuple(x_ticks),
        y_ticks=_y_ticks(end, write),
    )


def bar_chart(
    series: Sequence[Series], x_ticks: Sequence[Tick], write: Callable[[float], str]
) -> Drawing:
    """Stack the series' values over each step of time."""
    steps = _steps(series)
    sums = [sum(each.values[n] or 0 for each in series) for n in range(steps)]
    end = nice_top(max(sums, default=0))
    bars = []
    for n in range(steps):
        base = 0.0
        for each in series:
            if value := each.values[n]:
                x, width = _span(n, 1, steps)
                y, foot = _y(base + value, end), _y(base, end)
                bars.append(Box(x, y, width, _round(foot - y), each.colour))
                base += value
    return Drawing(
        height=HEIGHT,
        bars=tuple(bars),
        gaps=tuple(_gaps(series, TOP, BOTTOM)),
        x_ticks=tuple(x_ticks),
        y_ticks=_y_ticks(end, write),
    )


def strip_chart(series: Sequence[Series], x_ticks: Sequence[Tick]) -> Drawing:
    """Draw a row for each series, whose values are levels: 0 is well."""
    strips: list[Box] = []
    gaps: list[Box] = []
    names = []
    for row, each in enumerate(series):
        y = TOP + row * ROW_HEIGHT + 14
        names.append(Tick(y - 4, each.name))
        for start, length, level in _runs(each.values):
            x, width = _span(start, length, len(each.values))
            box = Box(x, y, width, STRIP_HEIGHT, int(level or 0))
            (gaps if level is None else strips).append(box)
    return Drawing(
        height=TOP + max(1, len(series)) * ROW_HEIGHT + 20,
        strips=tuple(strips),
        names=tuple(names),
        gaps=tuple(gaps),
        x_ticks=tuple(x_ticks),
    )


def x_of(share: float) -> float:
    """Return where a share (0..1) of the time lies."""
    return _round(LEFT + share * (RIGHT - LEFT))


def _path(values: Values, end: float) -> str:
    """Return the line; one value alone between gaps is a dot, drawn by its round ends."""
    parts = []
    for start, length, is_there in _stretches(values):
        if not is_there:
            continue
        points = [
            f"{_round(_x(n + 0.5, len(values)))} {_y(values[n] or 0, end)}"
            for n in range(start, start + length)
        ]
        parts.append("M" + "L".join(points) + ("h0.01" if length == 1 else ""))
    return "".join(parts)


def _stretches(values: Values) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, length, whether there are values) of the row's stretches."""
    start = 0
    for is_there, found in groupby(value is not None for value in values):
        length = len(list(found))
        yield start, length, is_there
        start += length


def _runs(values: Values) -> Iterator[tuple[int, int, float | None]]:
    start = 0
    for value, found in groupby(values):
        length = len(list(found))
        yield start, length, value
        start += length


def _gaps(series: Sequence[Series], top: float, bottom: float) -> Iterator[Box]:
    """Yield where none of the series has a value."""
    steps = _steps(series)
    there = [None if all(each.values[n] is None for each in series) else 1.0 for n in range(steps)]
    for start, length, is_there in _stretches(there):
        if not is_there:
            x, width = _span(start, length, steps)
            yield Box(x, top, width, bottom - top, 0)


def _steps(series: Sequence[Series]) -> int:
    return len(series[0].values) if series else 0


def _span(start: int, length: int, steps: int) -> tuple[float, float]:
    x = _round(_x(start, steps))
    return x, _round(_x(start + length, steps) - x)


def _x(step: float, steps: int) -> float:
    return LEFT + step / steps * (RIGHT - LEFT)


def _y(value: float, end: float) -> float:
    return _round(BOTTOM - value / end * (BOTTOM - TOP))


def _y_ticks(end: float, write: Callable[[float], str]) -> tuple[Tick, ...]:
    return tuple(Tick(_y(value, end), write(value)) for value in (0, end / 2, end))


def _round(place: float) -> float:
    return round(place, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An interval with its middle and nought on one line, `WIDTH` wide: what lies out is cut."""

    low: float
    high: float
    value: float
    nought: float

    @property
    def width(self) -> float:
        return _round(self.high - self.low)


def span(low: float, value: float, high: float, *, least: float, most: float) -> Span:
    """Place an interval on an axis from `least` to `most`."""
    places = [
        _round((min(max(each, least), most) - least) / (most - least) * WIDTH)
        for each in (low, high, value, 0)
    ]
    return Span(low=places[0], high=places[1], value=places[2], nought=places[3])
