"""The costs of a month laid out as their page shows them. Pure."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from analysis.cost_words import quantity, size_words, usd
from analysis.month_costs import MonthCosts
from ops.charts import Drawing, Series, Tick, bar_chart, x_of
from ops.prices import KINDS
from ops.savings import LEVERS

GROUPS = tuple(dict.fromkeys(kind.group for kind in KINDS.values()))
DAY_MARKS = 7  # a mark at every so many days
CENT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a colour of a picture stands for."""

    name: str
    colour: int
    newest: str  # its sum, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart with its words."""

    title: str
    in_words: str
    drawing: Drawing
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRow:
    """What one lever spared, in words."""

    label: str
    alternative: str
    what: str
    amount: str
    usd: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostsPage:
    """The whole page."""

    costs: MonthCosts
    before_on: date
    after_on: date | None  # None: the month has not begun
    days: Picture | None  # None: nothing was paid
    months: Picture | None
    saved: tuple[SavedRow, ...]
    saved_by_lifecycle_usd: Decimal | None  # a month of what is kept
    wav_words: str


def costs_page(costs: MonthCosts, *, today: date) -> CostsPage:
    """Lay out a month."""
    kept = costs.kept
    spared = None
    if kept.standard_usd is not None and kept.month_usd is not None:
        spared = kept.standard_usd - kept.month_usd
    after = _month_after(costs.month_on)
    return CostsPage(
        costs=costs,
        before_on=_month_before(costs.month_on),
        after_on=after if after <= today else None,
        days=_days(costs),
        months=_months(costs),
        saved=tuple(
            SavedRow(
                label=str(LEVERS[each.lever].label),
                alternative=str(LEVERS[each.lever].alternative),
                what=KINDS[each.kind].label,
                amount=quantity(each.quantity, each.unit),
                usd=usd(each.usd),
            )
            for each in costs.saved
        ),
        saved_by_lifecycle_usd=spared,
        wav_words=size_words(kept.wav_bytes),
    )


def _days(costs: MonthCosts) -> Picture | None:
    count = monthrange(costs.month_on.year, costs.month_on.month)[1]
    present = [g for g in GROUPS if any(row.get(g) for row in costs.by_day.values())]
    if not present:
        return None
    days = [costs.month_on.replace(day=n + 1) for n in range(count)]
    series = [
        Series(
            name=group,
            values=[float(costs.by_day.get(day, {}).get(group, 0)) for day in days],
            colour=place,
        )
        for place, group in enumerate(present, start=1)
    ]
    ticks = [Tick(x_of((n + 0.5) / count), str(n + 1)) for n in range(0, count, DAY_MARKS)]
    keys = tuple(
        Key(name=each.name, colour=each.colour, newest=usd(_sum(costs, each.name)))
        for each in series
    )
    words = "; ".join(f"{key.name} {key.newest}" for key in keys)
    return _picture("Dollars by day", words, series, ticks, keys)


def _months(costs: MonthCosts) -> Picture | None:
    if not any(costs.by_month.values()):
        return None
    months = [costs.month_on]
    while len(months) < 12:  # noqa: PLR2004 - a year
        months.insert(0, _month_before(months[0]))
    values = [float(costs.by_month.get(month, 0)) for month in months]
    series = [Series(name="all", values=values, colour=1)]
    ticks = [Tick(x_of((n + 0.5) / 12), months[n].strftime("%b")) for n in range(0, 12, 3)]
    words = "; ".join(
        f"{month:%B %Y} {usd(costs.by_month[month])}" for month in months if month in costs.by_month
    )
    return _picture("Dollars by month", words, series, ticks, ())


def _picture(
    title: str,
    words: str,
    series: Sequence[Series],
    ticks: Sequence[Tick],
    keys: tuple[Key, ...],
) -> Picture:
    highest = max(sum(values) for values in zip(*(each.values for each in series), strict=True))
    drawing = bar_chart(series, ticks, _axis(highest))
    return Picture(title=title, in_words=words, drawing=drawing, keys=keys)


def _axis(highest: float) -> Callable[[float], str]:
    if highest >= 1:
        return lambda value: f"{value:,.2f}"
    places = 3 if highest >= CENT else 5
    return lambda value: f"{value:.{places}f}"


def _sum(costs: MonthCosts, group: str) -> Decimal:
    return sum((row.get(group, Decimal(0)) for row in costs.by_day.values()), Decimal(0))


def _month_before(month_on: date) -> date:
    return (month_on - timedelta(days=1)).replace(day=1)


def _month_after(month_on: date) -> date:
    return (month_on + timedelta(days=31)).replace(day=1)
