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


def offered_by(*templates):
    words = "\n".join((TEMPLATES / template).read_text() for template in templates)
    return set(re.findall(r'data-key="([\w-]+)"', words))


@pytest.mark.parametrize(
    ("scripts", "templates"),
    [
        (["question.js", "countdown.js"], ["_texts_devices.html", "_texts_recorder.html"]),
        (["check.js"], ["check.html", "_texts_devices.html"]),
        (["done.js"], ["done.html"]),
    ],
)
def test_every_text_that_a_script_shows_is_in_its_page(scripts, templates):
    assert shown_by(*scripts) <= offered_by(*templates)


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


def test_every_part_that_the_recorder_looks_for_is_on_its_page():
    parts = set(re.findall(r'\bpart\("([\w-]+)"\)', (SCRIPTS / "question.js").read_text()))
    page = (TEMPLATES / "_recorder.html").read_text()
    assert [part for part in parts if f"data-{part}" not in page] == []
