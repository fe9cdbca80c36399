"""The life of a job: enqueue, claim, perform, settle, and every way it can end."""

import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.utils import timezone

from ops import jobs, leases, settle
from ops.conflicts import StateConflict
from ops.defeats import lose
from ops.failures import StageFailure
from ops.models import Attempt, AuditEntry, DeadLetter, Event, Job, Run
from ops.pipeline import Effect, Skip
from tests.databases import on_sqlite
from tests.ops.lab import events, job_of, ledger, write_ledger

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def failing(*codes, then=None):
    """A behaviour that fails with each code in turn, then behaves."""
    left = list(codes)

    def behave(subject_id, report):
        if left:
            raise StageFailure(left.pop(0))
        return then and then(subject_id, report)

    return behave


def always(code):
    def behave(subject_id, report):
        raise StageFailure(code)

    return behave


def outcomes(job):
    return list(job.attempt_rows.order_by("token").values_list("outcome", flat=True))


# --- enqueue ------------------------------------------------------------------------------


def test_a_run_goes_through_every_stage_once(lab):
    lab.line()
    run, _ = lab.finished(recordings=2)
    assert sorted(ledger()) == sorted(["prepare", "transcribe"] * 2 + ["evaluate", "finalise"])
    assert (run.state, run.percent) == (Run.State.COMPLETED, 100)
    assert events(run)[-1] == ("completed", {"percent": 100.0, "missing": []})


def test_a_rolled_back_recording_leaves_no_job(lab):
    lab.line()
    run, _ = lab.open()

    def upload_that_fails():
        with transaction.atomic():
            jobs.add_recording(run_id=run.id, subject_id=uuid.uuid4())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        upload_that_fails()
    assert not Job.objects.exists()


def test_a_recording_added_twice_is_one_job(lab):
    lab.line()
    run, (recording,) = lab.open(recordings=1)
    jobs.add_recording(run_id=run.id, subject_id=recording)
    assert Job.objects.count() == 1


def test_a_session_has_one_open_run(lab):
    first, _ = lab.open()
    second, _ = lab.open()
    assert first == second


def test_an_unexpected_recording_is_expected_from_now_on(lab):
    lab.line()
    run, _ = lab.open(recordings=1)
    jobs.add_recording(run_id=run.id, subject_id=uuid.uuid4())
    run.refresh_from_db()
    assert run.expected_recordings == 2


# --- claim --------------------------------------------------------------------------------


def test_a_job_is_claimed_once(lab):
    lab.line()
    lab.open(recordings=1)
    job = job_of("prepare")
    first = leases.claim(job.pk, worker="a:1:1", now=timezone.now())
    assert (first.token, first.attempts, first.state) == (1, 1, "running")
    assert leases.claim(job.pk, worker="b:2:2", now=timezone.now()) is None


def test_a_late_or_doubled_hint_does_nothing(lab):
    lab.line()
    lab.finished(recordings=1)
    done = job_of("prepare")
    jobs.execute(done.pk)
    jobs.execute(987654)
    assert ledger("prepare") == 1
    assert outcomes(done) == ["completed"]


def test_a_lease_ends_by_the_databases_clock(lab, settings):
    lab.line()
    lab.open(recordings=1)
    with time_machine.travel(NOON - timedelta(days=3000)):  # this host's clock is far behind
        Job.objects.update(run_at=timezone.now())
        job = leases.claim(job_of("prepare").pk, worker="a:1:1", now=timezone.now())
    left_s = (job.lease_until - timezone.now()).total_seconds()
    assert settings.LEASE_S - 10 < left_s <= settings.LEASE_S + 1


def test_sooner_priorities_go_first(lab):
    lab.line()
    lab.open(recordings=3)
    urgent = Job.objects.order_by("pk").last()
    Job.objects.filter(pk=urgent.pk).update(priority=Job.Priority.HIGH)
    jobs.run_due(limit=1)
    assert lab.calls == [("prepare", urgent.subject_id)]


def test_only_the_asked_queue_is_worked_on(lab):
    lab.line()
    lab.open(recordings=1)
    jobs.run_due(queue="short")
    assert ledger() == ["prepare"]
    jobs.run_due(queue="long")
    assert ledger() == ["prepare", "transcribe"]


