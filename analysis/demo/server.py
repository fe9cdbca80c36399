"""Start a Candor of its own in a folder that vanishes: for the smoke run and browser tests."""

import os
import secrets
import signal
import socket
import subprocess  # noqa: TID251 - starts this very product, nothing foreign
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.conf import settings

from recordings import object_server

START_WITHIN_S = 60
END_WITHIN_S = 20


class ServerError(Exception):
    """The server or one of its commands failed; the text is what it printed last."""


@dataclass(frozen=True, slots=True)
class FreshServer:
    """A running Candor with a database, a media folder and a secret key of its own."""

    url: str
    data_dir: Path
    environment: Mapping[str, str]
    pid: int  # of the supervisor

    def manage(self, *arguments: str) -> str:
        """Run a management command on the server's data; return what it printed."""
        return manage(self.environment, *arguments)

    @property
    def log(self) -> str:
        """What the server has printed so far."""
        return (self.data_dir / "server.log").read_text()


@contextmanager
def fresh_server(
    seed: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> Iterator[FreshServer]:
    """Prepare a temporary data folder, run `seed` on it, serve it; end and remove all of it after.

    Raises: ServerError
    """
    with tempfile.TemporaryDirectory(prefix="candor-") as folder:
        variables = fresh_environment(Path(folder)) | dict(environment or {})
        if variables["STORAGE"] == "s3":
            object_server.prepare(Path(folder) / "objects")
        manage(variables, "prepare")
        if seed:
            manage(variables, *seed)
        with (Path(folder) / "server.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command("serve"),
                cwd=settings.BASE_DIR,
                env=variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            server = FreshServer(variables["PUBLIC_URL"], Path(folder), variables, process.pid)
            try:
                wait_until_up(server, process)
                yield server
            finally:
                end(process)


def fresh_environment(data_dir: Path) -> dict[str, str]:
    """Return the environment of a server on a free port that calls no service outside."""
    port = free_port()
    return {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": "",  # this machine's own rows are not ours
        "REDIS_URL": "",
        "STORAGE": "local",
        "S3_BUCKET": "",
        "BIND": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "PRODUCTION": "0",
        "OPENAI_API_KEY": "",
        "WHISPER_MODEL_DIR": str(settings.WHISPER_MODEL_DIR),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    result = subprocess.run(  # noqa: S603 - our own command
        command(*arguments),
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise ServerError(f"manage.py {arguments[0]}: {result.stderr[-2000:]}")
    return result.stdout


def wait_until_up(server: FreshServer, process: "subprocess.Popen[bytes]") -> None:
    """Raises: ServerError when the server ends or does not answer in time."""
    give_up = time.monotonic() + START_WITHIN_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise ServerError(f"The server ended with {process.returncode}: {server.log[-2000:]}")
        try:
            if httpx.get(f"{server.url}/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise ServerError(f"No answer within {START_WITHIN_S} s: {server.log[-2000:]}")


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the server to end; what is left of its group after a while is killed."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
