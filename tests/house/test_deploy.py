"""What Django itself can tell about a deployment."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command

from tests.house.tree import ROOT


@pytest.mark.django_db
def test_the_models_have_all_their_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def check_as_production(tmp_path, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "PRODUCTION": "1",
            "SECRET_KEY": "".join(chr(33 + i % 90) for i in range(64)),
            "PUBLIC_URL": "https://candor.example",
            "ALLOWED_HOSTS": "candor.example",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_production_start_passes_every_deployment_check(tmp_path):
    result = check_as_production(tmp_path)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"DEBUG": "1"}, "refuses to start with DEBUG=1"),
        ({"SECRET_KEY": "short"}, "needs a SECRET_KEY"),
        ({"SECRET_KEY": ""}, "needs a SECRET_KEY"),
        ({"PORT": "many"}, "PORT"),
    ],
)
def test_a_production_start_with_a_wrong_setting_says_which(tmp_path, environment, message):
    result = check_as_production(tmp_path, **environment)
    assert result.returncode != 0
    assert message in result.stderr