# --- consent ------------------------------------------------------------------------------


def test_without_consent_a_stage_is_skipped_and_the_run_goes_on(lab):
    lab.stage("prepare", consent="recording")
    lab.stage("finalise", scope="session", after="prepare")
    run, (recording,) = lab.sealed(recordings=1)
    lab.refused.add((recording, "recording"))
    jobs.run_due()
    job = job_of("prepare")
    assert (job.state, job.outcome, job.reason) == ("done", "skipped", "no recording consent")
    assert lab.calls == [("finalise", lab.session_id)]
    assert ledger() == ["finalise"]
    skipped = [p for t, p in events(run, "stage") if p["state"] == "skipped"]
    assert skipped[0]["reason"] == "no recording consent"


def test_consent_withdrawn_while_a_stage_works_keeps_its_effect_out(lab):
    def withdraw(subject_id, report):
        lab.refused.add((subject_id, "recording"))

    lab.stage("prepare", consent="recording", behave=withdraw)
    lab.open(recordings=1)
    jobs.run_due()
    assert job_of("prepare").outcome == "skipped"
    assert ledger() == []


def test_a_stage_may_say_that_it_does_not_apply(lab):
    lab.line(transcribe=lambda *_: Skip("text only"))
    run, _ = lab.finished(recordings=1)
    assert job_of("transcribe").reason == "text only"
    assert run.state == Run.State.COMPLETED


# --- failure ------------------------------------------------------------------------------


@on_sqlite  # the time stands still here, but not on another server
def test_a_failure_waits_as_its_policy_says_and_then_succeeds(lab):
    with time_machine.travel(NOON, tick=False) as clock:
        lab.line(prepare=failing("disk_full"))
        run, _ = lab.sealed(recordings=1)
        jobs.run_due()
        job = job_of("prepare")
        assert job.state == "waiting"
        assert job.run_at == NOON + timedelta(seconds=60)
        assert job.reason == "There is no space left on the disk."
        clock.move_to(NOON + timedelta(seconds=59))
        assert jobs.run_due() == 0
        clock.move_to(NOON + timedelta(seconds=60))
        jobs.run_due()
        assert outcomes(job) == ["retry", "completed"]
        retrying = next(p for t, p in events(run, "stage") if p["state"] == "retrying")
        assert retrying["retry_at"] == "2026-06-01T12:01:00Z"
        assert retrying["failure"]["code"] == "disk_full"
        assert ledger("prepare") == 1


def test_a_permanent_failure_has_one_attempt_and_a_dead_letter(lab):
    lab.line(prepare=always("invalid_media"))
    run, (recording,) = lab.finished(recordings=1)
    job = job_of("prepare")
    assert (job.state, job.failure_code, job.token) == ("dead", "invalid_media", 1)
    letter = DeadLetter.objects.get(job=job)
    assert (letter.state, letter.failure_code) == ("open", "invalid_media")
    assert lab.deaths == [(recording, "invalid_media")]
    failed = events(run, "failed")[0][1]
    assert failed["failure"]["suggestion"].startswith("Record the answer again")
    assert failed["job_id"] == str(job.public_id)


def test_retries_end(lab):
    lab.line(prepare=always("output_invalid"))
    lab.open(recordings=1)
    jobs.run_due()
    assert outcomes(job_of("prepare")) == ["retry", "retry", "dead"]


@on_sqlite  # as above
def test_waiting_for_a_busy_provider_costs_no_attempt(lab):
    def busy(subject_id, report):
        if len(lab.calls) < 8:
            raise StageFailure("rate_limited", retry_after_s=30)

    with time_machine.travel(NOON, tick=False) as clock:
        lab.line(prepare=busy)
        lab.open(recordings=1)
        jobs.run_due()
        job = job_of("prepare")
        assert timedelta(seconds=30) <= job.run_at - NOON <= timedelta(seconds=33)
        for _ in range(7):
            clock.shift(timedelta(hours=1))
            jobs.run_due(queue="short")
        job.refresh_from_db()
        assert outcomes(job) == ["snoozed"] * 7 + ["completed"]
        assert job.attempts == 1


