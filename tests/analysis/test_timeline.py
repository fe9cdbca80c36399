"""A run laid out for a page: chips, tracks, failure cards, and what is left out."""

import uuid

import pytest
from django.utils import timezone

from analysis.timeline import label, timeline
from ops.selectors import FailureSnapshot, JobSnapshot, RunSnapshot

NOW = timezone.now()
SESSION, FIRST, SECOND = (uuid.UUID(int=number) for number in (1, 2, 3))
FAILURE = FailureSnapshot(
    code="rate_limited",
    message="The service is busy.",
    suggestion="Wait.",
    retryable=True,
    retry_at=NOW,
    support_reference="ref",
)


def job(stage, subject_id=FIRST, *, state="done", **facts):
    defaults = {
        "public_id": uuid.uuid4(),
        "subject_kind": "session" if subject_id == SESSION else "recording",
        "generation": 1,
        "outcome": "completed" if state == "done" else "",
        "reason": "",
        "progress": 1.0 if state == "done" else 0.0,
        "attempts": 1,
        "priority_name": "normal",
        "run_at": NOW,
        "finished_at": None,
        "failure": None,
    }
    return JobSnapshot(stage=stage, subject_id=subject_id, state=state, **(defaults | facts))


def laid_out(*jobs, orders=None, **facts):
    defaults = {
        "state": "open",
        "percent": 41.26,
        "current_stage": "transcribe",
        "estimated_completion_s": 38.0,
        "estimated_error_s": None,
        "sealed": True,
        "generation": 1,
        "finished_at": None,
    }
    run = RunSnapshot(
        id=uuid.uuid4(),
        last_event_seq=9,
        created_at=NOW,
        subject_kind="session",
        subject_id=SESSION,
        jobs=jobs,
        **(defaults | facts),
    )
    return timeline(run, {FIRST: 1, SECOND: 2} if orders is None else orders)


@pytest.mark.parametrize(
    ("facts", "condition"),
    [
        ({"state": "done"}, "done"),
        ({"state": "done", "outcome": "skipped"}, "skipped"),
        ({"state": "done", "outcome": "reused"}, "reused"),
        ({"state": "running"}, "running"),
        ({"state": "waiting"}, "waiting"),
        ({"state": "waiting", "failure": FAILURE}, "retrying"),
        ({"state": "dead", "failure": FAILURE}, "dead"),
        ({"state": "cancelled"}, "cancelled"),
    ],
)
def test_a_step_is_called_by_what_people_need_to_know(facts, condition):
    (track,) = laid_out(job("verify", **facts)).tracks
    assert [step.condition for step in track.steps] == [condition]


def test_a_chip_counts_its_recordings_and_shows_the_worst():
    found = laid_out(
        job("transcribe", FIRST),
        job("transcribe", SECOND, state="dead", failure=FAILURE),
        job("verify", FIRST),
        job("verify", SECOND, state="running"),
    ).chips
    assert [(c.label, c.condition, c.ended, c.total) for c in found] == [
        ("Verify", "running", 1, 2),
        ("Transcribe", "dead", 2, 2),
    ]


def test_steps_stand_in_the_order_of_the_pipeline_and_unknown_ones_last():
    shuffled = ("measure_text", "a_stage_that_is_gone", "verify", "transcribe", "prepare")
    (track,) = laid_out(*(job(stage) for stage in shuffled)).tracks
    assert [step.label for step in track.steps] == [
        "Verify",
        "Prepare",
        "Transcribe",
        "Measure text",
        "A stage that is gone",
    ]


def test_tracks_stand_in_the_order_of_the_questions_with_the_session_last():
    found = laid_out(job("evaluate", SESSION), job("verify", SECOND), job("verify", FIRST)).tracks
    assert [track.order for track in found] == [1, 2, None]


def test_session_stages_of_an_earlier_generation_are_not_shown():
    found = laid_out(
        job("evaluate", SESSION, state="dead", failure=FAILURE),
        job("evaluate", SESSION, generation=2),
        job("verify", FIRST),
        generation=2,
    )
    assert found.troubles == ()
    assert [chip.total for chip in found.chips] == [1, 1]


def test_what_failed_and_what_is_tried_again_has_a_card():
    dead, again = laid_out(
        job("verify", SECOND, state="dead", failure=FAILURE),
        job("transcribe", FIRST, state="waiting", failure=FAILURE),
        job("prepare", FIRST, state="running", failure=FAILURE),
    ).troubles
    assert (dead.label, dead.order, dead.is_dead) == ("Verify", 2, True)
    assert (again.label, again.order, again.is_dead) == ("Transcribe", 1, False)
    assert again.failure is FAILURE


def test_what_is_left_is_rough_and_empty_while_unknown():
    found = laid_out()
    assert (found.remaining, found.remaining_error, found.percent) == ("38 s", "", 41.3)
    assert laid_out(estimated_completion_s=None).remaining == ""


@pytest.mark.parametrize(("state", "is_open"), [("open", True), ("completed", False)])
def test_only_an_open_run_is_open(state, is_open):
    assert laid_out(state=state).is_open is is_open


def test_a_new_stage_needs_no_words_of_its_own():
    assert label("measure_video") == "Measure video"
    assert label("") == ""
