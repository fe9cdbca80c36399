"""The import contracts hold, and each one has been seen to catch a fault."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import FLOORS, ROOT

CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
]
FAULTS = {
    "Floors of the house": ("ops/tokens.py", "import interviews.models"),
    "No circles inside an app": ("ops/tokens.py", "import ops.authentication"),
    "django-q2 has one door": ("recordings/models.py", "import django_q.tasks"),
    "Pure rooms know no Django": ("ops/retry.py", "import django.conf"),
    "Rooms of an app, top to bottom": ("interviews/permissions.py", "import interviews.urls"),
    "Engines are plain: no Django models, no stages": (
        "analysis/engines/base.py",
        "import analysis.models",
    ),
    "What an app registers with ops stands above its services": (
        "interviews/permissions.py",
        "import interviews.subjects",
    ),
}
DOORS = {
    "openai": "analysis/engines/openai_client.py",
    "storages": "recordings/s3_client.py",
    "boto3": "recordings/s3_client.py",
    "botocore": "recordings/s3_client.py",
    "av": "recordings/media_child/demux.py",
    "subprocess": "recordings/media.py",
    "redis": "ops/hints.py",
    "django_q": "ops/carrier.py",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the house in which faults may be planted."""
    copy = tmp_path_factory.mktemp("house")
    for floor in FLOORS:
        shutil.copytree(
            ROOT / floor, copy / floor, ignore=shutil.ignore_patterns("__pycache__", "audio")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def lint(folder):
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def verdicts(output):
    """Return contract -> KEPT or BROKEN."""
    return {
        contract: line.removeprefix(contract).split()[0]
        for line in output.splitlines()
        for contract in CONTRACTS
        if line.startswith((f"{contract} KEPT", f"{contract} BROKEN"))
    }


def test_every_contract_is_kept(house):
    result = lint(house)
    assert result.returncode == 0, result.stdout
    assert verdicts(result.stdout) == dict.fromkeys(CONTRACTS, "KEPT")


def test_every_contract_has_a_fault_to_catch():
    assert set(FAULTS) == set(CONTRACTS)


@pytest.mark.parametrize("contract", FAULTS)
def test_a_contract_catches_a_planted_fault(house, contract):
    file, fault = FAULTS[contract]
    room = house / file
    sound = room.read_text()
    try:
        room.write_text(f"{sound}\n{fault}\n")
        result = lint(house)
    finally:
        room.write_text(sound)
    assert result.returncode == 1
    assert verdicts(result.stdout)[contract] == "BROKEN", result.stdout


@pytest.mark.parametrize("package", DOORS)
def test_a_package_behind_a_door_is_refused_elsewhere(package):
    ruff = Path(sys.executable).with_name("ruff")
    command = [ruff, "check", "--select", "TID251", "--stdin-filename", "interviews/models/new.py"]
    result = subprocess.run(
        [*command, "-"],
        cwd=ROOT,
        input=f"import {package}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "TID251" in result.stdout
    assert (ROOT / DOORS[package]).exists()
