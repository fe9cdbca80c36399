"""Percent and time left as arithmetic over a run's pieces."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.pipeline import Stage
from ops.shares import NOT_MEASURED, Piece, Rate, Shares

SESSION = uuid.uuid4()
A, B = uuid.uuid4(), uuid.uuid4()


def stage(name, scope="recording", after=(), weight=10.0, queue="short"):
    return Stage(
        name=name,
        scope=scope,
        after=after,
        weight=weight,
        timeout=timedelta(minutes=1),
        queue=queue,
        consent=None,
        work=lambda *_: None,
        on_dead=None,
    )


LINE = (
    stage("prepare", weight=20),
    stage("transcribe", after=("prepare",), weight=60, queue="long"),
    stage("evaluate", "session", after=("transcribe",), weight=20),
)


def piece(name, subject, state="done", *, outcome="completed", progress=0.0, media_s=None):
    return Piece(name, subject, state, outcome if state == "done" else "", progress, media_s)


def percent(*pieces, expected=1):
    return Shares(pieces, LINE, expected).percent()


def test_nothing_done_is_zero():
    assert percent() == 0


def test_a_recordings_stages_count_by_weight():
    assert percent(piece("prepare", A)) == pytest.approx(20)
    assert percent(piece("prepare", A), expected=2) == pytest.approx(10)


def test_a_running_stage_counts_by_its_progress():
    half = piece("transcribe", A, "running", progress=0.5)
    assert percent(piece("prepare", A), half) == pytest.approx(50)


def test_what_can_never_start_is_not_waited_for():
    assert percent(piece("prepare", A, "dead")) == pytest.approx(80)


def test_reused_and_skipped_weights_go_to_the_others():
    reused = [piece(name, A, outcome="reused") for name in ("prepare", "transcribe")]
    assert percent(*reused) == 0
    assert percent(*reused, piece("evaluate", SESSION, "running", progress=0.25)) == 25


@given(
    st.lists(
        st.builds(
            Piece,
            st.sampled_from(["prepare", "transcribe", "evaluate"]),
            st.sampled_from([A, B]),
            st.sampled_from(["waiting", "running", "done", "dead", "cancelled"]),
            st.sampled_from(["", "completed", "skipped", "reused"]),
            st.floats(0, 1),
            st.none() | st.floats(0, 100),
        )
    ),
    st.integers(0, 5),
)
def test_percent_stays_between_0_and_100_whatever_happened(pieces, expected):
    assert 0 <= percent(*pieces, expected=expected) <= 100 + 1e-9


def forecast(rates, *pieces, expected=1, workers=None):
    return Shares(pieces, LINE, expected).forecast(rates, workers or {})


RATES = {
    "prepare": Rate(1.0, 0.1, 0.1),
    "transcribe": Rate(10.0, 0.5, 0.2),
    "evaluate": Rate(3.0, None, 0.0),
}


def test_the_time_left_is_rate_times_media():
    left = forecast(RATES, piece("prepare", A, media_s=100.0))
    assert left.estimated_completion_s == 50 + 3
    assert left.estimated_error_s == 10


def test_half_done_is_half_the_time():
    pieces = piece("prepare", A, media_s=100.0), piece("transcribe", A, "running", progress=0.5)
    assert forecast(RATES, *pieces).estimated_completion_s == 25 + 3


def test_recordings_still_to_come_count_as_the_others():
    left = forecast(RATES, piece("prepare", A, media_s=100.0), expected=2)
    assert left.estimated_completion_s == 50 + (10 + 50) + 3


def test_one_unmeasured_stage_leaves_the_whole_unknown():
    assert forecast({"prepare": RATES["prepare"]}) == NOT_MEASURED


def test_one_unknown_spread_leaves_the_error_unknown():
    left = forecast({**RATES, "evaluate": Rate(3.0, None, None)}, piece("prepare", A, media_s=1.0))
    assert left.estimated_error_s is None
    assert left.estimated_completion_s is not None
