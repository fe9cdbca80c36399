"""A coding question's task: its examples and hidden tests, checked for their structure. Pure.

What is checked is what can be read: that there are enough tests, that inputs and outputs are JSON
that fits the function, that examples and tests say nothing contradictory, that Python parses. The
reference solution is not run here: that needs a sandbox.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

LANGUAGES = ("python", "javascript", "typescript")
LEAST_EXAMPLES, MOST_EXAMPLES = 2, 5
LEAST_TESTS, MOST_TESTS = 4, 20
MOST_CODE_CHARS = 4000
MOST_VALUE_CHARS = 2000
MOST_NAME_CHARS = 80
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,49}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A call that candidates see: `input` is a JSON array of arguments, `output` a JSON value."""

    input: str
    output: str
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenTest:
    """A call that only the runner sees."""

    name: str
    input: str
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingTask:
    """A function to be written, with what it must return."""

    language: str
    function: str
    starter_code: str
    examples: tuple[Example, ...]
    hidden_tests: tuple[HiddenTest, ...]
    reference_solution: str


def read(raw: Mapping[str, Any]) -> CodingTask:
    """Return the task that `raw` describes. Raises ValueError for whatever is wrong with it."""
    task = CodingTask(
        language=_text(raw, "language", 20),
        function=_text(raw, "function", 50),
        starter_code=_text(raw, "starter_code", MOST_CODE_CHARS),
        examples=tuple(_example(each) for each in _rows(raw, "examples")),
        hidden_tests=tuple(_hidden(each) for each in _rows(raw, "hidden_tests")),
        reference_solution=_text(raw, "reference_solution", MOST_CODE_CHARS),
    )
    _check_counts(task)
    _check_calls(task)
    for code in (task.starter_code, task.reference_solution):
        _check_code(code, task)
    return task


def as_data(task: CodingTask) -> dict[str, Any]:
    """Return the task as JSON data that `read` reads."""
    return asdict(task)


def schema() -> dict[str, Any]:
    """Return the JSON schema of a task, as strict servers want it."""
    text = {"type": "string"}
    return strict(
        {
            "language": {"type": "string", "enum": list(LANGUAGES)},
            "function": text,
            "starter_code": text,
            "examples": _list_of({"input": text, "output": text, "explanation": text}),
            "hidden_tests": _list_of({"name": text, "input": text, "output": text}),
            "reference_solution": text,
        }
    )


def strict(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has these members and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": strict(properties)}


def _check_counts(task: CodingTask) -> None:
    if task.language not in LANGUAGES:
        raise ValueError(f"language is none of {', '.join(LANGUAGES)}")
    if not NAME.fullmatch(task.function):
        raise ValueError("function is no name")
    if not LEAST_EXAMPLES <= len(task.examples) <= MOST_EXAMPLES:
        raise ValueError(f"{LEAST_EXAMPLES} to {MOST_EXAMPLES} examples are needed")
    if not LEAST_TESTS <= len(task.hidden_tests) <= MOST_TESTS:
        raise ValueError(f"{LEAST_TESTS} to {MOST_TESTS} hidden tests are needed")
    names = [test.name for test in task.hidden_tests]
    if len(set(names)) != len(names):
        raise ValueError("two hidden tests have one name")


def _check_calls(task: CodingTask) -> None:
    """The same input has one output, all calls have as many arguments, and a test is no example."""
    outputs: dict[str, str] = {}
    counts = set()
    calls: list[Example | HiddenTest] = [*task.examples, *task.hidden_tests]
    for call in calls:
        arguments = _json(call.input)
        if not isinstance(arguments, list):
            raise ValueError("an input is no JSON array of arguments")  # noqa: TRY004 - of a reply
        counts.add(len(arguments))
        asked, returned = _canonical(arguments), _canonical(_json(call.output))
        if outputs.setdefault(asked, returned) != returned:
            raise ValueError("one input has two outputs")
    if len(counts) != 1:
        raise ValueError("calls differ in their number of arguments")
    shown = {_canonical(_json(each.input)) for each in task.examples}
    hidden = [_canonical(_json(each.input)) for each in task.hidden_tests]
    if len(set(hidden) - shown) < LEAST_TESTS:
        raise ValueError(f"fewer than {LEAST_TESTS} hidden tests differ from the examples")


def _check_code(code: str, task: CodingTask) -> None:
    if task.language != "python":
        if not re.search(rf"\b{re.escape(task.function)}\b", code):
            raise ValueError("the code does not define the function")
        return
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"the code is no Python: {type(error).__name__}") from error
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    if task.function not in functions:
        raise ValueError("the code does not define the function")


def _example(raw: Mapping[str, Any]) -> Example:
    return Example(
        input=_text(raw, "input", MOST_VALUE_CHARS),
        output=_text(raw, "output", MOST_VALUE_CHARS),
        explanation=_text(raw, "explanation", MOST_VALUE_CHARS, may_be_empty=True),
    )


def _hidden(raw: Mapping[str, Any]) -> HiddenTest:
    return HiddenTest(
        name=_text(raw, "name", MOST_NAME_CHARS),
        input=_text(raw, "input", MOST_VALUE_CHARS),
        output=_text(raw, "output", MOST_VALUE_CHARS),
    )


def _rows(raw: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    rows = raw.get(name)
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"{name} is no list of objects")
    return rows


def _text(raw: Mapping[str, Any], name: str, most: int, *, may_be_empty: bool = False) -> str:
    value = raw.get(name, "" if may_be_empty else None)
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"{name} is no text of at most {most} characters")
    if not (value.strip() or may_be_empty):
        raise ValueError(f"{name} is empty")
    return value


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError("an input or output is no JSON") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
