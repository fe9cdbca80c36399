"""The loudness drawing: a bar per peak, and marks that lie where they should."""

import re

import pytest

from analysis.waveform import HEIGHT, LEAST_BAR, waveform

BAR = re.compile(r"M([\d.]+) ([\d.]+)V([\d.]+)")


def bars(peaks):
    """[(x, height)] of the drawn bars."""
    path = waveform(peaks, 1000).path
    found = [tuple(map(float, bar)) for bar in BAR.findall(path)]
    assert BAR.sub("", path) == ""
    return [(x, round(bottom - top, 2)) for x, top, bottom in found]


@pytest.mark.parametrize(
    ("peaks", "duration_ms"), [(None, 1000), ([], 1000), ([5], None), ([5], 0)]
)
def test_without_peaks_or_length_nothing_is_drawn(peaks, duration_ms):
    assert waveform(peaks, duration_ms) is None


def test_each_peak_is_a_bar_of_its_height_in_its_place():
    assert bars([10, 50, 100]) == [(0.5, 10), (1.5, 50), (2.5, 100)]


def test_silence_is_a_line_and_too_much_stays_inside():
    assert bars([0, 250]) == [(0.5, LEAST_BAR), (1.5, HEIGHT)]


def pause(start_ms, end_ms):
    return {"start_ms": start_ms, "end_ms": end_ms}


def test_pauses_and_quotes_lie_in_proportion():
    drawn = waveform([5] * 100, 10_000, pauses=[pause(2000, 4000)], quotes=[(5000, 7500)])
    assert [(span.x, span.width) for span in drawn.pauses] == [(20, 20)]
    assert [(span.x, span.width) for span in drawn.quotes] == [(50, 25)]


def test_only_pauses_worth_showing_are_drawn():
    drawn = waveform([5] * 10, 10_000, pauses=[pause(0, 999), pause(2000, 3000)])
    assert len(drawn.pauses) == 1


@pytest.mark.parametrize("quote", [(0, 1), (9_999, 10_000), (10_000, 10_000), (12_000, 15_000)])
def test_a_mark_can_be_seen_and_stays_inside_of_the_drawing(quote):
    (span,) = waveform([5] * 100, 10_000, quotes=[quote]).quotes
    assert span.width >= 1
    assert span.x >= 0
    assert span.x + span.width <= 100
