"""configure_bucket on a real server, and by moto what that server does not know."""

import re
from io import StringIO

import httpx
import pytest
from django.core.management import CommandError, call_command
from moto import mock_aws

from recordings import s3_setup
from recordings.models import Rendition
from recordings.s3_client import client
from tests import factories

pytestmark = pytest.mark.django_db


def run(*words):
    out = StringIO()
    call_command("configure_bucket", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def aws(settings):
    """An empty bucket of an imitation that knows every part."""
    settings.STORAGE, settings.S3_BUCKET = "s3", "candor-test"
    settings.S3_ENDPOINT_URL = settings.S3_PUBLIC_ENDPOINT_URL = ""
    settings.S3_ACCESS_KEY_ID = settings.S3_SECRET_ACCESS_KEY = "testing"
    settings.S3_ADDRESSING_STYLE = "virtual"
    with mock_aws():
        client().create_bucket(Bucket="candor-test")
        yield client()


def test_it_shows_what_differs_and_changes_nothing_unasked(s3):
    told = run()
    assert "cors: differs" in told
    assert '+    "AllowedOrigins"' in told
    assert "run again with --apply" in told
    (cors,) = s3_setup.configure(s3.bucket, parts=["cors"])
    assert cors.difference is not None


def test_the_real_server_takes_what_it_knows_and_the_rest_is_said(s3, settings):
    told = run("--apply")
    assert "cors: changed" in told
    assert "public access block: this server does not know it" in told
    assert "lifecycle: this server does not know it, or has no storage classes" in told
    settings.LIFECYCLE_RULE = "none"
    assert "lifecycle: changed" in run("--apply")
    again = run()
    assert ": differs" not in again
    assert again.count(": as it should be") == 3


@pytest.mark.parametrize(
    ("origin", "is_let_in"), [("http://localhost:3000", True), ("http://evil.example", False)]
)
def test_a_browser_may_put_from_our_pages_and_from_no_others(s3, settings, origin, is_let_in):
    settings.PUBLIC_URL = "http://localhost:3000"
    run("--apply")
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,if-none-match,x-amz-checksum-sha256",
    }
    answer = httpx.options(f"{settings.S3_ENDPOINT_URL}/{s3.bucket}/quarantine/x", headers=asked)
    assert (answer.headers.get("access-control-allow-origin") == origin) == is_let_in


def test_every_part_is_set(aws, settings):
    settings.S3_SSE, settings.S3_KMS_KEY_ID = "aws:kms", "key-1"
    assert run("--apply").count(": changed") == 4
    rules = aws.get_bucket_lifecycle_configuration(Bucket="candor-test")["Rules"]
    (move,) = [rule for rule in rules if rule["ID"].startswith("candor-move")]
    assert move["Transitions"] == [{"Days": 31, "StorageClass": "GLACIER_IR"}]
    assert move["Filter"]["And"]["Prefix"] == "org/"
    block = aws.get_public_access_block(Bucket="candor-test")["PublicAccessBlockConfiguration"]
    assert all(block.values())
    (rule,) = aws.get_bucket_encryption(Bucket="candor-test")["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "key-1"


def test_a_second_run_finds_nothing_to_do(aws):
    run("--apply")
    told = run()
    assert told.count(": as it should be") == 3
    # The imitation forgets sizes of rules; nothing else differs.
    changes = [line.strip() for line in told.splitlines() if line.startswith(("    +", "    -"))]
    assert [line for line in changes if not line.startswith(("+++", "---"))] == [
        '+        "ObjectSizeGreaterThan": 68803,'
    ]


def test_the_sizes_of_the_rule_are_sent(aws):
    sent = []
    aws.meta.events.register(
        "before-send.s3.PutBucketLifecycleConfiguration",
        lambda request, **_: sent.append(request.body),
    )
    run("--apply")
    assert b"<ObjectSizeGreaterThan>68803</ObjectSizeGreaterThan>" in sent[0]


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("classic", [(30, "STANDARD_IA"), (90, "GLACIER")]),
        ("none", []),
    ],
)
def test_the_rule_is_the_operators_choice(aws, settings, rule, steps):
    settings.LIFECYCLE_RULE = rule
    told = run("--apply")
    assert f"lifecycle rule: {rule}" in told
    rules = aws.get_bucket_lifecycle_configuration(Bucket="candor-test")["Rules"]
    moves = [t for each in rules for t in each.get("Transitions", ())]
    assert [(t["Days"], t["StorageClass"]) for t in moves] == steps


def test_rules_of_others_stay_as_they_are(aws):
    others = {
        "ID": "logs",
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": 3},
    }
    aws.put_bucket_lifecycle_configuration(
        Bucket="candor-test", LifecycleConfiguration={"Rules": [others]}
    )
    run("--apply")
    run("--apply")
    rules = aws.get_bucket_lifecycle_configuration(Bucket="candor-test")["Rules"]
    assert [rule for rule in rules if rule["ID"] == "logs"] == [others]
    assert len({rule["ID"] for rule in rules}) == len(rules)


def test_a_drift_is_shown_with_both_sides(aws):
    run("--apply")
    aws.put_public_access_block(
        Bucket="candor-test",
        PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": True},
    )
    told = run()
    assert "public access block: differs" in told
    assert '+  "BlockPublicAcls": true' in told


def test_acceleration_is_switched_on_when_asked_for(aws, settings):
    settings.S3_ACCELERATE = True
    assert "acceleration: changed" in run("--apply")
    answer = aws.get_bucket_accelerate_configuration(Bucket="candor-test")
    assert answer["Status"] == "Enabled"


def test_it_says_what_the_renditions_that_are_kept_cost_by_each_rule(aws, response):
    assert "renditions of" not in run()
    recording = factories.make_recording(response)
    for kind, size_bytes in (("playback", 500_000), ("speech", 100_000)):
        Rendition.objects.create(
            recording=recording, kind=kind, object_key=f"org/a/rec/b/{kind}.ogg",
            content_type="audio/ogg", size_bytes=size_bytes, sha256="1" * 64,
        )  # fmt: skip
    told = run()
    assert "2 renditions of 600,000 bytes, kept 730 days: " in told
    costs = {name: float(usd) for name, usd in re.findall(r"(\w+) ([\d.]+) USD", told)}
    assert costs["cheapest"] < costs["classic"] < costs["none"]


def test_without_a_bucket_it_says_what_to_set(settings):
    settings.S3_BUCKET = ""
    with pytest.raises(CommandError, match="S3_BUCKET"):
        run()


def test_a_bucket_that_is_not_there_is_said(s3):
    with pytest.raises(CommandError):
        run("--bucket", "not-there")
