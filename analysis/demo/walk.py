"""Walk an interview by REST, as a candidate's and an interviewer's program would."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

RESULTS_WITHIN_S = 300
STREAM_WITHIN_S = 30
UNNUMBERED = ("connected", "stream_ended")  # made by the stream, not by the run


class WalkError(Exception):
    """A step did not give what it must."""


class Client:
    """An HTTP client that refuses an answer it did not ask for."""

    def __init__(self, url: str, **headers: str) -> None:
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def ask(self, method: str, path: str, status: int = 200, **content: Any) -> httpx.Response:
        """Send a request. Raises: WalkError unless the answer has `status`."""
        answer = self.http.request(method, path, **content)
        if answer.status_code != status:
            raise WalkError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer

    def get(self, path: str) -> Any:
        return self.ask("GET", path).json()

    def post(self, path: str, status: int = 200, **document: Any) -> Any:
        return self.ask("POST", path, status, json=document).json()


class CandidateClient(Client):
    """Answers an interview whose questions take audio."""

    def start(self, token: str) -> dict[str, Any]:
        """Exchange the link's token for the candidate's cookie; return the session."""
        started = self.post("/api/v1/candidate/start", token=token)
        self.http.headers["X-CSRFToken"] = started["csrf_token"]
        session: dict[str, Any] = started["session"]
        return session

    def consent(self) -> None:
        self.post("/api/v1/candidate/consents", granted={"recording": True, "ai_analysis": True})

    def answer(self, response_id: str, audio: Path) -> None:
        """Take, upload by one PUT, complete, submit."""
        content = audio.read_bytes()
        take = self.post(
            f"/api/v1/candidate/responses/{response_id}/takes", status=201, mode="audio"
        )
        grant = self.post(
            f"/api/v1/candidate/takes/{take['id']}/upload",
            status=201,
            bytes=len(content),
            content_type="audio/ogg",
            sha256=hashlib.sha256(content).hexdigest(),
        )
        # Not by our client: an object server elsewhere gets neither the cookie nor the CSRF token.
        sent = httpx.put(grant["url"], content=content, headers=grant["headers"], timeout=30)
        if not sent.is_success:
            raise WalkError(f"PUT of {audio.name}: {sent.status_code} {sent.text[:500]}")
        self.post(f"/api/v1/candidate/uploads/{grant['upload_id']}/complete")
        self.post(f"/api/v1/candidate/responses/{response_id}/submit")

    def submit(self) -> str:
        """Hand the interview in; return the id of the run that processes it."""
        session = self.post("/api/v1/candidate/session/submit")
        return str(session["run"]["id"])


class InterviewerClient(Client):
    """Reads what came of a session, with an API key."""

    def __init__(self, url: str, api_key: str, interview_key: str) -> None:
        super().__init__(url, Authorization=f"Bearer {api_key}")
        self.results = f"/api/v1/interviewer/interviews/{interview_key}/results"

    def wait(self, run_id: str) -> Iterator[float]:
        """Poll the run's status until it has completed, giving each percent that is new.

        Raises: WalkError when it takes too long or percent falls.
        """
        give_up = time.monotonic() + RESULTS_WITHIN_S
        percent = -1.0
        while time.monotonic() < give_up:
            status = self.get(f"/api/v1/analysis/{run_id}/status")
            if status["percent"] < percent:
                raise WalkError(f"Progress fell from {percent} to {status['percent']}.")
            if status["percent"] > percent:
                percent = status["percent"]
                yield percent
            if status["status"] == "completed":
                return
            time.sleep(0.2)
        raise WalkError(f"The run has not completed within {RESULTS_WITHIN_S} s.")

    def events(self, run_id: str) -> list[dict[str, Any]]:
        """Replay the run's events by SSE, from the first one to the end of the stream."""
        events: list[dict[str, Any]] = []
        with self.http.stream(
            "GET",
            f"/api/v1/analysis/{run_id}/stream",
            headers={"Accept": "text/event-stream", "Last-Event-ID": "0"},
            timeout=STREAM_WITHIN_S,
        ) as answer:
            events.extend(
                json.loads(line.removeprefix("data: "))
                for line in answer.iter_lines()
                if line.startswith("data: ")
            )
        return events

    def session(self, session_id: str) -> dict[str, Any]:
        data: dict[str, Any] = self.get(f"{self.results}/sessions/{session_id}/data-only")
        return data

    def download(self, recording_ids: Sequence[str], rendition: str) -> list[bytes]:
        """Ask for one URL per recording and fetch each."""
        issued = self.post(
            f"{self.results}/recordings/generate-url",
            recording_ids=list(recording_ids),
            purpose="download",
            rendition=rendition,
        )
        if issued["errors"]:
            raise WalkError(f"generate-url: {issued['errors']}")
        return [fetched(item["url"]) for item in issued["urls"]]


def fetched(url: str) -> bytes:
    """Return what lies at a signed URL, asked without any key. Raises: WalkError."""
    answer = httpx.get(url, timeout=30)
    if not answer.is_success:
        raise WalkError(f"GET of a signed URL: {answer.status_code} {answer.text[:500]}")
    return answer.content


def check_events(events: Sequence[dict[str, Any]]) -> None:
    """Raises: WalkError unless the replay is whole, in order, and ends with the run."""
    sequence = [event["seq"] for event in events if event["type"] not in UNNUMBERED]
    if sequence != list(range(1, len(sequence) + 1)):
        raise WalkError(f"Events are missing or out of order: {sequence}")
    if [event["type"] for event in events[-2:]] != ["completed", "stream_ended"]:
        raise WalkError(f"The stream ended with {events[-2:]}")


@contextmanager
def timed(steps: dict[str, float], name: str) -> Iterator[None]:
    """Note under `name` how many seconds the body took."""
    started = time.monotonic()
    yield
    steps[name] = time.monotonic() - started
