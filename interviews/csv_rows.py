"""People to invite, from a spreadsheet's CSV, and back into one. Pure."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

COLUMNS = ("name", "email", "external_id")
REQUIRED = ("name", "email")
MAX_ROWS = 1_000
MAX_BYTES = 1024 * 1024
LIMITS = {"name": 200, "email": 254, "external_id": 100}
DELIMITERS = ",;\t"
# What spreadsheets take for a formula (OWASP, CSV injection, 2024).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class SheetRefusedError(Exception):
    """The file as a whole can't be read; the text says why and what to do, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row; `problem` is empty when the person can be invited."""

    line: int  # in the file, from 1; the columns' names are line 1
    name: str
    email: str
    external_id: str
    problem: str = ""


def read_rows(data: bytes, *, is_address: Callable[[str], bool]) -> list[SheetRow]:
    """Return the file's rows, each with what is wrong with it.

    Raises: SheetRefusedError
    """
    lines = _lines(_text(data))
    columns = _columns(lines[0][1])
    people = [line for line in lines[1:] if any(cell.strip() for cell in line[1])]
    if not people:
        raise SheetRefusedError("The file has no row below its columns' names.")
    if len(people) > MAX_ROWS:
        raise SheetRefusedError(
            f"The file has {len(people):,} rows; {MAX_ROWS:,} go at once. Nobody was invited: "
            "split the file and send its parts."
        )
    first_line: dict[str, int] = {}
    return [_row(line, cells, columns, first_line, is_address) for line, cells in people]


def write_rows(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return CSV in which no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_harmless(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise SheetRefusedError("The file is larger than 1 MB. Nobody was invited.")
    try:
        text = data.decode("utf-8-sig")  # spreadsheets put a byte-order mark in front
    except UnicodeDecodeError:
        raise SheetRefusedError(
            "The file is not UTF-8 text. Save it as “CSV UTF-8” and send it again."
        ) from None
    if "\0" in text:
        raise SheetRefusedError("The file is not text. Save it as “CSV UTF-8” and send it again.")
    if not text.strip():
        raise SheetRefusedError("The file is empty.")
    return text


def _lines(text: str) -> list[tuple[int, list[str]]]:
    head = text.lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        raise SheetRefusedError(
            f"Line {reader.line_num} can't be read: is a quotation mark open there?"
        ) from None


def _columns(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    wanted = "name, email and, if you like, external_id"
    if missing := [name for name in REQUIRED if name not in names]:
        raise SheetRefusedError(
            f"The first line must name the columns {wanted}: {' and '.join(missing)} is not there."
        )
    if unknown := [name for name in names if name not in COLUMNS]:
        raise SheetRefusedError(
            f"Columns are {wanted}. Please take out: {', '.join(unknown)[:100] or '(no name)'}."
        )
    if len(set(names)) != len(names):
        raise SheetRefusedError("Two columns have the same name.")
    return names


def _row(
    line: int,
    cells: list[str],
    columns: list[str],
    first_line: dict[str, int],
    is_address: Callable[[str], bool],
) -> SheetRow:
    values = dict.fromkeys(COLUMNS, "") | {
        name: cell.strip() for name, cell in zip(columns, cells, strict=False)
    }
    problem = next(_faults(values, is_address), "")
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        problem = "The row has more cells than there are columns."
    address = values["email"].casefold()
    if not problem and address in first_line:
        problem = f"The same address as in line {first_line[address]}."
    if not problem:
        first_line[address] = line
    return SheetRow(line=line, problem=problem, **values)


def _faults(values: dict[str, str], is_address: Callable[[str], bool]) -> Iterator[str]:
    if not values["name"]:
        yield "The name is missing."
    if not values["email"]:
        yield "The e-mail address is missing."
    for name, limit in LIMITS.items():
        label = name.replace("_", " ")
        if len(values[name]) > limit:
            yield f"The {label} is longer than {limit} characters."
        if any(unicodedata.category(char) == "Cc" for char in values[name]):
            yield f"The {label} contains characters that can't be shown, such as a line break."
        if name != "email" and values[name].startswith(FORMULA_STARTS):
            yield f"The {label} begins like a formula, with {values[name][0]!r}."
    if not is_address(values["email"]):
        yield "This is not an e-mail address."
