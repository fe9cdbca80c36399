"""The bytes of a session with 20 recordings, without URLs: ours beside nested ModelSerializers.

Both ask for permission first and give the same content, which is compared; the peer prefetches
what it needs. Without routing and sign-in: http_data_only has the whole request. Goal: 7x less CPU.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import MAX_SPREAD, interleaved, tell_ratio
from benchmarks.spoken_session import cpu_s, make_session, prepare

import json

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.renderers import JSONRenderer

from analysis.selectors import session_results
from analysis.wire import as_json
from ops.authentication import member_principal
from tests.analysis.classic import classic_answer

GOAL_TIMES = 7.0
REQUESTS, ROUNDS = 60, 7  # of ours; a sixth as many of the peer, which takes so much longer


def main() -> None:
    member, interview = prepare()
    principal, session = member_principal(member), make_session(interview)

    def ours() -> bytes:
        return as_json(session_results(principal, interview.key, session.pk))

    def peer() -> bytes:
        data = classic_answer(principal, interview.key, session.pk)
        return bytes(JSONRenderer().render(data))

    assert json.loads(ours()) == json.loads(peer()), "the answers differ"
    for what, deed in (("ours", ours), ("ModelSerializers", peer)):
        with CaptureQueriesContext(connection) as queries:
            size = len(deed())
        print(f"{what}: {len(queries)} queries, {size / 1024:.0f} KB")
    mine, theirs, spread = interleaved(
        lambda: cpu_s(ours, REQUESTS), lambda: cpu_s(peer, REQUESTS // 6), ROUNDS
    )
    print(f"ours {mine * 1000:.1f} ms CPU, ModelSerializers {theirs * 1000:.1f} ms")
    tell_ratio("CPU of ModelSerializers over ours", theirs / mine, spread)
    if spread <= MAX_SPREAD:
        print(f"goal {GOAL_TIMES:.0f}x: {'met' if theirs / mine >= GOAL_TIMES else 'MISSED'}")


if __name__ == "__main__":
    main()
