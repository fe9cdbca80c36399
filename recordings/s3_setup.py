"""The configuration of a bucket: read, compared with what it should be, and changed, by parts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ops.failures import StageFailure
from recordings.bucket_rules import Difference, difference, merged, wanted_configuration
from recordings.bucket_settings import bucket_wishes
from recordings.s3_client import client, error_code, plain_errors

UNKNOWN = frozenset({"NotImplemented", "MethodNotAllowed", "501", "405", "XNotImplemented"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How one part of a bucket's configuration is read and written."""

    name: str
    read: Callable[[Any, str], Any]
    write: Callable[[Any, str, Any], Any]
    nothing: str = ""  # the code that says that nothing is set
    has_rules_of_others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """How a part is: as it should be, different, or unknown to the server."""

    part: str
    is_known: bool
    difference: Difference | None
    is_applied: bool = False


PARTS = (
    Part(
        name="cors",
        read=lambda s3, bucket: s3.get_bucket_cors(Bucket=bucket)["CORSRules"],
        write=lambda s3, bucket, rules: s3.put_bucket_cors(
            Bucket=bucket, CORSConfiguration={"CORSRules": rules}
        ),
        nothing="NoSuchCORSConfiguration",
        has_rules_of_others=True,
    ),
    Part(
        name="lifecycle",
        read=lambda s3, bucket: s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"],
        write=lambda s3, bucket, rules: s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": rules}
        ),
        nothing="NoSuchLifecycleConfiguration",
        has_rules_of_others=True,
    ),
    Part(
        name="encryption",
        read=lambda s3, bucket: s3.get_bucket_encryption(Bucket=bucket)[
            "ServerSideEncryptionConfiguration"
        ]["Rules"],
        write=lambda s3, bucket, rules: s3.put_bucket_encryption(
            Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules}
        ),
        nothing="ServerSideEncryptionConfigurationNotFoundError",
    ),
    Part(
        name="public access block",
        read=lambda s3, bucket: s3.get_public_access_block(Bucket=bucket)[
            "PublicAccessBlockConfiguration"
        ],
        write=lambda s3, bucket, block: s3.put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration=block
        ),
        nothing="NoSuchPublicAccessBlockConfiguration",
    ),
    Part(
        name="acceleration",
        read=lambda s3, bucket: s3.get_bucket_accelerate_configuration(Bucket=bucket).get("Status"),
        write=lambda s3, bucket, status: s3.put_bucket_accelerate_configuration(
            Bucket=bucket, AccelerateConfiguration={"Status": status}
        ),
    ),
)


def configure(
    bucket: str, *, parts: Iterable[str] | None = None, is_applied: bool = False
) -> list[PartState]:
    """Return how each part of the bucket is; with `is_applied` those that differ are changed.

    Raises: StageFailure when the server does not answer, or refuses us.
    """
    wanted = wanted_configuration(bucket_wishes())
    names = wanted.keys() if parts is None else parts
    return [
        _configure(part, bucket, wanted[part.name], is_applied=is_applied)
        for part in PARTS
        if part.name in names and part.name in wanted
    ]


def _configure(part: Part, bucket: str, wanted: Any, *, is_applied: bool) -> PartState:
    s3 = client()
    present = _asked(part, lambda: part.read(s3, bucket))
    if present is _UNKNOWN:
        return PartState(part=part.name, is_known=False, difference=None)
    if part.has_rules_of_others:
        wanted = merged(present or [], wanted)
    found = difference(part.name, present, wanted)
    if found is None or not is_applied:
        return PartState(part=part.name, is_known=True, difference=found)
    is_known = _asked(part, lambda: part.write(s3, bucket, wanted)) is not _UNKNOWN
    return PartState(part=part.name, is_known=is_known, difference=found, is_applied=is_known)


_UNKNOWN = object()


def _asked(part: Part, call: Callable[[], Any]) -> Any:
    """Return the answer; None for nothing set, _UNKNOWN where the server knows no such thing.

    Raises: StageFailure
    """
    try:
        with plain_errors():
            return call()
    except FileNotFoundError as error:
        raise StageFailure("config_missing", f"there is no such bucket: {error}") from error
    except StageFailure as failure:
        code = error_code(failure)
        if part.nothing and code == part.nothing:
            return None
        if code in UNKNOWN:
            return _UNKNOWN
        raise
