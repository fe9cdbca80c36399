from tests.house.tree import ROOT, functions, name, python_files

MAX_FILE, MAX_FUNCTION, MAX_VIEW = 350, 50, 25
# Tables of data may be longer: nobody reads them from top to bottom.
TABLES = {"ops/failures/table.py", "analysis/demo/content.py"}
VIEWS = {
    "views",
    "account_views",
    "candidate_views",
    "editor_views",
    "competency_views",
    "api",
    "consumers",
    "streams",
}


def too_long_functions(files, limit):
    return [
        f"{found.file}:{found.name} has {found.lines} lines"
        for file in files
        for found in functions(file)
        if found.lines > limit
    ]


def is_view(file):
    return any(part.removesuffix(".py") in VIEWS for part in file.relative_to(ROOT).parts[1:])


def test_no_file_is_longer_than_a_person_can_hold():
    long = {
        name(file): lines
        for file in python_files()
        if (lines := len(file.read_text().splitlines())) > MAX_FILE and name(file) not in TABLES
    }
    assert not long


def test_no_function_is_longer_than_a_screen():
    assert not too_long_functions(python_files(), MAX_FUNCTION)


def test_no_view_does_the_work_of_a_service():
    assert not too_long_functions(filter(is_view, python_files()), MAX_VIEW)


def test_the_measure_sees_a_long_function(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.house.tree.ROOT", tmp_path)
    file = tmp_path / "long.py"
    file.write_text("def act():\n" + "    x = 1\n" * MAX_FUNCTION)
    assert too_long_functions([file], MAX_FUNCTION) == ["long.py:act has 51 lines"]
    assert not too_long_functions([file], MAX_FUNCTION + 1)