def test_a_failed_attempt_has_a_reference_and_no_secret(lab):
    def leak(subject_id, report):
        raise RuntimeError("token=abcdef0123456789 of carol@example.org at /i/abcdefghijklmnop1234")

    lab.line(prepare=leak)
    lab.open(recordings=1)
    jobs.run_due()
    attempt = Attempt.objects.get()
    assert attempt.failure_code == "unknown"
    assert len(attempt.support_reference) == 13
    assert attempt.support_reference.startswith("CND-")
    for text in (attempt.error, attempt.traceback):
        assert "[masked]" in text
        assert "carol@" not in text
        assert "abcdef" not in text
    assert "RuntimeError" in attempt.traceback


def test_an_error_in_the_effect_undoes_all_of_it(lab):
    def half(subject_id, report):
        def write():
            write_ledger("half", subject_id)
            raise StageFailure("invalid_media")

        return Effect(write)

    lab.line(prepare=half)
    lab.open(recordings=1)
    jobs.run_due()
    assert ledger() == []
    assert job_of("prepare").state == "dead"


def test_a_stage_that_exits_the_process_is_a_crash_not_an_end(lab):
    lab.line(prepare=lambda *_: sys.exit(3))
    lab.open(recordings=1)
    jobs.run_due(limit=2)  # on a slow machine its next attempt may be due at once
    job = job_of("prepare")
    assert (job.state, job.crashes, job.attempts, job.failure_code) == (
        "waiting",
        1,
        0,
        "worker_lost",
    )


def test_a_death_that_cannot_be_told_to_the_subject_is_still_a_death(lab, monkeypatch):
    def broken(subject_id, code):
        write_ledger("broken", subject_id)
        raise RuntimeError

    monkeypatch.setattr(lab, "_bury", broken)
    lab.line(prepare=always("invalid_media"))
    lab.open(recordings=1)
    jobs.run_due()
    assert job_of("prepare").state == "dead"
    assert ledger() == []


def test_an_unknown_stage_says_what_is_wrong(lab):
    lab.line()
    lab.open(recordings=1)
    Job.objects.update(stage="long_gone")
    jobs.run_due()
    assert Job.objects.get().failure_code == "config_missing"


def test_failures_of_one_cause_share_a_fingerprint(lab):
    lab.line(prepare=always("invalid_media"), transcribe=always("invalid_media"))
    lab.finished(recordings=2)
    assert DeadLetter.objects.values("fingerprint").distinct().count() == 1


# --- lost workers -------------------------------------------------------------------------


def claimed(stage="prepare"):
    return leases.claim(job_of(stage).pk, worker="elsewhere:1:1", now=timezone.now())


def expire():
    Job.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_whose_lease_ran_out_is_done_by_somebody_else(lab):
    lab.line()
    lab.open(recordings=1)
    claimed()
    assert jobs.reap() == 0
    expire()
    assert jobs.reap() == 1
    job = job_of("prepare")
    assert (job.state, job.attempts, job.crashes) == ("waiting", 0, 1)
    Job.objects.update(run_at=timezone.now())
    jobs.run_due()
    assert outcomes(job) == ["lost", "completed"]


def test_a_late_write_is_refused(lab):
    lab.line()
    lab.open(recordings=1)
    late = claimed()
    expire()
    jobs.reap()
    Job.objects.update(run_at=timezone.now())
    newer = claimed()
    late_effect = Effect(lambda: write_ledger("late", late.subject_id))
    stage = jobs.pipeline.get("prepare")
    with pytest.raises(leases.LeaseLost):
        settle.settle_result(late, stage, late_effect)
    assert ledger() == []
    settle.settle_result(newer, stage, Effect(lambda: write_ledger("new", late.subject_id)))
    assert ledger() == ["new"]


