"""One presigned GET of an S3 object: our signer beside boto3's client, made once and kept.

Both sign the same requests, of many objects within a window of five minutes, with the headers that
the product signs. Goal: 25 times less CPU, and every signature the same.
"""

# ruff: noqa: I001 - the harness chooses the data folder before settings are read
from benchmarks.harness import MAX_SPREAD, interleaved, tell_ratio

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings

from ops import ledger
from recordings.s3_client import signing_client
from recordings.s3_signers import BotoSigner, OwnSigner, Signer
from recordings.s3_store import S3Store

BUCKET = "candor-recordings"
OBJECTS, ROUNDS = 300, 9
OURS_EACH = 20  # times as many, for the clock's sake
GOAL_TIMES = 25.0
AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
KEYS = [
    f"org/0b5c2a5c-b1f1-4d05-8f5b-1f0c2f8f7f6c/rec/{n:032x}/playback.m4a" for n in range(OBJECTS)
]
LIFETIME_S = 900


def query(number: int) -> dict[str, str]:
    """Return the headers that a browser is to be answered with."""
    name = f"recording-{number:08x}-playback.m4a"
    return {
        "response-content-disposition": f'inline; filename="{name}"',
        "response-content-type": "audio/mp4",
    }


QUERIES = [query(number) for number in range(OBJECTS)]


def signed_by(signer: Signer) -> Callable[[int], str]:
    def sign(number: int) -> str:
        return signer.get_url(
            KEYS[number], signed_at=AT, lifetime_s=LIFETIME_S, query=QUERIES[number]
        )

    return sign


def stock(number: int) -> str:
    """What everybody does: boto3's client, made once."""
    asked = QUERIES[number]
    url: str = signing_client().generate_presigned_url(
        "get_object",
        Params={
            "Bucket": BUCKET,
            "Key": KEYS[number],
            "ResponseContentDisposition": asked["response-content-disposition"],
            "ResponseContentType": asked["response-content-type"],
        },
        ExpiresIn=LIFETIME_S,
    )
    return url


def door(number: int) -> str | None:
    """The product's store, with its counters."""
    asked = QUERIES[number]
    return S3Store(BUCKET).signed_get_url(
        KEYS[number],
        signed_at=AT,
        lifetime_s=LIFETIME_S,
        content_type=asked["response-content-type"],
        disposition=asked["response-content-disposition"],
    )


def cpu_us(sign: Callable[[int], object], times: int = 1) -> float:
    """Return the CPU microseconds of one signature."""
    started = time.process_time()
    for _ in range(times):
        for number in range(OBJECTS):
            sign(number)
    return (time.process_time() - started) / (times * OBJECTS) * 1e6


def main() -> int:
    settings.STORAGE, settings.S3_BUCKET = "s3", BUCKET
    settings.S3_ENDPOINT_URL, settings.S3_REGION = "https://storage.example", "eu-west-1"
    settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "AKIDEXAMPLE", "secret-key-of-a-test"
    ours, theirs = signed_by(OwnSigner(BUCKET)), signed_by(BotoSigner(BUCKET))
    assert all(ours(number) == theirs(number) for number in range(OBJECTS))
    with ledger.opened_bill() as bill:  # as in a request
        assert all(ours(number) == door(number) for number in range(OBJECTS))
        through_door_us = cpu_us(door, OURS_EACH)
        bill.forget()
    print(f"{OBJECTS} URLs signed by both: each the same, byte for byte")
    mine, peer, spread = interleaved(lambda: cpu_us(ours, OURS_EACH), lambda: cpu_us(stock), ROUNDS)
    print(f"our signer {mine:.1f} us, boto3's cached client {peer:.1f} us of CPU")
    print(f"through the store's door, counted and billed: {through_door_us:.1f} us")
    tell_ratio("boto3 over ours", peer / mine, spread)
    is_met = spread <= MAX_SPREAD and peer / mine >= GOAL_TIMES
    print(f"goal >= {GOAL_TIMES:.0f}x: {'met' if is_met else 'MISSED'}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
