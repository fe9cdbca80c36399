"""docs/benchmarks.md names every benchmark there is, and `make bench` runs it."""

import re

from benchmarks.__main__ import ALL
from tests.house.tree import ROOT, doc


def scripts():
    """What can be run on its own in benchmarks/."""
    files = sorted((ROOT / "benchmarks").glob("[a-z]*.py"))
    return [file.stem for file in files if '__name__ == "__main__"' in file.read_text()]


def test_every_benchmark_has_a_line_in_the_table_of_figures():
    named = re.findall(r"^\| `(\w+)`", doc("benchmarks.md"), re.MULTILINE)
    assert sorted(named) == scripts()


def test_every_benchmark_is_run_by_make_bench():
    assert sorted(ALL) == scripts()