def test_poison_is_dead_after_three_crashes(lab, settings):
    lab.line()
    run, _ = lab.sealed(recordings=2)
    poison = Job.objects.order_by("pk").first()
    for _ in range(settings.MAX_CRASHES):
        Job.objects.filter(pk=poison.pk).update(run_at=timezone.now())
        assert lose(leases.claim(poison.pk, worker="gone:1:1", now=timezone.now()))
    poison.refresh_from_db()
    assert (poison.state, poison.failure_code) == ("dead", "worker_lost")
    assert outcomes(poison) == ["lost"] * 3
    jobs.run_due()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    assert ledger("transcribe") == 1


def test_an_interrupted_job_blames_nobody(lab):
    lab.line()
    lab.open(recordings=1)
    job = claimed()
    assert settle.give_back(job)
    job = job_of("prepare")
    assert (job.state, job.attempts, job.crashes, job.failure_code) == ("waiting", 0, 0, "")
    assert outcomes(job) == ["interrupted"]
    assert not settle.give_back(job)


def test_what_the_worker_left_word_of_is_the_reason(lab):
    lab.line()
    lab.open(recordings=1)
    job = claimed()
    Job.objects.update(failure_code="stage_timeout")
    lose(job)
    assert job_of("prepare").failure_code == "stage_timeout"


# --- cancel, rerun, redrive ---------------------------------------------------------------


def test_a_cancelled_run_does_nothing_more(lab):
    lab.line()
    run, _ = lab.sealed(recordings=2)
    jobs.run_due(limit=1)
    jobs.cancel_run(run_id=run.id, actor="member:1")
    assert jobs.run_due() == 0
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert not Job.objects.filter(state__in=Job.OPEN).exists()
    assert events(run)[-1][1]["cancelled"] is True
    assert AuditEntry.objects.filter(action="run.cancelled", actor="member:1").count() == 1


def test_a_job_cancelled_while_it_runs_writes_nothing(lab):
    def cancel_me(subject_id, report):
        jobs.cancel_job(job_id=job_of("prepare").public_id, actor="member:1")

    lab.line(prepare=cancel_me)
    run, _ = lab.finished(recordings=1)
    assert job_of("prepare").state == "cancelled"
    assert ledger() == ["evaluate", "finalise"]
    assert events(run)[-1][1]["missing"][0]["code"] == "cancelled"


def test_a_failure_of_a_cancelled_job_is_not_tried_again(lab):
    def cancel_and_fail(subject_id, report):
        jobs.cancel_job(job_id=job_of("prepare").public_id, actor="member:1")
        raise StageFailure("disk_full")

    lab.line(prepare=cancel_and_fail)
    lab.finished(recordings=1)
    assert outcomes(job_of("prepare")) == ["cancelled"]


def test_an_ended_job_cannot_be_cancelled(lab):
    lab.line()
    lab.finished(recordings=1)
    with pytest.raises(StateConflict):
        jobs.cancel_job(job_id=job_of("prepare").public_id, actor="member:1")


def test_a_redrive_resumes_at_the_failed_stage(lab):
    lab.line(transcribe=failing("invalid_media"))
    run, _ = lab.finished(recordings=1)
    job = job_of("transcribe")
    jobs.redrive(job_id=job.public_id, actor="member:1", now=timezone.now())
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.redrives) == ("retrying", 1)
    run.refresh_from_db()
    assert (run.state, run.generation, run.percent) == ("open", 2, 100)
    jobs.run_due()
    letter.refresh_from_db()
    run.refresh_from_db()
    assert letter.state == "resolved"
    assert run.state == Run.State.COMPLETED
    assert [ledger(s) for s in ("prepare", "transcribe", "evaluate", "finalise")] == [1, 1, 2, 2]
    assert events(run)[-1][1]["missing"] == []


def test_a_redrive_that_fails_again_leaves_the_letter_open(lab):
    lab.line(transcribe=always("invalid_media"))
    lab.finished(recordings=1)
    jobs.redrive(job_id=job_of("transcribe").public_id, actor="member:1", now=timezone.now())
    jobs.run_due()
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.redrives) == ("open", 1)


