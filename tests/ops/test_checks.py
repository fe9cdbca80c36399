"""System checks find what would not work: stages that can't, servers that do not answer."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import run_checks

from ops import checks, hints, pipeline
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


# --- servers ------------------------------------------------------------------------------


def command(tmp_path, *arguments, **environment):
    """Run a command of a fresh installation with these settings."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


NOBODY = "127.0.0.1:9"  # discard: nothing listens there


@pytest.mark.slow
def test_a_database_that_does_not_answer_is_said_plainly_at_the_start(tmp_path):
    url = f"postgres://candor:s3cret-word@{NOBODY}/candor"
    ended = command(tmp_path, "prepare", DATABASE_URL=url)
    assert ended.returncode == 1
    assert "The database can't be used: connection failed" in ended.stderr
    assert "Look at DATABASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "s3cret-word" not in ended.stderr


def test_a_redis_that_does_not_answer_is_a_warning(settings, monkeypatch):
    settings.REDIS_URL = f"redis://{NOBODY}/0"
    hints.client.cache_clear()
    monkeypatch.setattr(hints, "_quiet_until", 0.0)
    [told] = checks.redis_faults()
    hints.client.cache_clear()
    assert told.id == "ops.W001"
    assert not told.is_serious()


@pytest.mark.django_db
def test_servers_that_answer_are_no_matter(settings):
    settings.REDIS_URL = ""
    assert checks.check_servers(None) == []
