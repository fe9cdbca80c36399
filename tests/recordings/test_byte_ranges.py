"""Ranges as RFC 9110 has them."""

import pytest

from recordings.byte_ranges import UnsatisfiableError, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-4", (0, 4)),
        ("bytes=5-", (5, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-30", (0, 9)),
        ("bytes=8-400", (8, 9)),
        ("bytes=9-9", (9, 9)),
    ],
)
def test_one_range_is_cut_to_the_object(header, expected):
    part = parse_range(header, 10)
    assert (part.first, part.last) == expected
    assert part.length == expected[1] - expected[0] + 1


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes=", "bytes=-", "bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"],
)
def test_nonsense_and_several_ranges_mean_the_whole(header):
    assert parse_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", f"bytes={10**17}-"])
def test_outside_is_unsatisfiable(header):
    with pytest.raises(UnsatisfiableError):
        parse_range(header, 10)
