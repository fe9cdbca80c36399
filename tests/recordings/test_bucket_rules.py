"""The bucket as the settings want it, what differs, and the least that is allowed in it."""

from recordings.bucket_rules import (
    BucketWishes,
    application_policy,
    difference,
    lifecycle_rules,
    merged,
    operator_policy,
    wanted_configuration,
)
from recordings.lifecycle import CLASSIC, SizeBand, Step

IR = (Step(day=31, storage_class="GLACIER_IR"),)
BANDS = (
    SizeBand(above_bytes=0, up_to_bytes=70_000, steps=()),
    SizeBand(above_bytes=70_000, up_to_bytes=500_000, steps=IR),
    SizeBand(above_bytes=500_000, up_to_bytes=None, steps=CLASSIC),
)


def wishes(**said):
    known = {
        "origin": "https://candor.example",
        "object_prefix": "org/",
        "quarantine_prefix": "quarantine/",
        "bands": BANDS,
    }
    return BucketWishes(**known | said)


def test_each_band_that_moves_becomes_a_rule_with_its_sizes():
    small, large = lifecycle_rules(wishes())[:2]
    assert small["Filter"]["And"] == {
        "Prefix": "org/", "ObjectSizeGreaterThan": 70_000, "ObjectSizeLessThan": 500_001,
    }  # fmt: skip
    assert small["Transitions"] == [{"Days": 31, "StorageClass": "GLACIER_IR"}]
    assert large["Filter"]["And"] == {"Prefix": "org/", "ObjectSizeGreaterThan": 500_000}
    assert [step["Days"] for step in large["Transitions"]] == [30, 90]


def test_no_rule_deletes_what_is_kept():
    for rule in lifecycle_rules(wishes()):
        assert "Expiration" not in rule or rule["Filter"] == {"Prefix": "quarantine/"}


def test_uploads_that_never_end_are_swept_up():
    sweep = lifecycle_rules(wishes())[-1]
    assert sweep["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert sweep["Filter"] == {"Prefix": ""}


def test_only_our_pages_may_ask_across_origins():
    (rule,) = wanted_configuration(wishes())["cors"]
    assert rule["AllowedOrigins"] == ["https://candor.example"]
    assert set(rule["AllowedMethods"]) == {"GET", "PUT"}
    assert "ETag" in rule["ExposeHeaders"]


def test_objects_are_encrypted_by_s3_or_by_the_key_that_is_named():
    ((plain,), (keyed,)) = (
        wanted_configuration(wishes(kms_key=key))["encryption"] for key in ("", "key-1")
    )
    assert plain["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert keyed["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "key-1"


def test_acceleration_is_left_alone_unless_it_is_asked_for():
    assert "acceleration" not in wanted_configuration(wishes())
    assert wanted_configuration(wishes(is_accelerated=True))["acceleration"] == "Enabled"


def test_nobody_gets_in_publicly():
    assert set(wanted_configuration(wishes())["public access block"].values()) == {True}


def test_rules_of_others_stay():
    others = [{"ID": "logs", "Expiration": {"Days": 1}}, {"Filter": {}}]
    present = [*others, {"ID": "candor-move-1", "Status": "Disabled"}]
    assert merged(present, [{"ID": "candor-sweep"}]) == [*others, {"ID": "candor-sweep"}]


def test_a_difference_shows_both_sides():
    found = difference("cors", [{"ID": "a", "MaxAgeSeconds": 5}], [{"ID": "a", "MaxAgeSeconds": 9}])
    assert any(line.startswith("-") and "5" in line for line in found.lines)
    assert any(line.startswith("+") and "9" in line for line in found.lines)


def test_what_a_server_adds_or_leaves_out_is_no_difference():
    wanted = [{"Filter": {"Prefix": ""}, "Rules": {"B": True}, "X": False}]
    assert difference("x", [{"Rules": {"B": True}, "Filter": {}, "Prefix": ""}], wanted) is None


def test_the_application_may_do_little_and_only_under_its_prefixes():
    policy = application_policy("box", ["org/", "quarantine/"])
    objects, bucket = policy["Statement"]
    assert objects["Resource"] == ["arn:aws:s3:::box/org/*", "arn:aws:s3:::box/quarantine/*"]
    actions = {*objects["Action"], *bucket["Action"]}
    assert not any("*" in action for action in actions)
    assert not any(action.startswith(("s3:PutBucket", "s3:PutLifecycle")) for action in actions)
    keyed = application_policy("box", ["org/"], kms_key_arn="arn:aws:kms:::key/1")
    assert keyed["Statement"][-1]["Resource"] == "arn:aws:kms:::key/1"


def test_the_operator_may_read_and_write_each_part_that_is_configured():
    (statement,) = operator_policy("box")["Statement"]
    assert len(statement["Action"]) == 2 * len(wanted_configuration(wishes(is_accelerated=True)))
