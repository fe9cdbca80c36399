"""Pictures of numbers: what is where, and that a gap stays a gap."""

import pytest

from ops import charts
from ops.charts import Series, Tick


def lines(*values, **look):
    return charts.line_chart([Series(name="a", values=values, **look)], [], str)


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 1), (0.03, 0.05), (0.7, 1), (1, 1), (1.1, 2), (3, 5), (7, 10), (10, 10), (999, 1000)],
)
def test_an_axis_ends_at_a_round_number(highest, top):
    assert charts.nice_top(highest) == pytest.approx(top)


def test_a_line_runs_from_foot_to_top():
    drawn = lines(0.0, 10.0)
    first, second = drawn.lines[0].path.removeprefix("M").split("L")
    assert first.split()[1] == str(float(charts.BOTTOM))
    assert second.split()[1] == str(float(charts.TOP))
    assert [tick.text for tick in drawn.y_ticks] == ["0", "5.0", "10.0"]


def test_no_line_crosses_a_gap_and_the_gap_is_shown():
    drawn = lines(1.0, 2.0, None, None, 4.0, 5.0)
    assert drawn.lines[0].path.count("M") == 2
    (gap,) = drawn.gaps
    width = (charts.RIGHT - charts.LEFT) / 6
    assert gap.x == pytest.approx(charts.LEFT + 2 * width, abs=0.1)
    assert gap.width == pytest.approx(2 * width, abs=0.1)


def test_one_value_alone_is_a_dot_and_nothing_is_never_zero():
    assert lines(None, 3.0, None).lines[0].path.endswith("h0.01")
    assert lines(None, None).lines[0].path == ""


def test_a_gap_is_one_only_where_no_line_has_a_value():
    series = [Series(name="a", values=[1.0, None]), Series(name="b", values=[None, None])]
    assert len(charts.line_chart(series, [], str).gaps) == 1
    series[1] = Series(name="b", values=[None, 2.0])
    assert not charts.line_chart(series, [], str).gaps


def test_bars_stand_on_each_other_and_reach_their_sum():
    series = [
        Series(name="a", values=[2.0, None], colour=1),
        Series(name="b", values=[3.0, None], colour=2),
    ]
    drawn = charts.bar_chart(series, [Tick(50, "now")], str)
    low, high = drawn.bars
    assert high.y + high.height == pytest.approx(low.y)
    assert high.y == charts.TOP  # 5 of 5
    assert len(drawn.gaps) == 1


def test_strips_show_levels_and_leave_what_was_not_measured():
    drawn = charts.strip_chart([Series(name="chat", values=[0.0, 0.0, 1.0, None])], [])
    assert [strip.colour for strip in drawn.strips] == [0, 1]
    assert len(drawn.gaps) == 1
    assert [name.text for name in drawn.names] == ["chat"]


def test_an_interval_lies_on_its_axis_and_is_cut_at_its_ends():
    drawn = charts.span(-0.5, 0.0, 3.0, least=-1.0, most=1.0)
    assert (drawn.low, drawn.value, drawn.high) == (100.0, 200.0, float(charts.WIDTH))
    assert (drawn.nought, drawn.width) == (200.0, 300.0)
