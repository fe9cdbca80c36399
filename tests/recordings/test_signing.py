"""Our presigned URLs are botocore's, byte for byte, whatever is signed."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
import time_machine
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.signing import MAX_LIFETIME_S, Presigner, SigningKey, window_start

BUCKET = "candor-recordings"
AT = datetime(2026, 11, 23, 18, 4, 5, tzinfo=UTC)
PLACES = {
    "path": ("http://127.0.0.1:8333", f"/{BUCKET}"),
    "virtual": (f"https://{BUCKET}.s3.eu-west-1.amazonaws.com", ""),
    "usual port": ("http://storage.example:80", f"/{BUCKET}"),
    "ipv6": ("http://[::1]:9000", f"/{BUCKET}"),
}
_clients = {}

moments = st.integers(950_000_000, 3_700_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
lifetimes = st.integers(1, MAX_LIFETIME_S)
words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60)
plain = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
places = st.sampled_from(sorted(PLACES))


def client(place, token):
    """A cached client of botocore's, as a peer."""
    if (place, token) not in _clients:
        base_url, prefix = PLACES[place]
        style = "path" if prefix else "virtual"
        endpoint = {"endpoint_url": base_url} if prefix else {}
        _clients[place, token] = boto3.client(
            "s3",
            aws_access_key_id="AKIA/EX+AMPLE",
            aws_secret_access_key="secret/key+",
            aws_session_token=token,
            region_name="eu-west-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": style}),
            **endpoint,
        )
    return _clients[place, token]


def theirs(place, operation, parameters, *, at=AT, lifetime_s=60, token=None):
    with time_machine.travel(at, tick=False):
        return client(place, token).generate_presigned_url(
            operation, Params={"Bucket": BUCKET} | parameters, ExpiresIn=lifetime_s
        )


def ours(place, token=None):
    base_url, prefix = PLACES[place]
    key = SigningKey(
        access_key="AKIA/EX+AMPLE", secret_key="secret/key+", region="eu-west-1", token=token
    )
    return Presigner(base_url=base_url, path_prefix=prefix, key=key)


@settings(max_examples=60, deadline=None)
@given(
    place=places, key=words, disposition=words, kind=words, at=moments, lifetime_s=lifetimes,
    token=st.sampled_from([None, "to/ken==", "ü"]),
)  # fmt: skip
def test_a_get_is_signed_as_botocore_signs_it(place, key, disposition, kind, at, lifetime_s, token):
    expected = theirs(
        place,
        "get_object",
        {"Key": key, "ResponseContentDisposition": disposition, "ResponseContentType": kind},
        at=at, lifetime_s=lifetime_s, token=token,
    )  # fmt: skip
    query = {"response-content-disposition": disposition, "response-content-type": kind}
    signed = ours(place, token).presign("GET", key, at=at, lifetime_s=lifetime_s, query=query)
    assert signed == expected


@settings(max_examples=60, deadline=None)
@given(place=places, key=words, kind=plain, size=st.integers(0, 2**40), at=moments)
def test_a_put_is_signed_with_its_length_its_type_and_once(place, key, kind, size, at):
    expected = theirs(
        place,
        "put_object",
        {"Key": key, "ContentType": kind, "ContentLength": size, "IfNoneMatch": "*"},
        at=at,
    )
    headers = {"Content-Type": kind, "Content-Length": str(size), "If-None-Match": "*"}
    assert ours(place).presign("PUT", key, at=at, lifetime_s=60, headers=headers) == expected


@settings(max_examples=60, deadline=None)
@given(place=places, key=words, upload=words, part=st.integers(1, 10_000), size=st.integers(0))
def test_a_part_is_signed_with_its_length(place, key, upload, part, size):
    parameters = {"Key": key, "UploadId": upload, "PartNumber": part, "ContentLength": size}
    query = {"uploadId": upload, "partNumber": str(part)}
    signed = ours(place).presign(
        "PUT", key, at=AT, lifetime_s=60, query=query, headers={"Content-Length": str(size)}
    )
    assert signed == theirs(place, "upload_part", parameters)


@pytest.mark.parametrize(
    ("operation", "method", "parameters"),
    [("head_object", "HEAD", {}), ("delete_object", "DELETE", {}), ("get_object", "GET", {})],
)
def test_a_request_without_parameters_is_signed_alike(operation, method, parameters):
    expected = theirs("path", operation, {"Key": "org/a/rec/b/c"} | parameters)
    assert ours("path").presign(method, "org/a/rec/b/c", at=AT, lifetime_s=60) == expected


def test_parameters_before_and_behind_those_of_the_signature_are_sorted_in():
    """S3 has none in front today; the sorting must not depend on it."""
    signed = ours("path").presign(
        "GET", "a", at=AT, lifetime_s=60, query={"Before": "1", "x-b": "2", "x": "3", "x-a": "4"}
    )
    request = AWSRequest(
        "GET",
        f"http://127.0.0.1:8333/{BUCKET}/a",
        params={"Before": "1", "x-b": "2", "x": "3", "x-a": "4"},
    )
    credentials = Credentials("AKIA/EX+AMPLE", "secret/key+")
    with time_machine.travel(AT, tick=False):
        S3SigV4QueryAuth(credentials, "s3", "eu-west-1", expires=60).add_auth(request)
    assert signed == request.url


def test_one_presigner_signs_for_many_moments_and_headers_in_any_order():
    signer = ours("path")
    later = AT + timedelta(days=1)
    first = signer.presign("GET", "a", at=AT, lifetime_s=60)
    put = signer.presign("PUT", "a", at=AT, lifetime_s=60, headers={"Content-Length": "1"})
    assert signer.presign("GET", "a", at=later, lifetime_s=60) == theirs(
        "path", "get_object", {"Key": "a"}, at=later
    )
    assert put == theirs("path", "put_object", {"Key": "a", "ContentLength": 1})
    assert signer.presign("GET", "a", at=AT, lifetime_s=60) == first


@pytest.mark.parametrize("lifetime_s", [0, -1, MAX_LIFETIME_S + 1])
def test_a_lifetime_that_s3_would_refuse_is_not_signed(lifetime_s):
    with pytest.raises(ValueError, match="seven days"):
        ours("path").presign("GET", "a", at=AT, lifetime_s=lifetime_s)


def test_secrets_do_not_show_in_a_representation():
    key = SigningKey(access_key="AK", secret_key="hush", region="r", token="hush")
    assert "hush" not in repr(key)


@given(at=moments, window_s=st.integers(1, 7200), seconds=st.integers(0, 7199))
def test_every_process_finds_the_same_window(at, window_s, seconds):
    start = window_start(at, window_s)
    assert timedelta() <= at - start < timedelta(seconds=window_s)
    assert start.timestamp() % window_s == 0
    same = start + timedelta(seconds=seconds % window_s)
    assert window_start(same, window_s) == start