def test_a_redriven_session_stage_keeps_what_went_before_it(lab):
    lab.line(evaluate=failing("context_too_long"))
    run, _ = lab.finished(recordings=1)
    assert ledger("finalise") == 1
    jobs.redrive(job_id=job_of("evaluate").public_id, actor="member:1", now=timezone.now())
    jobs.run_due()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    assert [ledger(s) for s in ("transcribe", "evaluate", "finalise")] == [1, 1, 2]
    assert job_of("evaluate").generation == 2


def test_only_a_dead_job_can_be_driven_again(lab):
    lab.line()
    lab.finished(recordings=1)
    with pytest.raises(StateConflict):
        jobs.redrive(job_id=job_of("prepare").public_id, actor="m", now=timezone.now())


def test_a_newer_open_run_forbids_to_reopen_the_old_one(lab):
    lab.line(prepare=always("invalid_media"))
    lab.finished(recordings=1)
    lab.open()
    with pytest.raises(StateConflict):
        jobs.redrive(job_id=job_of("prepare").public_id, actor="m", now=timezone.now())
    assert DeadLetter.objects.get().state == "open"


def rerun(lab, ids, **facts):
    return jobs.rerun(
        organization_id=lab.organization.id,
        subject_kind="session",
        subject_id=lab.session_id,
        board="b",
        recordings=[(recording, 10.0) for recording in ids],
        **facts,
    )


def test_a_rerun_does_only_the_session_again(lab):
    lab.line()
    _, ids = lab.finished(recordings=2)
    lab.calls.clear()
    run = rerun(lab, ids)
    assert rerun(lab, ids) == run
    jobs.run_due()
    assert [name for name, _ in lab.calls] == ["evaluate", "finalise"]
    reused = Job.objects.filter(run=run, outcome="reused")
    assert sorted(reused.values_list("stage", flat=True)) == sorted(["prepare", "transcribe"] * 2)


def test_a_rerun_does_again_what_is_asked_and_all_that_follows(lab):
    lab.line()
    lab.stage("measure_text", after="transcribe")
    _, ids = lab.finished(recordings=1)
    lab.calls.clear()
    rerun(lab, ids, redo=frozenset({"transcribe"}), options={"force": True})
    jobs.run_due()
    done = [name for name, _ in lab.calls]
    assert sorted(done) == ["evaluate", "finalise", "measure_text", "transcribe"]
    assert done.index("transcribe") < done.index("measure_text")


def test_a_rerun_does_what_was_dead_or_skipped_or_is_new(lab):
    lab.line(transcribe=failing("invalid_media", then=None))
    _, ids = lab.finished(recordings=2)
    lab.calls.clear()
    new = uuid.uuid4()
    run = rerun(lab, [*ids, new])
    jobs.run_due()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    assert sorted(name for name, subject in lab.calls if subject == new) == [
        "prepare",
        "transcribe",
    ]
    assert [name for name, _ in lab.calls].count("transcribe") == 2


# --- what a stage is given ----------------------------------------------------------------


def test_progress_is_told_but_not_too_often(lab, monkeypatch):
    clock = iter(x / 10 for x in range(10_000))
    monkeypatch.setattr("ops.reports.time.monotonic", lambda: next(clock))

    def talk(subject_id, report):
        for step in range(1, 101):
            report.progress(step / 100)

    lab.line(prepare=talk)
    run, _ = lab.open(recordings=1)
    jobs.run_due(limit=1)
    told = [p["percent"] for t, p in events(run, "progress")]
    assert 5 < len(told) < 60
    assert told == sorted(told)


def test_progress_never_falls_when_a_stage_is_tried_again(lab):
    def half_way(subject_id, report):
        report._told_at -= 10
        report.progress(0.9)
        if len(lab.calls) == 1:
            raise StageFailure("database_busy")

    lab.line(prepare=half_way)
    run, _ = lab.finished(recordings=1)
    told = [p["percent"] for t, p in events(run, "progress")]
    assert told == sorted(told)
    assert told[0] < 40


def test_a_stage_sees_options_generation_and_what_is_missing(lab):
    seen = {}

    def look(subject_id, report):
        missing = [(m.stage, m.code) for m in report.missing]
        seen.update(options=report.options, generation=report.generation, missing=missing)

    lab.line(transcribe=always("no_audio_track"), evaluate=look)
    run, _ = lab.open(recordings=1, options={"force": True})
    jobs.seal(run_id=run.id, recordings=1)
    jobs.run_due()
    assert seen == {
        "options": {"force": True},
        "generation": 1,
        "missing": [("transcribe", "no_audio_track")],
    }


