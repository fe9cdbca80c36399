"""The data-only read of a session with 20 recordings: queries, storage calls, CPU per request.

Peer: the classic answer of a REST framework: nested ModelSerializers and, for every recording, a
HEAD to the store and a fresh URL. Goals: a fixed number of queries, 0 storage calls, 0 URLs.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import DATA_DIR, interleaved, prepare, tell_ratio

import time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from analysis.models import TextMetrics, Transcript
from interviews.models import Interview, InterviewQuestion, Response, Session
from ops.authentication import member_principal
from recordings.models import Recording, UrlGrant
from recordings.services import issue_urls
from recordings.storage import count_operations, get_store
from tests import factories

RECORDINGS = 20
REQUESTS = 20
WORDS = [
    "We",
    "looked",
    "at",
    "the",
    "logs",
    "first",
    "and",
    "found",
    "that",
    "one",
    "of",
    "the",
    "meters",
    "sent",
    "two",
    "times",
]


class TranscriptPeer(serializers.ModelSerializer):
    class Meta:
        model = Transcript
        fields = "__all__"


class RecordingPeer(serializers.ModelSerializer):
    transcript = TranscriptPeer()

    class Meta:
        model = Recording
        fields = "__all__"


class MetricsPeer(serializers.ModelSerializer):
    class Meta:
        model = TextMetrics
        fields = "__all__"


class ResponsePeer(serializers.ModelSerializer):
    text_metrics = MetricsPeer()

    class Meta:
        model = Response
        fields = "__all__"


class SessionPeer(serializers.ModelSerializer):
    recordings = RecordingPeer(many=True)
    responses = ResponsePeer(many=True)

    class Meta:
        model = Session
        fields = "__all__"


def make_session(interview: Interview, recordings: int, alias: str) -> Session:
    """A ready session: each answer has a stored object, a transcript of 150 words, metrics."""
    session = factories.make_session(interview, alias=alias)
    for response in session.responses.all()[:recordings]:
        recording = factories.make_recording(response, duration_ms=60_000)
        path = DATA_DIR / "object"
        path.write_bytes(b"x" * 1000)
        get_store().put_file(path, recording.object_key)
        add_transcript(recording, response)
    Recording.objects.filter(session=session).update(state=Recording.State.AVAILABLE)
    Session.objects.filter(pk=session.pk).update(state=Session.State.READY_FOR_REVIEW)
    return session


def add_transcript(recording: Recording, response: Response) -> None:
    words = [WORDS[n % len(WORDS)] for n in range(150)]
    text = " ".join(words)
    timed = [
        {"start_ms": n * 400, "end_ms": n * 400 + 300, "text": word, "confidence": 0.9}
        | {"start_char": 0, "end_char": 1}
        for n, word in enumerate(words)
    ]
    segment = {"start_ms": 0, "end_ms": 60_000, "text": text, "confidence": 0.9}
    Transcript.objects.create(
        recording=recording,
        engine="local_whisper",
        model="base",
        language="en",
        text=text,
        segments=[segment | {"is_doubtful": False, "words": timed}],
    )
    TextMetrics.objects.create(response=response, word_count=150)


def main() -> None:
    prepare()
    organization = factories.make_organization()
    interview = factories.make_interview(organization)
    version = interview.versions.get()
    for order in range(3, RECORDINGS + 1):
        InterviewQuestion.objects.create(
            version=version, order=order, kind="behavioural", text="Why?", modes=["audio"]
        )
    member = factories.make_member(organization, "m@example.org", "interviewer")
    client = Client(headers={"host": "localhost"})
    client.force_login(member)
    sessions = {n: make_session(interview, n, f"Heron {n}") for n in (1, RECORDINGS)}
    prefix = f"/api/v1/interviewer/interviews/{interview.key}/results/sessions"

    def read(recordings: int) -> int:
        answer = client.get(f"{prefix}/{sessions[recordings].id}/data-only")
        assert answer.status_code == 200, answer.content
        return len(answer.content)

    def classic() -> int:
        session = Session.objects.visible_to(member_principal(member)).get(
            pk=sessions[RECORDINGS].pk
        )
        body = JSONRenderer().render(SessionPeer(session).data)
        rows = list(session.recordings.all())
        for row in rows:
            assert get_store().exists(row.object_key)
        urls = issue_urls(
            principal=member_principal(member),
            recordings=[row.id for row in rows],
            rendition="original",
            purpose="download",
            now=timezone.now(),
        )
        assert len(urls) == RECORDINGS
        return len(body)

    counts = {}
    read(1)  # the first request of a minute also opens the count of the throttle
    for recordings in sessions:
        grants = UrlGrant.objects.count()
        with CaptureQueriesContext(connection) as queries, count_operations() as operations:
            size = read(recordings)
        counts[recordings] = len(queries)
        urls = UrlGrant.objects.count() - grants
        calls = sum(operations.values())
        print(
            f"{recordings:3} recordings: {len(queries)} queries, {calls} storage calls, "
            f"{urls} URLs, {size / 1024:.0f} KB"
        )
    print(f"fixed number of queries: {'met' if len(set(counts.values())) == 1 else 'MISSED'}")

    def ours() -> float:
        started = time.process_time()
        for _ in range(REQUESTS):
            read(RECORDINGS)
        return (time.process_time() - started) / REQUESTS

    def peer() -> float:
        started = time.process_time()
        for _ in range(REQUESTS):
            classic()
        return (time.process_time() - started) / REQUESTS

    mine, theirs, spread = interleaved(ours, peer)
    print(f"Candor, with routing, session and permission: {mine * 1000:.1f} ms CPU a request")
    print(f"classic answer, serialisation and URLs alone: {theirs * 1000:.1f} ms CPU")
    tell_ratio("CPU of the classic answer over ours", theirs / mine, spread)


if __name__ == "__main__":
    main()
