"""Every setting is read once, in one file, and known to the people who set it."""

import ast
import re

from tests.house.tree import ROOT, doc, name, python_files

READ = re.compile(r'env\.\w+\(\s*"([A-Z0-9_]+)"')
EXAMPLE = re.compile(r"^#?([A-Z0-9_]+)=", re.MULTILINE)
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \|", re.MULTILINE)
# Whoever reads the environment beside settings.py, and why.
READERS = {
    "ops/clusters.py": "hands the environment on to the processes it starts",
    "analysis/engines/local_whisper.py": "forbids the engine's libraries to call home",
    "analysis/engines/local_embedder.py": "limits the threads of a library while it loads",
    "config/asgi.py": "names the settings module",
    "analysis/demo/server.py": "hands a fresh environment to the server it starts",
}


def settings_read():
    return set(READ.findall((ROOT / "config/settings.py").read_text()))


def test_the_example_file_names_every_setting_and_no_other():
    assert set(EXAMPLE.findall((ROOT / ".env.example").read_text())) == settings_read()


def test_the_operations_page_explains_every_setting_and_no_other():
    table = doc("operations.md").split("## Settings", 1)[1].split("\n## ", 1)[0]
    assert set(ROW.findall(table)) == settings_read()


def test_a_setting_is_read_once():
    read = READ.findall((ROOT / "config/settings.py").read_text())
    assert len(read) == len(set(read))


def test_the_environment_is_read_in_the_settings_only():
    readers = {
        name(file)
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert readers <= set(READERS), readers - set(READERS)
