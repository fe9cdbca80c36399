"""What reading a session of 20 recordings asks of a real S3 server: nothing.

Peer: the classic answer, which looks every recording up in the bucket and signs a URL for each,
whether or not anybody presses play. Counted three times: by the store's door, by the client's own
events, and in the ledger that is billed. Then one recording is played: one URL is signed, and that
one is fetched.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import DATA_DIR, interleaved, prepare, tell_ratio

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import httpx
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from analysis.models import Transcript
from benchmarks import spoken_session
from benchmarks.spoken_session import RECORDINGS
from interviews.models import Session
from ops import ledger
from ops.authentication import member_principal
from ops.models import UsageEntry
from recordings import s3_client
from recordings.models import Recording, Rendition, UrlGrant
from recordings.storage import count_operations, get_store
from tests.analysis.classic import classic_answer
from tests.servers import SeaweedFS, running

REQUESTS = 20
STORAGE_KINDS = ("storage_", "url_signed")


@contextmanager
def bucket() -> Iterator[None]:
    """A real S3 server with an empty bucket, which the settings name."""
    with running(SeaweedFS) as server:
        own = {
            "STORAGE": "s3",
            "S3_BUCKET": "benchmark",
            "S3_ENDPOINT_URL": server.own.url,
            "S3_ACCESS_KEY_ID": server.own.access_key_id,
            "S3_SECRET_ACCESS_KEY": server.own.secret_access_key,
            "S3_ADDRESSING_STYLE": "path",
        }
        with override_settings(**own):
            s3_client.client().create_bucket(Bucket="benchmark")
            yield


def make_stored_session() -> tuple[Session, Client, str]:
    """A ready session whose objects lie in the bucket, a member's client, the results' address."""
    member, interview = spoken_session.make_interview()
    client = Client(headers={"host": "localhost"})
    client.force_login(member)
    session = spoken_session.make_session(interview)
    store = get_store()
    Recording.objects.update(storage_type=store.kind, bucket=store.bucket)
    path = DATA_DIR / "object"
    path.write_bytes(b"x" * 1000)
    for recording in Recording.objects.all():
        store.put_file(path, recording.object_key)
        recording.renditions.filter(kind=Rendition.Kind.PLAYBACK).update(
            object_key=recording.object_key, content_type="audio/mp4", size_bytes=1000
        )
    assert Transcript.objects.count() == RECORDINGS
    results = f"/api/v1/interviewer/interviews/{interview.key}/results/sessions/{session.pk}"
    return session, client, results


@contextmanager
def watched() -> Iterator[tuple[Counter[str], list[str]]]:
    """Count what the door counts, and beside it what the client really sends."""
    sent: list[str] = []

    def note(event_name: str, **_: object) -> None:
        sent.append(event_name.rpartition(".")[2])

    events = s3_client.client().meta.events
    events.register("before-send.s3", note)
    try:
        with count_operations() as counted:
            yield counted, sent
    finally:
        events.unregister("before-send.s3", note)


def spent() -> int:
    """Return how many entries of the ledger are about storage."""
    entries = UsageEntry.objects.all()
    return sum(
        1 for kind in entries.values_list("kind", flat=True) if kind.startswith(STORAGE_KINDS)
    )


def main() -> None:
    prepare()
    with bucket():
        measure()


def measure() -> None:
    session, client, results = make_stored_session()
    member = member_principal(session.version.interview.organization.memberships.first().user)

    def read() -> None:
        answer = client.get(f"{results}/data-only")
        assert answer.status_code == 200, answer.content

    def classic() -> None:
        JSONRenderer().render(classic_answer(member, session.version.interview.key, session.pk))
        store = get_store()
        for recording in session.recordings.all():
            assert store.exists(recording.object_key)
            store.signed_get_url(
                recording.object_key,
                signed_at=timezone.now(),
                lifetime_s=900,
                content_type=recording.content_type,
                disposition="inline",
            )

    read()  # the first request of a minute also opens the count of the throttle
    billed, issued = spent(), UrlGrant.objects.count()
    with watched() as (ours, sent):
        read()
    print(
        f"data-only, {RECORDINGS} recordings: {dict(ours) or 'no storage call'}, {len(sent)} sent"
    )
    assert (sum(ours.values()), len(sent)) == (0, 0), "the goal is exactly 0"
    assert (spent(), UrlGrant.objects.count()) == (billed, issued), "the ledger says otherwise"
    with ledger.opened_bill() as bill, watched() as (theirs, sent):
        classic()
        bill.forget()
    print(f"classic answer: {dict(theirs)}, {len(sent)} requests sent")
    assert theirs == {"head": RECORDINGS, "sign": RECORDINGS}
    tell_price(len(sent))
    play(client, results)

    def timed(work: Callable[[], None]) -> float:
        started = time.perf_counter()
        for _ in range(REQUESTS):
            work()
        return (time.perf_counter() - started) / REQUESTS

    with ledger.opened_bill() as bill:
        mine, peer, spread = interleaved(lambda: timed(read), lambda: timed(classic))
        bill.forget()
    print(f"Candor, a whole request: {mine * 1000:.1f} ms; classic: {peer * 1000:.1f} ms")
    tell_ratio(
        "time of the classic answer over ours, with the server on this machine", peer / mine, spread
    )


def tell_price(calls: int) -> None:
    """Print what the classic answer's look-ups cost at Amazon's price."""
    now = timezone.now()
    usd = ledger.cost_usd(kind="storage_head", quantity=calls * 1_000_000, provider="s3", at=now)
    assert isinstance(usd, Decimal)
    print(f"a million classic answers: {usd:.2f} USD of look-ups; ours: 0.00 USD")


def play(client: Client, results: str) -> None:
    """Press play once: one URL is signed, and that one is fetched."""
    recording = Recording.objects.first()
    assert recording is not None
    issued = UrlGrant.objects.count()
    with watched() as (made, sent):
        found = client.get(f"{results}/recordings/{recording.pk}/play")
    assert found.status_code == 302, found.content
    fetched = httpx.get(found.headers["Location"])
    assert fetched.is_success, fetched.text
    redeemed = int(fetched.is_success)
    given = UrlGrant.objects.count() - issued
    print(
        f"one play: {dict(made)}, {len(sent)} sent by us; URLs issued {given}, redeemed {redeemed}"
    )
    assert (dict(made), sent, given) == ({"sign": 1}, [], redeemed)


if __name__ == "__main__":
    main()
