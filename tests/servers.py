"""Real PostgreSQL and Redis for as long as one command runs:

    python -m tests.servers python -m pytest ...

Both on free ports, in a folder that vanishes; ended by their process ids, whatever happens.
PostgreSQL refuses to run as root: then it runs as the user `postgres` of Debian's package.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from ops.processes import die_with_parent
from recordings import object_server

WITHIN_S = 60
UNPRIVILEGED = ("postgres", "nobody")
# Nothing of these databases has to outlive a power cut.
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=120")


class MissingError(Exception):
    """A server is not installed; the text says which, for people."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name):
    """Path of a server program; Debian keeps PostgreSQL's apart from PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = next(map(str, versions), None) or shutil.which(name)
    if found is None:
        raise MissingError(f"There is no {name} on this machine. On Debian: make servers")
    return found


class Server(ABC):
    """A process that can be stopped and started again on the same port and data."""

    url = ""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.process = None

    @abstractmethod
    def command(self):
        """Return the words that start the program."""

    def identity(self):
        """Return the arguments that make the process another user's, where that is needed."""
        return {}

    def begin(self):
        """Start for the first time."""
        self.start()

    def start(self):
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                start_new_session=True,  # a terminal's Ctrl-C is for the tests
                preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509 - no threads yet
                **self.identity(),
            )
        until = time.monotonic() + WITHIN_S
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.05)

    @abstractmethod
    def is_up(self):
        """Whether it answers."""

    def stop(self, sent=signal.SIGINT):
        """End the process; the data stay."""
        if self.process is None:
            return
        self.process.send_signal(sent)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


class Postgres(Server):
    """SIGINT is its fast shutdown: connections are cut, nothing committed is lost."""

    def __init__(self, folder):
        super().__init__(folder)
        self.url = f"postgres://candor@127.0.0.1:{self.port}/candor"
        self.data = self.folder / "postgres"

    def begin(self):
        self.data.mkdir()
        if os.getuid() == 0:
            self.folder.chmod(0o755)
            os.chown(self.data, **self._owner())
        options = ("--auth=trust", "--username=candor", "--encoding=UTF8", "--no-sync")
        command = [program("initdb"), "--pgdata", str(self.data), "--locale=C.UTF-8", *options]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self.identity())
        self.start()
        self.run("create database candor")

    def _owner(self):
        for name in UNPRIVILEGED:
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return {"uid": found.pw_uid, "gid": found.pw_gid}
        raise MissingError("PostgreSQL refuses to run as root, and nobody else is here.")

    def identity(self):
        if os.getuid() != 0:
            return {}
        owner = self._owner()
        return {"user": owner["uid"], "group": owner["gid"], "extra_groups": []}

    def command(self):
        haste = [part for setting in HASTE for part in ("-c", setting)]
        address = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        start = [program("postgres"), "-D", str(self.data), "-p", str(self.port)]
        return [*start, *address, *haste]

    def run(self, statement, *, database="postgres"):
        """Return the rows of a statement run by an outsider."""
        import psycopg  # noqa: PLC0415 - make servers may run before it is installed

        where = f"postgres://candor@127.0.0.1:{self.port}/{database}?connect_timeout=2"
        with psycopg.connect(where, autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def is_up(self):
        import psycopg  # noqa: PLC0415 - as above

        try:
            self.run("select 1")
        except psycopg.OperationalError:
            return False
        return True


class SeaweedFS(Server):
    """An S3 server; signatures, conditions and lengths are really looked at."""

    def __init__(self, folder):
        super().__init__(folder)
        self.own = object_server.prepare(self.folder / "objects")
        self.url = self.own.url

    def command(self):
        if object_server.program() is None:
            raise MissingError(object_server.HOW_TO_GET)
        return self.own.command(object_server.program())

    def is_up(self):
        return self.own.is_up()

    def stop(self, sent=signal.SIGKILL):
        """SIGINT would take it ten seconds."""
        super().stop(sent)


class Redis(Server):
    """Keeps nothing on disk."""

    def __init__(self, folder):
        super().__init__(folder)
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self):
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return [program("redis-server"), *where, "--save", "", "--appendonly", "no"]

    def is_up(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running(kind):
    """Start a server of that kind; end it and remove its folder afterwards."""
    with tempfile.TemporaryDirectory(prefix="candor-servers-") as folder:
        server = kind(folder)
        try:
            server.begin()
            yield server
        finally:
            server.stop()


def main(command):
    """Run a command beside both servers; return its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        try:
            postgres = stack.enter_context(running(Postgres))
            redis = stack.enter_context(running(Redis))
        except MissingError as error:
            print(error, file=sys.stderr)  # noqa: T201 - a command
            return 2
        urls = {"TEST_DATABASE_URL": postgres.url, "TEST_REDIS_URL": redis.url}
        child = subprocess.Popen(command, env={**os.environ, **urls})
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait(30)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
