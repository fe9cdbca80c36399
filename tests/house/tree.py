"""The files of the house, as the tests of its rules read them."""

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("config", "analysis", "recordings", "interviews", "ops")


def python_files(*folders):
    """Every Python file of our own below `folders`, migrations left out."""
    for folder in folders or FLOORS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file


def name(file):
    return str(file.relative_to(ROOT))


def doc(page):
    return (ROOT / "docs" / page).read_text()


@dataclass(frozen=True)
class Function:
    file: str
    name: str
    lines: int
    tree: ast.AST


def functions(file):
    """Every function and method of a file with its length, signature and docstring included."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(name(file), node.name, node.end_lineno - node.lineno + 1, node)
