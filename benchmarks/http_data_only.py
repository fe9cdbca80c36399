"""The data-only read of a session with 20 recordings: queries, storage calls, CPU per request.

Peer: the classic answer through the same routing, sign-in, permission, throttle and ETag: nested
ModelSerializers and a URL for every recording, signed by boto3's cached client. Goals: a fixed
number of queries, 0 storage calls, 0 signatures, 20x less CPU.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import MAX_SPREAD, interleaved, tell_ratio
from benchmarks.spoken_session import RECORDINGS, cpu_s, make_session, prepare

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from recordings.models import UrlGrant
from recordings.storage import count_operations, forbidden_storage

GOAL_TIMES = 20.0
REQUESTS, ROUNDS = 60, 7  # of ours; a sixth as many of the peer, which takes so much longer
S3 = {
    "S3_ACCESS_KEY_ID": "benchmark",
    "S3_SECRET_ACCESS_KEY": "benchmark",
    "S3_REGION": "eu-central-1",
    "S3_ENDPOINT_URL": "",
}


def main() -> None:
    member, interview = prepare()
    client = Client(headers={"host": "localhost"})
    client.force_login(member)
    sessions = {n: make_session(interview, n) for n in (1, RECORDINGS)}
    results = f"/api/v1/interviewer/interviews/{interview.key}/results/sessions"
    own = {n: f"{results}/{session.pk}/data-only" for n, session in sessions.items()}
    classic = f"/classic/{interview.key}/{sessions[RECORDINGS].pk}"

    def read(address: str) -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        return bytes(answer.content)

    read(own[1])  # the first request of a minute also opens the count of the throttle
    counts = {}
    for recordings, address in own.items():
        with (
            CaptureQueriesContext(connection) as queries,
            count_operations() as operations,
            forbidden_storage() as tried,
        ):
            size = len(read(address))
        counts[recordings] = len(queries)
        print(
            f"{recordings:3} recordings: {len(queries)} queries, "
            f"{sum(operations.values()) + len(tried)} storage calls and signatures, "
            f"{UrlGrant.objects.count()} URLs, {size / 1024:.0f} KB"
        )
    print(f"fixed number of queries: {'met' if len(set(counts.values())) == 1 else 'MISSED'}")
    etag = client.get(own[RECORDINGS])["ETag"]
    kept = client.get(own[RECORDINGS], headers={"If-None-Match": etag})
    print(f"asked again with its ETag: {kept.status_code}, {len(kept.content)} bytes")
    mine, theirs, spread = interleaved(
        lambda: cpu_s(lambda: read(own[RECORDINGS]), REQUESTS),
        lambda: cpu_s(lambda: read(classic), REQUESTS // 6),
        ROUNDS,
    )
    print(f"ours {mine * 1000:.1f} ms CPU a request, classic {theirs * 1000:.1f} ms")
    tell_ratio("CPU of the classic answer over ours", theirs / mine, spread)
    if spread <= MAX_SPREAD:
        print(f"goal {GOAL_TIMES:.0f}x: {'met' if theirs / mine >= GOAL_TIMES else 'MISSED'}")


if __name__ == "__main__":
    with override_settings(ROOT_URLCONF="benchmarks.classic_urls", **S3):
        main()
