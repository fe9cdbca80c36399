"""What the code never says, and what the documentation must."""

import ast
import re

import pytest
from django.apps import apps
from django.contrib import admin

from ops import failures, pipeline
from tests.house.tree import ROOT, doc, functions, name, python_files

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|[Ll]orem ipsum")
INFERRED = re.compile(  # EU AI Act, Art. 5(1)(f), and what the product has sworn off besides
    r"emotion|personalit|honest|sentiment|mood|charisma|likab|trustworth|lie_|deception",
    re.IGNORECASE,
)
VAGUE = {"utils", "helpers", "common", "manager", "misc"}
FACING = {
    "views",
    "account_views",
    "candidate_views",
    "editor_views",
    "competency_views",
    "api",
    "consumers",
    "streams",
    "serializers",
}
COMMITTERS = {"ops/jobs.py", "ops/progress.py"}


def templates():
    return sorted((ROOT / "templates").rglob("*.html"))


def test_nothing_is_left_for_later():
    files = [*python_files(), *templates(), *(ROOT / "static").rglob("*.js")]
    assert not [name(file) for file in files if UNFINISHED.search(file.read_text())]


def test_no_model_or_field_pretends_to_read_minds():
    names = [
        f"{model.__name__}.{field.name}"
        for floor in ("ops", "interviews", "recordings", "analysis")
        for model in apps.get_app_config(floor).get_models()
        for field in model._meta.get_fields()
    ]
    assert len(names) > 100
    assert not [found for found in names if INFERRED.search(found)]


def test_no_room_has_a_vague_name():
    assert not [name(f) for f in python_files() if VAGUE & {p.removesuffix(".py") for p in f.parts}]


def test_the_carrier_shows_nothing_in_the_admin():
    assert not [m for m in admin.site._registry if m._meta.app_label == "django_q"]


@pytest.mark.parametrize("template", templates(), ids=name)
def test_a_template_has_no_inline_script_or_style(template):
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style\b|\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)


def test_pages_and_routes_ask_selectors_and_services_for_rows():
    assert not [
        f"{name(file)}:{node.lineno}"
        for file in python_files()
        if FACING & {part.removesuffix(".py") for part in file.parts}
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager")
    ]


def test_hand_over_after_commit_stands_in_two_rooms():
    found = {name(f) for f in python_files() if "on_commit(" in f.read_text()}
    assert found <= COMMITTERS


def test_no_error_is_swallowed_whole():
    broad = {"Exception", "BaseException"}
    assert not [
        f"{name(file)}:{node.lineno}"
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in broad)
        and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
    ]


def test_no_signal_receiver_is_our_own():
    assert not [
        f"{found.file}:{found.name}"
        for file in python_files()
        for found in functions(file)
        for decorator in found.tree.decorator_list
        if "receiver" in ast.dump(decorator)
    ]


def test_the_operations_page_names_every_stage():
    page = doc("operations.md")
    stages = [stage.name for stage in pipeline.in_order()]
    assert len(stages) >= 6
    assert not [stage for stage in stages if f"| `{stage}` |" not in page]


def test_the_operations_page_names_every_failure_code_with_its_policy():
    table = doc("operations.md").split("## Failure codes", 1)[1].split("\n## ", 1)[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.MULTILINE))
    assert told == {failure.code: failure.policy for failure in failures.FAILURES.values()}


@pytest.mark.parametrize("file", ["", "-local", "-s3", "-dev"])
def test_the_stack_page_says_why_each_package_is_here(file):
    requirements = (ROOT / f"requirements{file}.txt").read_text()
    packages = re.findall(r"^([A-Za-z][\w-]*)", requirements, re.MULTILINE)
    page = doc("stack.md").lower()
    assert packages
    assert not [package for package in packages if package.lower() not in page]


def test_pages_of_the_documentation_that_are_linked_are_there():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    broken = [
        f"{name(page)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_the_security_page_names_tests_that_exist():
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", doc("security.md"))
    assert len(named) > 30
    assert not [
        f"{file}::{test}" for file, test in named if f"def {test}(" not in (ROOT / file).read_text()
    ]


def test_the_security_page_answers_every_chapter_of_the_standard_by_a_test_or_a_plain_word():
    table = doc("security.md").split("## OWASP ASVS 5.0", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (V\d+.*?) \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    chapters = {
        int(chapter) for section, _, _ in rows for chapter in re.findall(r"V(\d+)", section)
    }
    assert chapters == set(range(1, 18))
    plain = ("not yet: ", "does not apply: ")
    assert not [row for row in rows if not ("::test_" in row[2] or row[2].startswith(plain))]
    assert not [row for row in rows if "::test_" in row[2] and not row[1]]
