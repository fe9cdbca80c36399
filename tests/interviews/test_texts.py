"""The words that scripts show come from the templates: none is missing there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "static/js/candidate"
TEMPLATES = ROOT / "templates/interviews"
DEVICE_KEYS = set(re.findall(r'"(device-\w+)"', (SCRIPTS / "devices.js").read_text()))


def shown_by(*scripts):
    """Every key that the scripts ask for by name."""
    code = "\n".join((SCRIPTS / script).read_text() for script in scripts)
    return set(re.findall(r'\btext\(\s*"([\w-]+)"', code))


def page(template):
    """A template with the pieces that it includes."""
    words = (TEMPLATES / template).read_text()
    pieces = re.findall(r'include "interviews/(_\w+\.html)"', words)
    return "\n".join([words, *map(page, pieces)])


def offered_by(template):
    return set(re.findall(r'data-key="([\w-]+)"', page(template)))


@pytest.mark.parametrize(
    ("scripts", "template"),
    [
        (["question.js", "stage.js", "countdown.js"], "question.html"),
        (["practice.js", "stage.js", "countdown.js"], "practice.html"),
        (["check.js"], "check.html"),
        (["done.js", "left_here.js"], "done.html"),
        (["left_here.js"], "revoked.html"),
    ],
)
def test_every_text_that_a_script_shows_is_in_its_page(scripts, template):
    assert shown_by(*scripts) <= offered_by(template)


def test_each_failure_of_a_device_is_explained_with_what_to_do():
    assert len(DEVICE_KEYS) >= 6
    keys = DEVICE_KEYS | {"device-unsupported"}
    assert keys | {f"{key}-fix" for key in keys} <= offered_by("_texts_devices.html")


def test_each_stage_of_the_pipeline_has_words_on_the_last_page():
    stages = {
        path.stem
        for app in ("recordings", "analysis")
        for path in (ROOT / app / "stages").glob("[a-z]*.py")
    }
    assert {f"stage-{stage}" for stage in stages} <= offered_by("done.html")


@pytest.mark.parametrize(
    ("scripts", "template"),
    [
        (["stage.js", "question.js"], "_recorder.html"),
        (["check.js"], "check.html"),
    ],
)
def test_every_part_that_a_script_looks_for_is_on_its_page(scripts, template):
    code = "\n".join((SCRIPTS / script).read_text() for script in scripts)
    parts = set(re.findall(r'\bpart\("([\w-]+)"\)', code))
    assert parts
    assert [part for part in parts if f"data-{part}" not in page(template)] == []


@pytest.mark.parametrize("template", ["_recorder.html", "practice.html"])
def test_every_button_of_the_stage_does_something_that_the_stage_can_do(template):
    stage = (SCRIPTS / "stage.js").read_text()
    for action in set(re.findall(r'data-do="(\w+)"', page(template))):
        assert re.search(rf"^  (async )?{action}\(", stage, re.MULTILINE), action
