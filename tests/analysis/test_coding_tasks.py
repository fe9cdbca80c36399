"""Coding tasks: what of a structure is refused, each by one change of a good one."""

import copy

import pytest

from analysis import coding_tasks
from tests.analysis.question_replies import CODING


def changed(**more):
    return copy.deepcopy(CODING) | more


def with_test(**more):
    raw = changed()
    raw["hidden_tests"][0] |= more
    return raw


def test_a_good_task_is_read_and_can_be_written_again():
    task = coding_tasks.read(CODING)
    assert task.function == "total"
    assert coding_tasks.read(coding_tasks.as_data(task)) == task


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (changed(language="cobol"), "none of python"),
        (changed(function="total numbers"), "no name"),
        (changed(function="sum_of"), "does not define the function"),
        (changed(starter_code="def total(numbers:\n"), "no Python"),
        (changed(reference_solution="total = sum"), "does not define the function"),
        (changed(reference_solution="  "), "is empty"),
        (changed(examples=CODING["examples"][:1]), "examples are needed"),
        (changed(hidden_tests=CODING["hidden_tests"][:3]), "hidden tests are needed"),
        (changed(hidden_tests=CODING["hidden_tests"] * 6), "hidden tests are needed"),
        (changed(hidden_tests="all"), "no list of objects"),
        (with_test(name="many"), "two hidden tests have one name"),
        (with_test(input="[[1, 2]]", output="4"), "one input has two outputs"),
        (with_test(input="[[1, 2]]", output="3"), "differ from the examples"),
        (with_test(input="[[1], 2]"), "differ in their number of arguments"),
        (with_test(input="3"), "no JSON array"),
        (with_test(input="[[NaN]]"), "is no JSON"),
        (with_test(output="three"), "is no JSON"),
        (with_test(output=3), "no text of at most"),
        (with_test(name="x" * 81), "no text of at most"),
        (changed(language="javascript", starter_code="function sum(n) {}"), "does not define"),
    ],
)
def test_a_task_is_refused_for_one_fault(raw, why):
    with pytest.raises(ValueError, match=why):
        coding_tasks.read(raw)


def test_javascript_is_read_by_its_name_alone():
    code = "function total(numbers) { return 0; }"
    raw = changed(language="javascript", starter_code=code, reference_solution=code)
    assert coding_tasks.read(raw).language == "javascript"


def test_a_deep_value_is_refused_and_does_not_stop_the_process():
    with pytest.raises(ValueError, match="is no JSON"):
        coding_tasks.read(with_test(input="[" * 1900))
