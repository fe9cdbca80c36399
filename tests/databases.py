"""Which database the tests run on, and databases of their own for processes that tests start."""

import shutil
import sqlite3
import uuid
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from psycopg.types.json import set_json_loads

IS_POSTGRES = bool(settings.DATABASE_URL)
on_sqlite = pytest.mark.skipif(IS_POSTGRES, reason="how SQLite does it")
on_postgres = pytest.mark.skipif(not IS_POSTGRES, reason="runs in `make test-postgres`")


class OwnDatabase:
    """A file in a folder, or a database on the server of this run; `environment` leads to it."""

    def __init__(self, folder):
        self.file = folder / "candor.sqlite3"
        self.name = f"own_{uuid.uuid4().hex[:12]}"
        parts = urlsplit(settings.DATABASE_URL)
        self.url = urlunsplit(parts._replace(path=f"/{self.name}")) if IS_POSTGRES else ""
        self.environment = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": self.url,
            "REDIS_URL": settings.REDIS_URL,
        }

    def create(self, like=None):
        """Make it, empty or as a copy of another one that nobody is connected to."""
        if IS_POSTGRES:
            template = f" template {like.name}" if like else ""
            self._on_server(f"create database {self.name}{template}")
        elif like:
            shutil.copy(like.file, self.file)
        return self

    def drop(self):
        if IS_POSTGRES:
            self._on_server(f"drop database if exists {self.name} with (force)")

    def rows(self, query):
        """Rows of a query, as an outsider; JSON comes as text."""
        if not IS_POSTGRES:
            with closing(sqlite3.connect(self.file, timeout=20)) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(self.url) as connection:
            set_json_loads(lambda text: bytes(text).decode(), connection)
            return connection.execute(query).fetchall()

    def _on_server(self, statement):
        with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
            connection.execute(statement)
