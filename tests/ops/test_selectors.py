"""Snapshots of runs: what they say, and that their number of queries is fixed."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from ops import jobs, rates, selectors, shares
from ops.failures import StageFailure
from ops.models import Attempt, Run
from ops.shares import Rate
from tests.ops.lab import job_of


def fails(code):
    def behave(subject_id, report):
        raise StageFailure(code)

    return behave


def test_a_snapshot_says_how_the_run_stands(lab):
    lab.line()
    run, _ = lab.sealed(recordings=1)
    jobs.run_due(limit=1)
    seen = selectors.run_snapshot(run.id)
    run.refresh_from_db()
    assert (seen.state, seen.sealed, seen.generation) == ("open", True, 1)
    assert (seen.percent, seen.current_stage) == (25, "transcribe")
    assert seen.last_event_seq == run.last_event_seq
    assert [(j.stage, j.state) for j in seen.jobs] == [
        ("prepare", "done"),
        ("transcribe", "waiting"),
    ]


def test_a_failure_in_a_snapshot_says_what_to_do(lab):
    lab.line(prepare=fails("disk_full"), transcribe=fails("invalid_media"))
    run, _ = lab.open(recordings=1)
    jobs.run_due()
    failure = selectors.run_snapshot(run.id).jobs[0].failure
    assert failure.code == "disk_full"
    assert failure.retryable
    assert failure.retry_at > timezone.now()
    assert failure.support_reference == Attempt.objects.get().support_reference


def test_a_permanent_failure_is_not_called_retryable(lab):
    lab.line(prepare=fails("invalid_media"))
    run, _ = lab.finished(recordings=1)
    failure = selectors.run_snapshot(run.id).jobs[0].failure
    assert (failure.retryable, failure.retry_at) == (False, None)


def test_a_failure_that_was_overcome_is_no_longer_shown(lab):
    lab.line(prepare=lambda *_: fails("database_busy")(*_) if len(lab.calls) == 1 else None)
    run, _ = lab.finished(recordings=1)
    assert selectors.run_snapshot(run.id).jobs[0].failure is None


def test_an_unknown_run_is_not_found(db):
    with pytest.raises(Run.DoesNotExist):
        selectors.run_snapshot(uuid.uuid4())


@pytest.mark.parametrize("recordings", [1, 20])
def test_a_snapshot_costs_the_same_queries_however_large_it_is(
    lab, recordings, django_assert_num_queries
):
    lab.line(transcribe=fails("no_audio_track"))
    run, _ = lab.sealed(recordings=recordings)
    jobs.run_due(queue="short")
    jobs.run_due(queue="long")
    rates.forget()
    with django_assert_num_queries(4):  # run, jobs, references, rates
        selectors.run_snapshot(run.id)
    with django_assert_num_queries(3):  # rates are kept for a while
        selectors.run_snapshot(run.id)


@pytest.mark.parametrize("sessions", [1, 12])
def test_a_board_costs_the_same_queries_however_long_it_is(
    lab, sessions, django_assert_num_queries
):
    lab.line()
    ids = []
    for _ in range(sessions):
        lab.session_id = uuid.uuid4()
        ids.append(lab.session_id)
        lab.open(recordings=1)
    rates.forget()
    with django_assert_num_queries(3):  # runs, jobs, rates; nothing failed: no references
        found = selectors.latest_runs("session", [*ids, uuid.uuid4()])
    assert set(found) == set(ids)


def test_the_newest_run_of_a_session_is_shown(lab):
    lab.line()
    old, _ = lab.finished(recordings=1)
    new, _ = lab.open()
    Run.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert selectors.latest_runs("session", [lab.session_id])[lab.session_id].id == new.id


# --- the time that is left ----------------------------------------------------------------


def measured(stage, seconds, media_s=None):
    """Pretend that attempts of `stage` took so long."""
    job = job_of(stage)
    started = timezone.now() - timedelta(hours=1)
    for token, took_s in enumerate(seconds, start=100):
        Attempt.objects.create(
            job=job,
            token=token,
            worker="w",
            started_at=started,
            ended_at=started + timedelta(seconds=took_s),
            outcome="completed",
            media_s=media_s,
        )


@pytest.fixture
def timed(lab):
    """One recording of 10 s, prepared; each stage was measured before."""
    lab.line()
    lab.finished(recordings=1)
    Attempt.objects.all().delete()
    measured("prepare", [1.0, 1.0], media_s=10)
    measured("transcribe", [4.0, 5.0, 6.0], media_s=10)  # half a second per second
    measured("evaluate", [3.0, 3.0])
    measured("finalise", [1.0, 1.0])
    lab.session_id = uuid.uuid4()
    rates.forget()
    return lab


def test_the_time_left_follows_from_measured_rates(timed):
    run, _ = timed.sealed(recordings=1)
    jobs.run_due(limit=1)
    Attempt.objects.filter(job__run=run).delete()
    rates.forget()
    seen = selectors.run_snapshot(run.id)
    assert seen.estimated_completion_s == pytest.approx(5 + 3 + 1, abs=0.2)
    assert seen.estimated_error_s == pytest.approx(1.0, abs=0.2)  # transcribe's spread


def test_what_was_never_measured_has_no_estimate(lab):
    lab.line()
    run, _ = lab.sealed(recordings=1)
    seen = selectors.run_snapshot(run.id)
    assert (seen.estimated_completion_s, seen.estimated_error_s) == (None, None)


def test_one_measurement_gives_no_error():
    assert rates.rate_of([(4.0, 8.0)]) == Rate(4.0, 0.5, None)


def test_the_rate_is_the_median_and_the_error_its_spread():
    rate = rates.rate_of([(1.0, None), (2.0, None), (3.0, None), (100.0, None)])
    assert rate.per_attempt_s == 2.5
    assert rate.per_media_s is None
    assert rate.spread_share > 1


def test_two_workers_halve_the_time_of_two_recordings(timed):
    run, _ = timed.open(recordings=2)
    found = jobs.runs.shares_of(run, list(run.jobs.all()))
    one = found.forecast(rates.measured_rates(), {"short": 1, "long": 1})
    two = found.forecast(rates.measured_rates(), {"short": 1, "long": 2})
    assert isinstance(one, shares.Forecast)
    assert two.estimated_completion_s < one.estimated_completion_s
