"""Where rows are kept: a SQLite file, or the PostgreSQL of DATABASE_URL."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import ValidationError

POSTGRES_SCHEMES = ("postgres", "postgresql")
REDIS_SCHEMES = ("redis", "rediss", "unix")
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA journal_size_limit=67108864"
)
POSTGRES_OPTIONS = {
    "connect_timeout": "5",  # a host that swallows packets must not hold a page up
    "application_name": "candor",
    # Nobody waits for a row for ever: what SQLite's own timeout is. A worker that was stopped in
    # the middle of a transaction lets go of its rows.
    "options": "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s",
}


def require_postgres(url: str) -> None:
    """Refuse what is not empty and no address of a PostgreSQL database.

    Raises: ValidationError
    """
    if url and not (_has_scheme(url, POSTGRES_SCHEMES) and urlsplit(url).path.strip("/")):
        raise ValidationError("Give postgres://user:password@host:5432/name, or nothing.")


def require_redis(url: str) -> None:
    """Refuse what is not empty and no address of a Redis server.

    Raises: ValidationError
    """
    if url and not _has_scheme(url, REDIS_SCHEMES):
        raise ValidationError("Give redis://host:6379/0, or nothing.")


def default_database(url: str, data_dir: Path) -> dict[str, Any]:
    """Return Django's settings of the database: PostgreSQL where there is a URL, else a file."""
    return _postgres(url) if url else _sqlite(data_dir)


def _postgres(url: str) -> dict[str, Any]:
    if find_spec("psycopg") is None:
        raise ImproperlyConfigured(
            "DATABASE_URL needs the package psycopg: pip install -r requirements.txt"
        )
    parts = urlsplit(url)
    options = {**POSTGRES_OPTIONS, **dict(parse_qsl(parts.query, keep_blank_values=True))}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",  # ?host=/run/postgresql
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,  # under ASGI a connection that is kept belongs to nobody
        "OPTIONS": options,
    }


def _sqlite(data_dir: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data_dir / "candor.sqlite3",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",  # no deadlock on upgrade from read to write
            "init_command": SQLITE_PRAGMAS,
        },
        # A file, not memory: workers in tests are threads and processes of their own.
        "TEST": {"NAME": data_dir / "test.sqlite3"},
    }


def _has_scheme(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reads it, so that a wrong one is found here
    except ValueError:
        return False
    return parts.scheme in schemes
