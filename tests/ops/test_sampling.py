"""Samples of the machine room: every minute once, hours exact, gaps left as gaps."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from ops import histograms, jobs, measures, samples, sampling, selectors, workload
from ops.failures import StageFailure
from ops.models import Attempt, BreakerState, Job, Sample
from ops.sampling import sum_up_samples, take_samples
from tests.ops.lab import job_of

NOW = datetime(2026, 3, 4, 10, 30, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PASSED = datetime(2026, 3, 4, 10, 28, 15, tzinfo=UTC)  # a time in a minute that is settled at NOW


def value(metric, label="", span="minute", **facts):
    return Sample.objects.get(span=span, metric=metric, label=label, **facts).value


def counted(metric, label="", span="minute"):
    rows = Sample.objects.filter(span=span, metric=metric, label=label)
    return sum(rows.values_list("value", flat=True))


def end_at(at, waited_s=4, ran_s=2):
    """Let all ended jobs have ended at `at`."""
    for job in Job.objects.exclude(finished_at=None):
        started_at = at - timedelta(seconds=ran_s)
        Attempt.objects.filter(job=job).update(started_at=started_at, ended_at=at)
        job.run_at, job.finished_at = started_at - timedelta(seconds=waited_s), at
        job.save(update_fields=["run_at", "finished_at"])


@pytest.fixture
def finished(lab):
    """Two recordings; transcription of both gave up."""

    def fails(subject_id, report):
        raise StageFailure("invalid_media")

    lab.line(transcribe=fails)
    lab.finished(recordings=2)
    end_at(PASSED)


def test_a_minute_says_what_waits_runs_and_is_broken(lab):
    lab.line()
    lab.open(recordings=3)
    Job.objects.update(run_at=NOW - timedelta(seconds=1))
    found = list(Job.objects.order_by("pk"))
    Job.objects.filter(pk=found[0].pk).update(state="running", worker="h:1:1")
    Job.objects.filter(pk=found[1].pk).update(token=1, run_at=NOW + timedelta(hours=1))
    BreakerState.objects.create(dependency="openai.chat", state="open", opened_at=NOW)
    take_samples(NOW)
    assert value(measures.DUE, "short") == 1
    assert value(measures.LATER, "short") == 1
    assert value(measures.RUNNING, "short") == 1
    assert value(measures.DUE, "long") == 0
    assert value(measures.BREAKERS, "openai.chat") == 1
    assert value(measures.DEAD_LETTERS) == 0
    assert value(measures.HEALTH) == measures.STATUSES.index("unhealthy")  # due, and no worker


def test_what_ended_is_counted_in_its_own_minute(finished):
    take_samples(NOW)
    at = samples.minute_of(PASSED)
    assert value(measures.COMPLETED, "short", at=at) == 4
    assert value(measures.FAILED, "long", at=at) == 2
    assert value(measures.RETRIES, at=at) == 0
    waited = Sample.objects.get(metric=measures.WAIT, label="short").buckets
    assert histograms.percentile_s(waited, 0.95) == pytest.approx(4, rel=0.13)
    ran = Sample.objects.get(metric=measures.RUN, label="long").buckets
    assert sum(ran.values()) == 2
    assert histograms.percentile_s(ran, 0.5) == pytest.approx(2, rel=0.13)


def test_retries_are_counted_by_failure_code(lab):
    def fails(subject_id, report):
        raise StageFailure("network_timeout")

    lab.line(prepare=fails)
    lab.sealed(recordings=2)
    assert jobs.run_due(limit=2) == 2  # no more: the first retry comes quickly
    ended = Attempt.objects.filter(outcome="retry")
    assert ended.update(ended_at=PASSED) == 2
    take_samples(NOW)
    at = samples.minute_of(PASSED)
    assert value(measures.RETRIES, "network_timeout", at=at) == 2
    assert value(measures.RETRIES, at=at) == 2
    assert not Sample.objects.filter(metric=measures.WAIT).exists()  # they still wait


def test_looking_again_in_the_same_minute_adds_nothing(finished):
    take_samples(NOW)
    before = list(Sample.objects.order_by("pk").values_list("pk", "value"))
    take_samples(NOW + timedelta(seconds=10))
    assert list(Sample.objects.order_by("pk").values_list("pk", "value")) == before
    assert counted(measures.COMPLETED, "short", span="total") == 4


def test_another_host_that_writes_the_same_minute_doubles_nothing(finished, monkeypatch):
    take_samples(NOW)
    monkeypatch.setattr(samples, "counted_until", lambda: None)  # it looked before we wrote
    monkeypatch.setattr(samples, "has_levels", lambda *_: False)
    take_samples(NOW)
    assert counted(measures.COMPLETED, "short") == 4
    assert counted(measures.COMPLETED, "short", span="total") == 4


def test_a_minute_is_counted_only_when_everything_in_it_is_committed(finished):
    early = samples.minute_of(PASSED) + MINUTE + timedelta(seconds=29)
    take_samples(early)
    assert samples.counted_until() == samples.minute_of(PASSED)
    take_samples(early + timedelta(seconds=1))
    assert samples.counted_until() == samples.minute_of(PASSED) + MINUTE


def test_after_a_silence_endings_are_counted_and_levels_stay_a_gap(finished):
    take_samples(NOW - timedelta(minutes=20))
    take_samples(NOW)
    levels = Sample.objects.filter(metric=measures.DUE, label="short")
    assert levels.count() == 2
    assert counted(measures.COMPLETED, "short") == 4
    minutes = Sample.objects.filter(span="minute", metric=measures.COMPLETED, label="short")
    begun = list(minutes.order_by("at").values_list("at", flat=True))
    assert len(begun) == 80
    assert begun[-1] - begun[0] == 79 * MINUTE


def test_a_database_that_fails_leaves_no_level(db, monkeypatch):
    def away(now, running):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(workload, "_queues", away)
    take_samples(NOW)
    assert not Sample.objects.filter(metric__in=(measures.DUE, measures.HEALTH)).exists()


def test_a_cache_that_nobody_asked_has_no_hit_rate(db, monkeypatch):
    monkeypatch.setattr(sampling, "_caches", {})
    sampling.watch_cache("idle", lambda *_: sampling.Lookups(0, 0))
    sampling.watch_cache("busy", lambda *_: sampling.Lookups(3, 4))
    take_samples(NOW)
    assert not Sample.objects.filter(label="idle").exists()
    rows = Sample.objects.filter(label="busy", metric=measures.CACHE_HITS)
    assert set(rows.values_list("value", flat=True)) == {3}


def test_an_hour_is_exactly_its_minutes(finished):
    late = NOW + timedelta(hours=1)
    for minute in range(30, 95, 7):
        take_samples(NOW.replace(minute=0) + minute * MINUTE)
    take_samples(late)
    sum_up_samples(late)
    hour = NOW.replace(minute=0, second=0)
    assert value(measures.COMPLETED, "short", "hour", at=hour) == 4
    minutes = Sample.objects.filter(span="minute", metric=measures.RUN, label="short")
    summed = Sample.objects.get(span="hour", metric=measures.RUN, label="short", at=hour)
    assert summed.buckets == histograms.merged(minutes.values_list("buckets", flat=True))
    letters = Sample.objects.get(span="hour", metric=measures.DEAD_LETTERS, at=hour)
    assert letters.highest == 2
    sum_up_samples(late)
    assert Sample.objects.filter(span="hour", metric=measures.RUN, label="short").count() == 1


def test_minutes_go_after_two_days_and_hours_after_thirty(db):
    for day in range(34, 0, -3):
        at = NOW - timedelta(days=day)
        take_samples(at)
        take_samples(at + timedelta(minutes=45))
        sum_up_samples(at + timedelta(minutes=45))
    take_samples(NOW)
    sum_up_samples(NOW)
    oldest = {
        span: Sample.objects.filter(span=span).order_by("at").first().at
        for span in ("minute", "hour")
    }
    assert NOW - timedelta(hours=50) < oldest["minute"]
    assert NOW - timedelta(days=31) <= oldest["hour"] < NOW - timedelta(days=25)
    assert Sample.objects.filter(span="total").exists()


def test_health_says_the_same_with_samples_and_without(finished):
    said = []
    for _ in range(2):
        now = timezone.now()
        end_at(now - timedelta(minutes=5))
        Job.objects.filter(pk=job_of("finalise").pk).update(finished_at=now)
        found = selectors.worker_health(now)
        said.append({name: (q.completed, q.failed) for name, q in found.queues.items()})
        take_samples(now)
    assert said[0] == said[1] == {"short": (4, 0), "long": (0, 2)}
    later = selectors.worker_health(timezone.now() + timedelta(hours=2))
    assert later.queues["short"].completed == 0


def test_a_gap_in_the_samples_is_filled_from_the_jobs(finished):
    now = timezone.now()
    end_at(now - timedelta(minutes=30))
    take_samples(now)
    Sample.objects.filter(at=samples.minute_of(now - timedelta(minutes=30))).delete()
    assert selectors.worker_health(now).queues["short"].completed == 4


def test_a_deep_queue_is_told_by_its_last_sample(lab, monkeypatch):
    lab.line()
    lab.open(recordings=5)
    now = timezone.now()
    monkeypatch.setattr(workload, "EXACT_UP_TO", 3)
    assert selectors.worker_health(now).queues["short"].waiting == 5  # counted: no sample yet
    take_samples(now)
    assert value(measures.DUE, "short") == 5
    Sample.objects.filter(metric=measures.DUE, label="short").update(value=70_000)
    assert selectors.worker_health(now).queues["short"].waiting == 70_000
    assert selectors.worker_health(now + 4 * MINUTE).queues["short"].waiting == 5  # too old


def test_work_in_a_queue_that_no_setting_names_shows(lab):
    lab.line()
    lab.open(recordings=2)
    Job.objects.update(queue="night")
    now = timezone.now()
    take_samples(now - 2 * MINUTE)
    take_samples(now)
    take_samples(now + 2 * MINUTE)
    assert selectors.worker_health(now + 2 * MINUTE).queues["night"].waiting == 2


def test_health_asks_as_many_questions_whatever_is_there(finished, django_assert_num_queries):
    now = timezone.now()
    take_samples(now)
    with django_assert_num_queries(11):
        selectors.worker_health(now)
    Job.objects.filter(state="dead").update(state="waiting")
    with django_assert_num_queries(11):
        selectors.worker_health(now)