def test_a_soft_timeout_stops_the_stage_and_its_child(lab, monkeypatch):
    monkeypatch.setattr(leases, "PULSE_S", 0.05)
    children = []

    def hang(subject_id, report):
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
        children.append(child)
        with report.child(child):
            child.wait()
        report.check()

    lab.stage("prepare", behave=hang, timeout=timedelta(seconds=0.2))
    lab.open(recordings=1)
    started = time.monotonic()
    jobs.run_due(limit=1)
    assert time.monotonic() - started < 5
    assert children[0].returncode == -9
    job = job_of("prepare")
    assert (job.failure_code, job.crashes) == ("stage_timeout", 1)


# --- with real transactions and threads ---------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_a_stage_works(lab, settings, monkeypatch):
    settings.LEASE_BEAT_S = 0.05
    monkeypatch.setattr(leases, "PULSE_S", 0.05)
    ends = []

    def watch(subject_id, report):
        assert not connection.in_atomic_block
        for _ in range(2):
            ends.append(job_of("prepare").lease_until)
            time.sleep(0.4)

    lab.line(prepare=watch)
    lab.open(recordings=1)
    jobs.run_due(limit=1)
    assert ends[1] > ends[0]


@pytest.mark.django_db(transaction=True)
def test_a_stage_whose_lease_was_lost_is_stopped_and_writes_nothing(lab, monkeypatch):
    monkeypatch.setattr(leases, "PULSE_S", 0.05)

    def overtaken(subject_id, report):
        Job.objects.update(token=7, worker="other:1:1")  # as another worker's claim would
        for _ in range(100):
            time.sleep(0.05)
            report.check()
        raise AssertionError("it was never stopped")

    lab.line(prepare=overtaken)
    lab.open(recordings=1)
    jobs.run_due(limit=1)
    assert ledger() == []
    assert job_of("prepare").worker == "other:1:1"


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_stage_is_stopped_within_a_moment(lab, monkeypatch):
    monkeypatch.setattr(leases, "PULSE_S", 0.05)

    def endless(subject_id, report):
        jobs.cancel_job(job_id=job_of("prepare").public_id, actor="m")
        for _ in range(100):
            time.sleep(0.05)
            report.check()
        raise AssertionError("it was never stopped")

    lab.line(prepare=endless)
    lab.open(recordings=1)
    jobs.run_due(limit=1)
    assert outcomes(job_of("prepare")) == ["cancelled"]


@pytest.mark.django_db(transaction=True)
def test_many_workers_share_the_work_and_do_each_job_once(lab):
    lab.line()
    run, _ = lab.sealed(recordings=6)

    def work():
        try:
            for _ in range(30):
                jobs.run_due()
                time.sleep(0.01)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    assert [ledger(s) for s in ("prepare", "transcribe", "evaluate", "finalise")] == [6, 6, 1, 1]
    events(run)  # no gap in the numbers
    assert Attempt.objects.filter(ended_at=None).count() == 0
    assert Event.objects.filter(run=run, type="completed").count() == 1


def test_work_outlasts_a_database_that_is_away_when_it_is_to_be_written(monkeypatch, settings):
    monkeypatch.setattr(jobs, "SETTLE_PAUSE_S", (0.0, 0.01))
    calls = []

    def commit():
        calls.append(1)
        if len(calls) < 20:
            raise OperationalError("server closed the connection unexpectedly")

    jobs._patiently(commit)
    assert len(calls) == 20
    calls.clear()
    settings.LEASE_S = 0  # nobody waits longer than the job is surely his
    with pytest.raises(OperationalError):
        jobs._patiently(commit)


def test_a_fault_is_not_tried_again_as_if_it_would_pass():
    def commit():
        raise IntegrityError("duplicate key value violates unique constraint")

    with pytest.raises(IntegrityError):
        jobs._patiently(commit)
