"""From the address in a setting to what Django is given."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import ValidationError

from config import databases
from config.databases import default_database, require_postgres, require_redis
from tests.house.tree import ROOT


def test_without_an_address_rows_are_in_a_file_of_the_data_folder(tmp_path):
    found = default_database("", tmp_path)
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert found["NAME"] == tmp_path / "candor.sqlite3"


def test_an_address_becomes_postgresql_with_each_of_its_parts(tmp_path):
    url = "postgres://ca%40ndor:p%2Fw%23d@db.example:6543/rows%2Bmore?sslmode=require"
    found = default_database(url, tmp_path)
    assert found["ENGINE"] == "django.db.backends.postgresql"
    parts = [found[part] for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["ca@ndor", "p/w#d", "db.example", "6543", "rows+more"]
    assert found["OPTIONS"]["sslmode"] == "require"


def test_no_query_waits_for_ever_unless_the_address_says_so(tmp_path):
    options = default_database("postgres://db/rows", tmp_path)["OPTIONS"]
    assert "lock_timeout" in options["options"]
    assert options["connect_timeout"] == "5"
    url = "postgres://db/rows?options=&connect_timeout=9"
    own = default_database(url, tmp_path)["OPTIONS"]
    assert own["options"] == ""
    assert own["connect_timeout"] == "9"


def test_a_missing_driver_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "find_spec", lambda _: None)
    with pytest.raises(ImproperlyConfigured, match="psycopg"):
        default_database("postgres://db/rows", tmp_path)


def test_a_socket_folder_can_be_the_host(tmp_path):
    found = default_database("postgresql:///rows?host=/run/postgresql", tmp_path)
    assert found["HOST"] == "/run/postgresql"
    assert "host" not in found["OPTIONS"]


@pytest.mark.parametrize("url", ["", "postgres://db/rows", "postgresql://u:p@[::1]:5432/rows"])
def test_addresses_of_postgresql_are_taken(url):
    require_postgres(url)


@pytest.mark.parametrize(
    "url", ["mysql://db/rows", "db/rows", "postgres://db", "postgres://db:port/rows", "sqlite:///x"]
)
def test_other_addresses_of_rows_are_refused(url):
    with pytest.raises(ValidationError):
        require_postgres(url)


@pytest.mark.parametrize("url", ["", "redis://cache:6379/0", "rediss://:pw@cache/1"])
def test_addresses_of_redis_are_taken(url):
    require_redis(url)


def test_other_addresses_of_redis_are_refused():
    with pytest.raises(ValidationError):
        require_redis("http://cache:6379")


def test_a_wrong_address_is_reported_without_its_password(tmp_path):
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path), "DATABASE_URL": "mysql://me:s3cret-word@db/rows"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "DATABASE_URL" in ended.stderr
    assert "s3cret-word" not in ended.stderr
