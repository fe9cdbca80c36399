"""Real speech, the real local model, and a stage's report without a job engine."""

import json
import socket
import subprocess
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analysis.engines import local_weights
from tests.analysis.engines import cloud, local, recordings  # noqa: F401 - fixtures
from tests.analysis.pages import five, look, queries_of  # noqa: F401 - fixtures

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="session")
def whisper_dir(tmp_path_factory):
    """The verified weights, assembled once per test process."""
    directory = tmp_path_factory.mktemp("whisper") / "whisper-base"
    local_weights.assemble(directory)
    return directory


@pytest.fixture
def whisper(settings, whisper_dir):
    """Local speech recognition, ready to use."""
    settings.WHISPER_MODEL_DIR = whisper_dir
    settings.TRANSCRIBERS = ["local"]
    return whisper_dir


@pytest.fixture(scope="session")
def samples():
    """{path of a clip: the words spoken in it}."""
    told = json.loads((SAMPLES / "librivox.json").read_text())
    return {SAMPLES / f"{name}.ogg": words for name, words in told.items()}


@pytest.fixture
def make_audio(tmp_path):
    """make_audio(*ffmpeg inputs and filters) -> path of an Opus file."""

    def make(*arguments):
        path = tmp_path / f"{uuid.uuid4()}.ogg"
        command = ["ffmpeg", "-v", "error", *arguments, "-ac", "1", "-ar", "16000"]
        subprocess.run([*command, "-c:a", "libopus", "-b:a", "24k", str(path)], check=True)
        return path

    return make


class ScriptedReport:
    """A stage's report: what the job engine would hand it."""

    def __init__(self, *, run_id=None, generation=1, options=None, missing=(), stop_at=None):
        self.run_id = run_id or uuid.uuid4()
        self.generation = generation
        self.options = options or {}
        self.missing = tuple(missing)
        self.shares = []
        self.stop_at = stop_at

    def progress(self, share):
        self.shares.append(share)
        if self.stop_at is not None and share >= self.stop_at:
            raise InterruptedError("cancelled")

    def check(self):
        pass

    def child(self, _process):
        raise AssertionError("no stage of analysis starts a process")


@pytest.fixture
def report():
    return ScriptedReport()


@pytest.fixture
def make_report():
    return ScriptedReport


DROPPED = object()


class StubServer:
    """A server that speaks OpenAI's HTTP and answers 200 with `reply`.

    `reply` is JSON, or a function from the request's body to JSON; DROPPED ends the connection
    without a word.
    """

    def __init__(self, reply):
        self.reply = reply
        self.requests = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stub.requests.append((self.path, body))
                answer = stub.reply(body) if callable(stub.reply) else stub.reply
                if answer is DROPPED:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def stub_openai(settings):
    """stub_openai(reply) -> StubServer; the product is pointed at it."""
    servers = []

    def start(reply):
        server = StubServer(reply)
        servers.append(server)
        settings.OPENAI_API_KEY = "test-key"
        settings.OPENAI_BASE_URL = server.url
        settings.OPENAI_TIMEOUT_S = 5.0
        return server

    yield start
    for server in servers:
        server.close()


def chat_reply(content, **choice):
    """What the chat endpoint answers, around `content` (a JSON value or text)."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text, "refusal": choice.pop("refusal", None)}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub-model-1",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message} | choice],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 80, "total_tokens": 1280},
    }
