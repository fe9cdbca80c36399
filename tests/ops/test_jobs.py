"""The life of a job: enqueue, claim, perform, settle."""

import uuid

import pytest
from django.db import transaction

from ops import jobs
from ops.models import Attempt, Job, Run
from tests.ops.lab import events, is_completed, job_of, lab, ledger  # noqa: F401 - fixture


def test_a_run_goes_through_every_stage_once(lab):
    lab.line()
    run, _ = lab.finished(recordings=2)
    assert sorted(ledger()) == sorted(["prepare", "transcribe"] * 2 + ["evaluate", "finalise"])
    assert run.state == Run.State.COMPLETED
    assert run.percent == 100
    assert events(run)[-1] == ("completed", {"percent": 100.0, "missing": []})


def test_a_rolled_back_recording_leaves_no_job(lab):
    lab.line()
    run, _ = lab.open()
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.add_recording(run_id=run.id, subject_id=uuid.uuid4())
        raise RuntimeError
    assert not Job.objects.exists()
