"""The table of purposes, and what the setting may change in it."""

import pytest

from recordings.purposes import BUILT_IN, MOST_CACHED_SHARE, purposes


def test_every_purpose_leaves_a_third_of_its_life_to_whom_a_cache_serves():
    assert all(row.cache_s <= row.lifetime_s * MOST_CACHED_SHARE for row in BUILT_IN)
    assert all(300 <= row.cache_s <= 600 for row in BUILT_IN)


def test_the_setting_changes_times_and_nothing_else():
    rows = purposes({"preview": {"lifetime_s": 60, "cache_s": 20}})
    assert (rows["preview"].lifetime_s, rows["preview"].cache_s) == (60, 20)
    assert rows["preview"].disposition == "inline"
    assert rows["download"] == purposes({})["download"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stream": {"lifetime_s": 60}}, "no purpose stream"),
        ({"preview": {"disposition": "inline"}}, "unknown disposition"),
        ({"preview": {"is_allowed": True}}, "unknown is_allowed"),
        ({"preview": {"lifetime_s": 0, "cache_s": 0}}, "one second"),
        ({"preview": {"lifetime_s": 8 * 24 * 3600}}, "seven days"),
        ({"preview": {"lifetime_s": 300}}, "two thirds"),
        ({"preview": {"cache_s": -1}}, "two thirds"),
        ({"preview": {"cache_s": 1.5}}, "whole seconds"),
        ({"preview": {"cache_s": True}}, "whole seconds"),
    ],
)
def test_a_bad_change_is_refused_with_its_reason(change, reason):
    with pytest.raises(ValueError, match=reason):
        purposes(change)
