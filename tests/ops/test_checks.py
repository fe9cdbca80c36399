"""The system check of the stage register finds what would not work."""

from django.core.checks import run_checks

from ops import pipeline
from ops.checks import check_stages
from tests.ops.lab import Lab


def ids():
    return {message.id for message in check_stages(None)}


def test_the_products_own_stages_are_well(db):
    assert check_stages(None) == []


def test_the_check_is_part_of_every_command():
    assert check_stages.__module__ == "ops.checks"
    assert not [m for m in run_checks() if m.id and m.id.startswith("ops.E")]


def test_a_stage_must_bear_its_files_name(lab):
    lab.stage("prepare")  # lives in lab.py
    assert ids() == {"ops.E001"}


def at_home(lab: Lab, name, **facts):
    """A stage that claims to live in its own file."""
    lab.stage(name, **facts)
    pipeline.get(name).work.__module__ = f"x.stages.{name}"


def test_a_stage_may_wait_only_for_what_exists(lab):
    at_home(lab, "b", after="a")
    assert ids() == {"ops.E002"}


def test_a_weight_must_be_positive(lab):
    at_home(lab, "a", weight=0)
    assert ids() == {"ops.E003"}


def test_stages_must_not_wait_for_each_other(lab):
    at_home(lab, "a", after="b")
    at_home(lab, "b", after="a")
    assert ids() == {"ops.E004"}


def test_a_recording_cannot_wait_for_its_session(lab):
    at_home(lab, "a", scope="session")
    at_home(lab, "b", after="a")
    assert ids() == {"ops.E005"}


def test_a_good_line_passes(lab):
    at_home(lab, "a")
    at_home(lab, "b", after="a")
    at_home(lab, "c", after="b", scope="session")
    assert ids() == set()
