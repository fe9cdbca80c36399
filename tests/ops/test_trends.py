"""Staff's pictures of the machine room: from samples to steps, words and a page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ops import histograms, measures
from ops.models import Sample
from ops.panels import duration, number
from ops.tracks import PERIODS, start_of
from ops.trends import NOT_MEASURED, trends

NOW = datetime(2026, 3, 4, 10, 32, 40, tzinfo=UTC)
DAY = PERIODS["24h"]
PAGE = "/admin/overview/"


def sample(metric, label="", value=None, ago=timedelta(0), span="minute", **more):
    at = (NOW - ago).replace(second=0, microsecond=0)
    if span == "hour":
        at = at.replace(minute=0)
    return Sample.objects.create(span=span, metric=metric, label=label, value=value, at=at, **more)


def panel(key, period=DAY):
    return next(each for each in trends(period, NOW).panels if each.key == key)


def legend(key, period=DAY):
    return {item.name: item.newest for item in panel(key, period).legend}


@pytest.fixture
def staff_client(sam, signed_in):
    return signed_in(sam)


@pytest.mark.parametrize("period", PERIODS.values(), ids=PERIODS)
def test_the_last_step_is_the_present_one(period):
    start = start_of(period, NOW)
    assert start + (period.steps - 1) * period.step <= NOW < start + period.steps * period.step
    assert period.steps % period.row_steps == 0


def test_levels_show_their_highest_and_counts_their_sum(db):
    for minute, value in enumerate((3, 9, 4)):
        ago = timedelta(minutes=minute)
        sample(measures.DUE, "short", value, ago)
        sample(measures.COMPLETED, "short", value, ago)
    assert legend("depth") == {"short": "9"}
    assert legend("throughput") == {"short done": "16"}


def test_percentiles_come_from_all_minutes_of_a_step(db):
    sample(measures.RUN, "long", buckets=histograms.counted([1.0] * 9))
    sample(measures.RUN, "long", ago=timedelta(minutes=1), buckets=histograms.counted([60.0] * 3))
    found = legend("run")
    assert found["long p50"] == duration(histograms.middle_s(histograms.bucket_of(1.0)))
    assert found["long p95"] == duration(histograms.middle_s(histograms.bucket_of(60.0)))


def test_nothing_measured_is_neither_zero_nor_a_picture(db):
    found = trends(DAY, NOW)
    assert found.is_empty
    assert all(each.empty and not each.legend for each in found.panels)


def test_minutes_without_a_sample_stay_a_gap(db):
    sample(measures.DUE, "short", 5, timedelta(hours=3))
    sample(measures.DUE, "short", 0)
    depth = panel("depth")
    assert depth.drawing.lines[0].path.count("M") == 2
    assert len(depth.drawing.gaps) == 2
    newest, *before = [row.cells[0] for row in depth.rows]
    assert newest == "0"
    assert before.count(NOT_MEASURED) == 22
    assert "highest 5" in depth.in_words


def test_retries_name_the_most_frequent_codes_and_sum_up_the_others(db):
    counts = {"rate_limited": 9, "a_code": 4, "b_code": 3, "c_code": 2, "d_code": 1, "e_code": 1}
    sample(measures.RETRIES, "", sum(counts.values()))
    for code, count in counts.items():
        sample(measures.RETRIES, code, count)
    found = legend("retries")
    assert list(found) == ["rate_limited", "a_code", "b_code", "c_code", "other codes"]
    assert found["other codes"] == "2"


def test_a_code_that_did_not_occur_in_a_counted_minute_is_zero_there(db):
    sample(measures.RETRIES, "", 0)
    sample(measures.RETRIES, "", 2, timedelta(hours=2))
    sample(measures.RETRIES, "rate_limited", 2, timedelta(hours=2))
    assert legend("retries") == {"rate_limited": "0", "other codes": "0"}


def test_a_cache_that_nobody_asked_has_no_rate(db):
    sample(measures.CACHE_LOOKUPS, "questions", 8)
    sample(measures.CACHE_HITS, "questions", 6)
    sample(measures.CACHE_LOOKUPS, "questions", 4, timedelta(hours=2))
    cache = panel("cache")
    assert cache.legend[0].newest == "75 %"
    assert [row.cells[0] for row in cache.rows][:4] == ["75 %", NOT_MEASURED, "0 %", NOT_MEASURED]


def test_a_month_is_made_of_hours_and_of_the_minutes_after_them(db, django_assert_num_queries):
    hours_ago = timedelta(hours=1)
    sample(measures.COMPLETED, "short", 100, hours_ago, "hour")
    sample(measures.COMPLETED, "short", 60, hours_ago)  # in that hour already
    sample(measures.COMPLETED, "short", 7)
    sample(measures.DUE, "short", 2.5, hours_ago, "hour", highest=40)
    with django_assert_num_queries(3):
        found = trends(PERIODS["30d"], NOW)
    said = {each.key: {item.name: item.newest for item in each.legend} for each in found.panels}
    assert said["throughput"]["short done"] == "107"
    assert said["depth"]["short"] == "40"


@pytest.mark.parametrize(
    ("value_s", "text"), [(0, "0 s"), (0.25, "250 ms"), (5, "5 s"), (180, "3 min"), (9000, "2.5 h")]
)
def test_durations_are_written_in_the_unit_that_fits(value_s, text):
    assert duration(value_s) == text


def test_big_numbers_are_written_shortly():
    assert number(12_345) == "12.3k"


def test_the_page_shows_pictures_with_words_and_tables(staff_client, sam):
    sample_at = timezone.now().replace(second=0, microsecond=0)
    Sample.objects.create(span="minute", metric=measures.DUE, label="short", value=3, at=sample_at)
    page = staff_client.get(PAGE).content.decode()
    assert 'role="img" aria-label="Queue depth. short: last 3, highest 3"' in page
    assert "Queue depth as a table" in page
    assert "No cache was asked in this time." in page
    assert not re.search(r"\sstyle=", page)
    assert staff_client.get(PAGE, {"period": "30d"}).status_code == 200
    assert (
        'aria-current="page">24 hours' in staff_client.get(PAGE, {"period": "x"}).content.decode()
    )


def test_an_open_page_asks_for_the_pictures_alone(staff_client):
    part = staff_client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert 'id="drawing-depth"' in part
    assert "<html" not in part


def test_the_page_is_for_staff_alone(db, alice, signed_in):
    assert Client().get(PAGE).status_code == 302
    assert signed_in(alice).get(PAGE).status_code == 404
