"""How a bucket should be set up, and who may do what in it. Pure: data in the words of S3's API.

Rules of other people in the same bucket stay: ours are known by the beginning of their names.
"""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recordings.lifecycle import SizeBand

OURS = "candor-"
ABORT_UPLOADS_DAYS = 1  # S3's shortest; the server itself aborts what is stale much sooner
OLD_VERSIONS_DAYS = 1  # where somebody has switched versioning on, deleted still means deleted
QUARANTINE_DAYS = 35  # what was refused may be looked at again until its dead letter expires
CORS_MAX_AGE_S = 3600

Configuration = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketWishes:
    """What the settings say about the bucket."""

    origin: str  # of our pages: scheme, host and port
    object_prefix: str  # of all that is kept
    quarantine_prefix: str  # of what has arrived and was not looked at
    bands: Sequence[SizeBand]
    kms_key: str = ""  # "": encrypted with S3's own keys
    is_accelerated: bool = False  # False: left as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One part of a bucket's configuration that is not as it should be."""

    part: str
    lines: tuple[str, ...]  # a unified diff of both as JSON


def wanted_configuration(wishes: BucketWishes) -> Configuration:
    """Return every part of the configuration that is ours to set."""
    wanted: Configuration = {
        "cors": cors_rules(wishes),
        "lifecycle": lifecycle_rules(wishes),
        "encryption": encryption(wishes),
        "public access block": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    }
    if wishes.is_accelerated:
        wanted["acceleration"] = "Enabled"
    return wanted


def cors_rules(wishes: BucketWishes) -> list[Configuration]:
    """Return what lets a browser put parts and read their ETag, from our pages only."""
    return [
        {
            "ID": f"{OURS}pages",
            "AllowedOrigins": [wishes.origin],
            "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["content-type", "if-none-match", "range", "x-amz-*"],
            "ExposeHeaders": ["ETag", "Content-Range"],
            "MaxAgeSeconds": CORS_MAX_AGE_S,
        }
    ]


def lifecycle_rules(wishes: BucketWishes) -> list[Configuration]:
    """Return the rules: what moves when, and what is swept up.

    None deletes a recording: that is the retention's, which knows consent and leaves a tombstone.
    """
    moves = [band for band in wishes.bands if band.steps]
    return [
        *(_moving(number, band, wishes) for number, band in enumerate(moves, start=1)),
        {
            "ID": f"{OURS}quarantine",
            "Status": "Enabled",
            "Filter": {"Prefix": wishes.quarantine_prefix},
            "Expiration": {"Days": QUARANTINE_DAYS},
        },
        {
            "ID": f"{OURS}sweep",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_UPLOADS_DAYS},
            "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSIONS_DAYS},
        },
    ]


def _moving(number: int, band: SizeBand, wishes: BucketWishes) -> Configuration:
    # A size is always named: without one S3 moves nothing of less than 128 KB.
    chosen: Configuration = {
        "Prefix": wishes.object_prefix,
        "ObjectSizeGreaterThan": band.above_bytes,
    }
    if band.up_to_bytes is not None:
        chosen["ObjectSizeLessThan"] = band.up_to_bytes + 1
    return {
        "ID": f"{OURS}move-{number}",
        "Status": "Enabled",
        "Filter": {"And": chosen},
        "Transitions": [
            {"Days": step.day, "StorageClass": step.storage_class} for step in band.steps
        ],
    }


def encryption(wishes: BucketWishes) -> list[Configuration]:
    """Return how objects are encrypted at rest."""
    if not wishes.kms_key:
        return [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": wishes.kms_key}
    # A bucket key saves a call of KMS for every object.
    return [{"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": True}]


def merged(present: Sequence[Configuration], ours: Sequence[Configuration]) -> list[Configuration]:
    """Return our rules behind those of others, which stay as they are."""
    return [rule for rule in present if not is_ours(rule)] + list(ours)


def is_ours(rule: Mapping[str, Any]) -> bool:
    """Whether we wrote a rule."""
    return str(rule.get("ID", "")).startswith(OURS)


def difference(part: str, present: object, wanted: object) -> Difference | None:
    """Compare a part as it is with how it should be; None when it is so."""
    if plain(present) == plain(wanted):
        return None
    lines = difflib.unified_diff(
        _text(present), _text(wanted), "as it is", "as it should be", lineterm="", n=100
    )
    return Difference(part=part, lines=tuple(lines))


def plain(value: object) -> object:
    """Return a configuration without what says nothing: empty, false, or S3's own default."""
    if isinstance(value, Mapping):
        rows = {name: plain(each) for name, each in value.items() if name != "Prefix" or each}
        return {name: each for name, each in rows.items() if each not in (None, False, "", [], {})}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _text(value: object) -> list[str]:
    return json.dumps(plain(value), indent=2, sort_keys=True).splitlines()


def application_policy(
    bucket: str, prefixes: Iterable[str], *, kms_key_arn: str = ""
) -> Configuration:
    """Return the least that Candor's own credentials must be allowed."""
    arn = f"arn:aws:s3:::{bucket}"
    statements: list[Configuration] = [
        {
            "Sid": "Objects",
            "Effect": "Allow",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
                "s3:RestoreObject",
            ],
            "Resource": [f"{arn}/{prefix}*" for prefix in prefixes],
        },
        {
            # Without it a missing object is a 403, which looks like a fault of ours.
            "Sid": "TellMissingFromForbidden",
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": arn,
        },
    ]
    if kms_key_arn:
        statements.append(
            {
                "Sid": "Key",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": kms_key_arn,
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def operator_policy(bucket: str) -> Configuration:
    """Return what `manage.py configure_bucket` needs, and nothing else does."""
    parts = (
        "AccelerateConfiguration",
        "BucketCORS",
        "BucketPublicAccessBlock",
        "EncryptionConfiguration",
        "LifecycleConfiguration",
    )
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ConfigureBucket",
                "Effect": "Allow",
                "Action": [f"s3:{verb}{part}" for part in parts for verb in ("Get", "Put")],
                "Resource": f"arn:aws:s3:::{bucket}",
            }
        ],
    }
