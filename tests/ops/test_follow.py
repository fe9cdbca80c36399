"""What starts next, and when a run is complete."""

import threading
import uuid

import pytest
from django.db import connections
from django.utils import timezone

from ops import jobs, leases, settle
from ops.failures import StageFailure
from ops.models import Job, Run
from ops.pipeline import Effect
from tests.ops.lab import events, is_completed, job_of, ledger


def dies_for(subjects, code="invalid_media"):
    def behave(subject_id, report):
        if subject_id in subjects:
            raise StageFailure(code)

    return behave


def test_session_stages_wait_for_the_seal(lab):
    lab.line()
    run, _ = lab.open(recordings=1)
    jobs.run_due()
    assert ledger() == ["prepare", "transcribe"]
    jobs.seal(run_id=run.id, recordings=1)
    jobs.run_due()
    assert ledger() == ["prepare", "transcribe", "evaluate", "finalise"]
    assert is_completed(run)


def test_sealing_twice_changes_nothing(lab):
    lab.line()
    run, _ = lab.sealed(recordings=1)
    jobs.seal(run_id=run.id, recordings=5)
    run.refresh_from_db()
    assert run.expected_recordings == 1
    assert len(events(run, "sealed")) == 1


def test_a_text_only_session_is_evaluated_at_the_seal(lab):
    lab.line()
    run, _ = lab.finished(recordings=0)
    assert ledger() == ["evaluate", "finalise"]
    assert (run.state, run.percent) == (Run.State.COMPLETED, 100)


def test_one_dead_recording_does_not_strand_the_session(lab):
    doomed = set()
    lab.line(transcribe=dies_for(doomed))
    run, ids = lab.sealed(recordings=5)
    doomed.add(ids[2])
    jobs.run_due()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    assert [ledger(s) for s in ("transcribe", "evaluate", "finalise")] == [4, 1, 1]
    missing = [{"stage": "transcribe", "subject_id": str(ids[2]), "code": "invalid_media"}]
    assert events(run)[-1] == ("completed", {"percent": 100.0, "missing": missing})


def test_a_session_whose_recordings_are_all_dead_is_finalised_too(lab):
    lab.line(prepare=lambda *_: dies_for({_[0]})(*_))
    run, _ = lab.finished(recordings=3)
    assert ledger() == ["evaluate", "finalise"]
    assert run.state == Run.State.COMPLETED
    assert len(events(run)[-1][1]["missing"]) == 3


def test_finalise_runs_after_a_dead_evaluation(lab):
    lab.line(evaluate=dies_for({lab.session_id}, "context_too_long"))
    run, _ = lab.finished(recordings=1)
    assert ledger("finalise") == 1
    assert run.state == Run.State.COMPLETED


def test_a_waiting_retry_holds_the_session_back(lab):
    doomed = set()
    lab.line(prepare=dies_for(doomed, "disk_full"))
    run, ids = lab.sealed(recordings=2)
    doomed.add(ids[0])
    jobs.run_due()
    assert ledger("evaluate") == 0
    assert not is_completed(run)


def test_parallel_stages_of_a_recording_both_start(lab):
    lab.line()
    lab.stage("measure_video", after="prepare")
    lab.open(recordings=1)
    jobs.run_due(limit=1)
    waiting = Job.objects.filter(state="waiting").values_list("stage", flat=True)
    assert sorted(waiting) == ["measure_video", "transcribe"]


def test_a_stage_after_two_others_waits_for_both(lab):
    lab.line()
    lab.stage("measure_video", after="prepare", queue="slow")
    lab.stage("join", after=("transcribe", "measure_video"))
    lab.open(recordings=1)
    jobs.run_due(queue="short")
    jobs.run_due(queue="long")
    assert ledger("join") == 0
    jobs.run_due()
    assert ledger("join") == 1


def test_the_size_of_the_work_is_handed_on(lab):
    lab.line()
    lab.finished(recordings=2)
    assert [j.media_s for j in Job.objects.filter(stage="transcribe")] == [10.0, 10.0]
    assert job_of("evaluate").media_s == 20.0


def test_a_late_recording_before_the_evaluation_has_begun_is_simply_waited_for(lab):
    lab.line()
    run, _ = lab.open(recordings=1)
    jobs.run_due()
    jobs.seal(run_id=run.id, recordings=1)  # evaluate waits, not begun
    jobs.add_recording(run_id=run.id, subject_id=uuid.uuid4())
    jobs.run_due()
    run.refresh_from_db()
    assert run.generation == 1
    assert [ledger(s) for s in ("transcribe", "evaluate", "finalise")] == [2, 1, 1]


def test_a_late_recording_after_the_evaluation_starts_a_new_generation(lab):
    lab.line()
    run, _ = lab.finished(recordings=1)
    jobs.add_recording(run_id=run.id, subject_id=uuid.uuid4())
    run.refresh_from_db()
    assert (run.state, run.generation, run.percent) == ("open", 2, 100)
    jobs.run_due()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED
    assert [ledger(s) for s in ("transcribe", "evaluate", "finalise")] == [2, 2, 2]
    per_generation = Job.objects.filter(stage="evaluate").order_by("generation")
    assert [job.generation for job in per_generation] == [1, 2]


def test_a_new_generation_waits_for_the_old_evaluation_to_end(lab):
    def late(subject_id, report):
        if report.generation == 1:
            jobs.add_recording(run_id=report.run_id, subject_id=uuid.uuid4())
            jobs.run_due()  # all that is ready, beside this one
            assert ledger("evaluate") == 0
            assert ledger("transcribe") == 2

    lab.line(evaluate=late)
    run, _ = lab.finished(recordings=1)
    assert run.state == Run.State.COMPLETED
    assert run.generation == 2
    assert [ledger(s) for s in ("evaluate", "finalise")] == [2, 1]


def test_percent_counts_expected_recordings_that_have_not_come(lab):
    lab.line()
    run, _ = lab.open(recordings=0)
    Run.objects.update(expected_recordings=2)
    jobs.add_recording(run_id=run.id, subject_id=uuid.uuid4())
    jobs.run_due()
    run.refresh_from_db()
    assert run.percent == pytest.approx(25)  # one of two recordings, which are half of the run


def test_a_skipped_stages_weight_is_taken_over_by_the_others(lab):
    lab.stage("prepare", weight=10)
    lab.stage("transcribe", after="prepare", weight=80, consent="recording")
    lab.stage("finalise", scope="session", after="transcribe", weight=10)
    run, (recording,) = lab.open(recordings=1)
    lab.refused.add((recording, "recording"))
    jobs.run_due()
    run.refresh_from_db()
    assert run.percent == pytest.approx(50)


@pytest.mark.django_db(transaction=True)
def test_two_last_finishers_start_the_session_once(lab):
    lab.line()
    run, ids = lab.sealed(recordings=2)
    jobs.run_due(queue="short")
    claims = [
        leases.claim(job_of("transcribe", i).pk, worker="w:1:1", now=timezone.now()) for i in ids
    ]
    gate = threading.Barrier(2)

    def finish(job):
        try:
            gate.wait()
            settle.settle_result(job, jobs.pipeline.get("transcribe"), Effect(lambda: None))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=finish, args=(job,)) for job in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert job_of("evaluate").state == "waiting"
    jobs.run_due()
    assert is_completed(run)
