"""How the machine room has fared: the samples of a day, a week or a month, drawn and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from ops import charts
from ops.charts import Drawing, Series
from ops.panels import PANELS, PanelKind, Strand, Write
from ops.tracks import Period, Tracks, ticks_of, tracks_of

NOT_MEASURED = "–"  # noqa: RUF001 - a dash between two numbers' places, as in the other tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """What a line or colour is, and what it says last."""

    name: str
    colour: int  # 0: the picture names it itself
    is_dashed: bool
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table under a picture."""

    at: datetime
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture with everything around it."""

    key: str
    title: str
    hint: str
    empty: str  # what to say instead, where nothing was measured
    drawing: Drawing
    legend: tuple[Legend, ...]
    in_words: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trends:
    """All pictures of one period."""

    period: Period
    at: datetime
    panels: tuple[Panel, ...]
    is_empty: bool  # nobody has measured anything


def trends(period: Period, now: datetime) -> Trends:
    """Return the pictures of a period, from at most three queries."""
    tracks = tracks_of(period, now)
    panels = tuple(_panel(kind, tracks) for kind in PANELS)
    return Trends(
        period=period, at=now, panels=panels, is_empty=not any(each.legend for each in panels)
    )


def _panel(kind: PanelKind, tracks: Tracks) -> Panel:
    strands = kind.strands(tracks)
    period = tracks.period
    size = period.row_steps * period.step
    rows = [
        Row(
            at=tracks.start + n * size,
            cells=tuple(_written(strand.row_values[n], kind.write) for strand in strands),
        )
        for n in range(period.steps // period.row_steps)
    ]
    return Panel(
        key=kind.key,
        title=str(kind.title),
        hint=str(kind.hint) % {"step": period.step_name},
        empty="" if strands else str(kind.empty),
        drawing=_drawing(kind, strands, tracks),
        legend=tuple(
            Legend(
                name=strand.name,
                colour=0 if kind.form == "strips" else strand.colour,
                is_dashed=strand.is_dashed,
                newest=_written(strand.newest, kind.write),
            )
            for strand in strands
        ),
        in_words="; ".join(_in_words(strand, kind.write) for strand in strands),
        rows=tuple(reversed(rows)),
    )


def _drawing(kind: PanelKind, strands: Sequence[Strand], tracks: Tracks) -> Drawing:
    series = [
        Series(name=each.name, values=each.values, colour=each.colour, is_dashed=each.is_dashed)
        for each in strands
    ]
    ticks = ticks_of(tracks.period, tracks.start)
    if kind.form == "bars":
        return charts.bar_chart(series, ticks, kind.write)
    if kind.form == "strips":
        return charts.strip_chart(series, ticks)
    return charts.line_chart(series, ticks, kind.write, kind.top)


def _in_words(strand: Strand, write: Write) -> str:
    present = [value for value in strand.values if value is not None]
    if not present:
        return _("%(name)s: not measured") % {"name": strand.name}
    told = {
        "name": strand.name,
        "newest": _written(strand.newest, write),
        "highest": write(max(present)),
    }
    return _("%(name)s: last %(newest)s, highest %(highest)s") % told


def _written(value: float | None, write: Write) -> str:
    return NOT_MEASURED if value is None else write(value)
