"""A spreadsheet of people, and everything that can be wrong with one."""

import csv
import io

import pytest

from interviews.csv_rows import MAX_BYTES, SheetRefusedError, read_rows, write_rows
from interviews.services.bulk_invitations import is_address

HEAD = "name,email,external_id\n"


def read(text):
    data = text if isinstance(text, bytes) else text.encode()
    return read_rows(data, is_address=is_address)


def refusal(text):
    with pytest.raises(SheetRefusedError) as refused:
        read(text)
    return str(refused.value)


def problem(cells):
    (row,) = read(f"{HEAD}{cells}\n")
    return row.problem


def test_a_row_is_read_with_its_line():
    (row,) = read(HEAD + "Carol Candidate,carol@example.org,K-7\n")
    assert (row.line, row.name, row.email, row.external_id, row.problem) == (
        2,
        "Carol Candidate",
        "carol@example.org",
        "K-7",
        "",
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_spreadsheets_of_all_countries_are_read(delimiter, mark, newline):
    lines = [delimiter.join(cells) for cells in (("email", "Name "), ("c@example.org", "Carol"))]
    (row,) = read(mark + newline.join(lines).encode())
    assert (row.name, row.email, row.problem) == ("Carol", "c@example.org", "")


@pytest.mark.parametrize(
    "name", ["Zoë 🦊 Fox", "محمد علي", "<b>Bold</b>", 'O\'Neil, ""Tip""', "李小龙"]
)
def test_names_of_every_kind_are_names(name):
    assert problem(f'"{name}",x@example.org,') == ""


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("name,mail", "email is not there"),
        ("email", "name is not there"),
        ("first,second", "name and email is not there"),
        ("name,email,phone", "take out: phone"),
        ("name,email,email", "same name"),
        ("name,email,", "take out"),
    ],
)
def test_wrong_columns_are_named(head, told):
    assert told in refusal(f"{head}\nCarol,carol@example.org\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        (HEAD, "no row"),
        (HEAD + ",,\n", "no row"),
        ("näme".encode("latin-1"), "not UTF-8"),
        ("name,email\nCarol,c@example.org".encode("utf-16"), "not UTF-8"),
        (b"PK\x03\x04\x00\x00", "not text"),
        (HEAD + '"Carol,c@example.org,\n', "quotation mark"),
        (b"x" * (MAX_BYTES + 1), "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused_with_the_reason(text, told):
    assert told in refusal(text)


def many(count):
    return HEAD + "".join(f"Person {n},p{n}@example.org,\n" for n in range(count))


def test_a_thousand_rows_go_at_once_and_one_more_does_not():
    assert len(read(many(1_000))) == 1_000
    assert "1,001 rows" in refusal(many(1_001))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (",c@example.org,", "name is missing"),
        ("Carol,,", "address is missing"),
        ("Carol,nobody,", "not an e-mail address"),
        ("Carol,a@b@c.org,", "not an e-mail address"),
        ("Carol,c@example.org <script>,", "not an e-mail address"),
        (f"{'x' * 500},c@example.org,", "longer than 200"),
        (f"Carol,c@example.org,{'x' * 101}", "longer than 100"),
        (f"Carol,{'x' * 250}@example.org,", "longer than 254"),
        ("=HYPERLINK(1),c@example.org,", "like a formula"),
        ("+Carol,c@example.org,", "like a formula"),
        ("@SUM(A1),c@example.org,", "like a formula"),
        ("Carol,c@example.org,-2+3", "like a formula"),
        ('"Ca\nrol",c@example.org,', "can't be shown"),
        ("Carol,c@example.org,1,2", "more cells"),
    ],
)
def test_a_wrong_row_says_what_is_wrong_with_it(cells, told):
    assert told in problem(cells)


def test_an_address_that_comes_twice_names_the_first_line():
    rows = read(HEAD + "Carol,c@example.org,\nDora,d@example.org,\nCarola,C@Example.org,\n")
    assert [row.problem for row in rows] == ["", "", "The same address as in line 2."]


def test_an_address_whose_first_row_is_wrong_may_come_again():
    rows = read(HEAD + ",c@example.org,\nCarol,c@example.org,\n")
    assert [bool(row.problem) for row in rows] == [True, False]


def test_blank_lines_are_passed_over():
    rows = read(HEAD + "\nCarol,c@example.org,\n,,\n")
    assert [row.line for row in rows] == [3]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_what_is_written_is_no_formula(cell):
    (_, (written,)) = csv.reader(io.StringIO(write_rows(["a"], [[cell]]), newline=""))
    assert written == f"'{cell}"
