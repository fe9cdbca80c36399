"""POST batch-process for a session of 20 recordings: how long until it is answered.

The whole request over HTTP with an API key, throttle, idempotency and the committed rows included.
Goals: p99 under 200 ms, then under 50 ms. Peer: as many rows written plainly in one transaction.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import URL, percentile, prepare, tell_ratio, web

import statistics
import time
from uuid import uuid4

import httpx
from django.db import transaction
from django.utils import timezone

from interviews.models import Interview, Session
from interviews.models.people import Candidate
from ops.models import Job, Organization, Run
from ops.principals import SCOPES
from ops.services import create_api_key
from tests import factories

RECORDINGS = 20
QUESTIONS = tuple(f"Tell us about your work, part {number}." for number in range(RECORDINGS))
PEOPLE, EACH = 5, 20  # a person may start 30 runs a minute
GOALS_MS = (200, 50)


def submitted_session(interview: Interview, alias: str) -> Session:
    """A submitted session whose recordings are saved, with nothing made of them yet."""
    session = factories.make_session(interview, alias=alias)
    for response in session.responses.all():
        recording = factories.make_recording(response, duration_ms=60_000)
        recording.take.state = "saved"
        recording.take.save(update_fields=["state"])
    session.responses.update(state="submitted", mode="audio")
    session.state = Session.State.READY_FOR_REVIEW
    session.submitted_at = timezone.now()
    session.save(update_fields=["state", "submitted_at"])
    return session


def member_client(organization: Organization, number: int) -> httpx.Client:
    user = factories.make_member(organization, f"member{number}@bench.test")
    scopes = [scope for scope in SCOPES if scope != "ops:manage"]
    _, key = create_api_key(user=user, name="bench", scopes=scopes, now=timezone.now())
    return httpx.Client(base_url=URL, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def post_ms(client: httpx.Client, key: str, session: Session) -> float:
    path = f"/api/v1/interviewer/interviews/{key}/results/sessions/{session.pk}/batch-process"
    started = time.perf_counter()
    answer = client.post(path, json={"transcribe": True})
    passed_ms = (time.perf_counter() - started) * 1000
    assert answer.status_code == 202, answer.text
    assert len(answer.json()["jobs"]) >= RECORDINGS
    return passed_ms


def rows_ms(organization: Organization) -> float:
    """Write a run and a job per recording, one statement each, and nothing else."""
    now = timezone.now()
    started = time.perf_counter()
    with transaction.atomic():
        run = Run.objects.create(
            organization=organization, subject_kind="bench", subject_id=uuid4()
        )
        for _ in range(RECORDINGS):
            Job.objects.create(
                run=run, stage="bench", subject_kind="bench", subject_id=uuid4(), run_at=now
            )
    return (time.perf_counter() - started) * 1000


def main() -> None:
    prepare()
    organization = factories.make_organization()
    interview = factories.make_interview(organization, questions=QUESTIONS)
    sessions = [submitted_session(interview, f"Heron {n}") for n in range(PEOPLE * EACH + 1)]
    assert Candidate.objects.count() == len(sessions)
    clients = [member_client(organization, n) for n in range(PEOPLE)]
    ours, theirs = [], []
    with web():
        post_ms(clients[0], interview.key, sessions.pop())  # the first request loads the routes
        for n, session in enumerate(sessions):
            ours.append(post_ms(clients[n % PEOPLE], interview.key, session))
            theirs.append(rows_ms(organization))
    p99 = percentile(ours, 0.99)
    print(f"answered after p50 {statistics.median(ours):.1f} ms, p99 {p99:.1f} ms, n {len(ours)}")
    print(f"bare rows      p50 {statistics.median(theirs):.1f} ms")
    for goal in GOALS_MS:
        print(f"goal p99 < {goal} ms: {'met' if p99 < goal else 'MISSED'}")
    spread = (percentile(ours, 0.75) - percentile(ours, 0.25)) / 2 / statistics.median(ours)
    tell_ratio(
        "the request over its bare rows",
        statistics.median(ours) / statistics.median(theirs),
        spread,
    )


if __name__ == "__main__":
    main()
