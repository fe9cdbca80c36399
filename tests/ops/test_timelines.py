"""A run in time: no hole, no overlap, and nothing beyond its ends."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.models import Attempt, Job, Run
from ops.timelines import SHORTEST, WIDTH, run_timeline, stretches

BEGIN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def at(seconds):
    return BEGIN + timedelta(seconds=seconds)


@pytest.fixture
def job(lab):
    lab.line()
    run, _ = lab.open(recordings=1)
    Run.objects.filter(pk=run.pk).update(created_at=BEGIN)
    Job.objects.update(created_at=BEGIN)
    return Job.objects.select_related("run").get()


def attempt(job, token, start, end, outcome):
    return Attempt.objects.create(
        job=job,
        token=token,
        worker="h:1:1",
        started_at=at(start),
        ended_at=None if end is None else at(end),
        outcome=outcome,
    )


def end_job(job, seconds, state="done"):
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=at(seconds), token=2)


def test_waits_runs_and_waits_between_attempts_are_told_apart(job):
    attempt(job, 1, 10, 15, "retry")
    attempt(job, 2, 45, 60, "completed")
    end_job(job, 60)
    timeline = run_timeline(job.run, at(500))
    (bar,) = timeline.bars
    assert [piece.kind for piece in bar.pieces] == ["waiting", "failed", "retry", "running"]
    assert (bar.waited_s, bar.ran_s, bar.retry_waits_s) == (10, 20, 30)
    assert timeline.took_s == 60
    for before, after in zip(bar.pieces, bar.pieces[1:], strict=False):
        assert before.x + before.width == pytest.approx(after.x, abs=0.2)
    assert bar.pieces[-1].x + bar.pieces[-1].width == pytest.approx(WIDTH, abs=0.2)


def test_what_still_waits_or_runs_goes_on_until_now(job):
    timeline = run_timeline(job.run, at(30))
    assert timeline.bars[0].waited_s == 30
    attempt(job, 1, 30, None, "")
    Job.objects.update(state="running")
    assert run_timeline(job.run, at(90)).bars[0].ran_s == 60


def test_an_attempt_whose_end_nobody_saw_takes_no_time(job):
    attempt(job, 1, 10, None, "")
    end_job(job, 20, "dead")
    job.refresh_from_db()
    told = list(stretches(job, list(Attempt.objects.all()), at(999)))
    assert [stretch.took_s for stretch in told] == [10, 0]


def test_a_job_that_was_cancelled_before_it_ran_only_waited(job):
    end_job(job, 25, "cancelled")
    bar = run_timeline(job.run, at(99)).bars[0]
    assert (bar.waited_s, bar.ran_s) == (25, 0)


def test_short_work_is_still_seen(job):
    attempt(job, 1, 5000, 5000.001, "completed")
    end_job(job, 5001)
    piece = run_timeline(job.run, at(9999)).bars[0].pieces[-1]
    assert piece.width == SHORTEST
    assert piece.x + piece.width <= WIDTH


def test_a_clock_that_was_set_back_draws_nothing_outside(job):
    attempt(job, 1, -50, -20, "completed")
    end_job(job, -20)
    for piece in run_timeline(job.run, at(9)).bars[0].pieces:
        assert 0 <= piece.x <= WIDTH
        assert piece.width > 0


def test_the_number_of_queries_is_fixed(lab, django_assert_num_queries):
    lab.line()
    run, _ = lab.finished(recordings=5)
    with django_assert_num_queries(2):
        assert len(run_timeline(run, at(0)).bars) == 12


@pytest.mark.parametrize("page", ["job", "run"])
def test_staff_see_it_on_the_pages_of_job_and_run(lab, sam, signed_in, page):
    lab.line()
    run, _ = lab.finished(recordings=1)
    job = Job.objects.get(stage="transcribe")
    pk = job.pk if page == "job" else run.pk
    shown = signed_in(sam).get(f"/admin/ops/{page}/{pk}/change/").content.decode()
    assert "The run in time" in shown
    assert shown.count('class="timeline__bar"') == 4
    assert shown.count('aria-current="true"') == (page == "job")
