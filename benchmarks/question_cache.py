"""1,000 requests for questions of 40 wishes, some asked for often and most seldom.

The language model is a real HTTP server that counts its calls. Peer: no cache, a call for every
request. Goals: calls = min(requests, variants), wish by wish; a stampede makes one call; a hit
takes p99 < 2 ms, with the counting of what it spared and the ledger's entries. The whole request by
REST, with key, permission and throttle, is told beside it.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import URL, percentile, prepare, web

import json
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from uuid import UUID

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone

from analysis.question_box import MOST_VARIANTS
from analysis.question_writer import suggest_question
from analysis.suggestions import Served, Wish
from ops import ledger
from ops.services import create_api_key
from tests import factories

REQUESTS, WISHES, CROWD, BY_REST = 1000, 40, 12, 50
GOAL_HIT_MS = 2.0
TOPICS = ("night shift", "handover", "supplier", "outage", "first week")


class Model(BaseHTTPRequestHandler):
    """Writes another question each time, after a moment; counts."""

    calls = 0
    numbers = count()
    takes_s = 0.0

    def do_POST(self) -> None:
        cls = type(self)
        cls.calls += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(cls.takes_s)
        written = {
            "text": f"Tell us about the {next(cls.numbers)}th time that something went wrong.",
            "good_answer": ["Says what came first and why.", "Names the result."],
            "follow_ups": [],
        }
        message = {"role": "assistant", "content": json.dumps(written)}
        reply = {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-5-mini",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020},
        }
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
        """Say nothing."""


@contextmanager
def model() -> Iterator[None]:
    """Have a language model, for this process and the web process that it starts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/v1"
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "bench", address
    os.environ |= {"OPENAI_API_KEY": "bench", "OPENAI_BASE_URL": address}
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def mixed(rng: random.Random) -> list[Wish]:
    """Return the requests: the second wish half as often as the first, and so on."""
    kinds, levels = ("behavioural", "situational"), ("easy", "medium", "hard")
    wishes = [
        Wish(topic=f"{topic} {n}", kind=rng.choice(kinds), difficulty=rng.choice(levels))
        for n in range(WISHES // len(TOPICS))
        for topic in TOPICS
    ]
    shares = [1 / (place + 1) for place in range(len(wishes))]
    return rng.choices(wishes, shares, k=REQUESTS)


def ask(wish: Wish, organization_id: UUID) -> tuple[Served, float]:
    """Return what is served and the milliseconds it took, the ledger's entries included."""
    started = time.perf_counter()
    with ledger.opened_bill():
        served = suggest_question(wish=wish, organization_id=organization_id)
    return served, (time.perf_counter() - started) * 1000


def stampede(organization_id: UUID) -> int:
    """Let a crowd ask for a new wish at one moment; return the calls it made."""
    Model.takes_s, before, gate = 0.5, Model.calls, threading.Barrier(CROWD)

    def one() -> None:
        gate.wait()
        ask(Wish(topic="all at once"), organization_id)
        connection.close()

    crowd = [threading.Thread(target=one) for _ in range(CROWD)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    Model.takes_s = 0.0
    return Model.calls - before


def by_rest(wish: Wish, key: str) -> list[float]:
    """Return the milliseconds of hits over HTTP."""
    body = {"topic": wish.topic, "kind": wish.kind, "difficulty": wish.difficulty}
    took = []
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        for _ in range(BY_REST):
            started = time.perf_counter()
            answer = client.post(f"{URL}/api/v1/questions/generate", json=body)
            took.append((time.perf_counter() - started) * 1000)
            assert answer.json()["source"] == "cache", answer.text
    return took[1:]  # the first request loads the routes


def main() -> None:
    prepare()
    organization = factories.make_organization()
    user = factories.make_member(organization, "member@bench.test")
    scopes = ["interviews:write"]
    _, key = create_api_key(user=user, name="bench", scopes=scopes, now=timezone.now())
    requests = mixed(random.Random(5))
    with model():
        answers = [ask(wish, organization.pk) for wish in requests]
        wanted = sum(min(n, MOST_VARIANTS) for n in Counter(requests).values())
        hits = [took for served, took in answers if served.cached]
        assert Model.calls + len(hits) == REQUESTS
        print(f"{REQUESTS} requests of {len(set(requests))} wishes: {Model.calls} calls")
        print(f"goal: min(requests, variants) = {wanted}: {told(Model.calls == wanted)}")
        print(f"without a cache: {REQUESTS} calls, {REQUESTS / Model.calls:.1f}x as many")
        p99 = percentile(hits, 0.99)
        print(f"a hit: p50 {statistics.median(hits):.2f} ms, p99 {p99:.2f} ms, n {len(hits)}")
        print(f"goal p99 < {GOAL_HIT_MS:.0f} ms: {told(p99 < GOAL_HIT_MS)}")
        calls = stampede(organization.pk)
        print(f"a stampede of {CROWD}: {calls} call(s); goal 1: {told(calls == 1)}")
        with web():
            took = by_rest(requests[0], key)
        print(f"by REST: p50 {statistics.median(took):.1f} ms, p99 {percentile(took, 0.99):.1f} ms")


def told(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


if __name__ == "__main__":
    main()
