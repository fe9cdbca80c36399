"""The table of failures: every real error finds its own row."""

import errno
import json
import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import av
import httpx
import openai
import psycopg
import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError

from ops import failures, retry
from ops.failures import FAILURES, StageFailure, classify, retry_after_s

REQUEST = httpx.Request("POST", "https://api.openai.com/v1/audio/transcriptions")


def answer(status, text="", *, code=None, kind=None, headers=None):
    """What the openai client raises for this answer of the API."""
    body = {"error": {"message": text, "code": code, "type": kind}}
    response = httpx.Response(status, json=body, headers=headers, request=REQUEST)
    return openai.OpenAI(api_key="x")._make_status_error_from_response(response)


def raised_from(outer, inner):
    """`outer` as raised from `inner`."""
    outer.__cause__ = inner
    return outer


def s3(code, status=400, text=""):
    return aws.ClientError(
        {
            "Error": {"Code": code, "Message": text},
            "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        },
        "GetObject",
    )


def postgres(outer, sqlstate, text):
    """What Django raises for this answer of PostgreSQL."""
    return raised_from(outer(text), psycopg.errors.lookup(sqlstate)(text))


def os_error(number, text="x"):
    return OSError(number, text)


def opened(path):
    try:
        av.open(str(path))
    except Exception as error:  # noqa: BLE001 - it is what we want
        return error
    raise AssertionError(f"{path} can be opened")


CORPUS = [
    # openai, as its own client builds them
    ("auth_failed", answer(401, "Incorrect API key provided: sk-x", code="invalid_api_key")),
    ("auth_failed", answer(401, "You must be a member of an organization to use the API")),
    ("auth_failed", answer(403, "Country, region, or territory not supported")),
    ("quota_exhausted", answer(429, "You exceeded your current quota", code="insufficient_quota")),
    ("quota_exhausted", answer(429, "You exceeded your current quota, please check your plan")),
    ("quota_exhausted", answer(400, "Billing hard limit", code="billing_hard_limit_reached")),
    ("rate_limited", answer(429, "Rate limit reached for gpt", code="rate_limit_exceeded")),
    ("rate_limited", answer(429, "Rate limit reached for requests", kind="requests")),
    ("rate_limited", answer(429, "Limit: 40000 / min. Current: 41000", kind="tokens")),
    ("provider_5xx", answer(500, "The server had an error", kind="server_error")),
    ("provider_5xx", answer(502, "Bad gateway.")),
    ("provider_overloaded", answer(503, "The engine is currently overloaded")),
    ("provider_overloaded", answer(503, "Slow Down")),
    ("provider_overloaded", answer(529, "Overloaded")),
    ("network_timeout", openai.APITimeoutError(request=REQUEST)),
    ("network_timeout", raised_from(openai.APITimeoutError(REQUEST), httpx.ReadTimeout("read"))),
    ("connection_failed", openai.APIConnectionError(request=REQUEST)),
    (
        "connection_failed",
        raised_from(
            openai.APIConnectionError(request=REQUEST),
            httpx.ConnectError("[Errno 111] Connection refused"),
        ),
    ),
    (
        "dns_failure",
        raised_from(
            openai.APIConnectionError(request=REQUEST),
            httpx.ConnectError("[Errno -2] Name or service not known"),
        ),
    ),
    ("context_too_long", answer(400, "too long", code="context_length_exceeded")),
    ("context_too_long", answer(400, "This model's maximum context length is 8192 tokens.")),
    ("content_filtered", answer(400, "filtered", code="content_filter")),
    ("content_filtered", answer(400, "Your request was rejected", code="content_policy_violation")),
    ("content_filtered", openai.ContentFilterFinishReasonError()),
    ("audio_rejected", answer(400, "Audio file might be corrupted or unsupported")),
    ("audio_rejected", answer(400, "Invalid file format. Supported formats: ['flac', 'm4a']")),
    ("audio_rejected", answer(400, "Audio file is too short.", code="audio_too_short")),
    ("audio_rejected", answer(413, "Maximum content size limit (26214400) exceeded")),
    ("config_missing", answer(404, "The model `gpt-9` does not exist", code="model_not_found")),
    ("output_invalid", openai.APIResponseValidationError(httpx.Response(200, request=REQUEST), {})),
    # httpx and sockets
    ("network_timeout", httpx.ConnectTimeout("timed out")),
    ("network_timeout", httpx.PoolTimeout("pool")),
    ("connection_failed", httpx.ConnectError("All connection attempts failed")),
    ("connection_failed", httpx.RemoteProtocolError("Server disconnected without a response.")),
    ("dns_failure", httpx.ConnectError("[Errno -3] Temporary failure in name resolution")),
    ("dns_failure", socket.gaierror(-2, "Name or service not known")),
    ("network_timeout", TimeoutError("timed out")),
    ("connection_failed", ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")),
    ("connection_failed", ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")),
    ("connection_failed", BrokenPipeError(errno.EPIPE, "Broken pipe")),
    ("connection_failed", os_error(errno.EHOSTUNREACH, "No route to host")),
    ("connection_failed", ssl.SSLCertVerificationError("certificate verify failed")),
    # object storage
    ("media_missing", s3("NoSuchKey", 404, "The specified key does not exist.")),
    ("media_missing", s3("404", 404, "Not Found")),
    ("storage_denied", s3("AccessDenied", 403, "Access Denied")),
    ("storage_denied", s3("403", 403, "Forbidden")),
    ("storage_denied", s3("InvalidAccessKeyId", 403)),
    ("storage_denied", s3("SignatureDoesNotMatch", 403)),
    ("storage_denied", s3("ExpiredToken", 400)),
    ("storage_unavailable", s3("SlowDown", 503, "Please reduce your request rate.")),
    ("storage_unavailable", s3("InternalError", 500, "We encountered an internal error")),
    ("storage_unavailable", s3("Unheard", 503)),
    ("storage_unavailable", aws.EndpointConnectionError(endpoint_url="https://s3.test")),
    ("storage_unavailable", aws.ConnectTimeoutError(endpoint_url="https://s3.test")),
    ("storage_unavailable", aws.ReadTimeoutError(endpoint_url="https://s3.test")),
    ("storage_unavailable", aws.ConnectionClosedError(endpoint_url="https://s3.test")),
    ("storage_unavailable", aws.IncompleteReadError(actual_bytes=1, expected_bytes=2)),
    ("storage_unavailable", aws.SSLError(endpoint_url="https://s3.test", error="bad handshake")),
    ("storage_unavailable", ResponseParserError("Unable to parse response")),
    ("storage_unavailable", s3("BadDigest", 400, "The Content-Md5 you specified did not match")),
    ("storage_clock_wrong", s3("RequestTimeTooSkewed", 403, "The difference between")),
    ("disk_full", s3("XMinioStorageFull", 507, "Storage backend has reached its minimum")),
    ("disk_full", s3("QuotaExceeded", 403, "The quota of the bucket is used up")),
    ("config_missing", s3("NoSuchBucket", 404, "The specified bucket does not exist")),
    ("config_missing", aws.NoCredentialsError()),
    # the database
    ("database_busy", OperationalError("database is locked")),
    ("database_busy", OperationalError("database table is locked: ops_job")),
    ("database_busy", OperationalError("deadlock detected")),
    ("database_busy", OperationalError("could not serialize access due to concurrent update")),
    ("database_unavailable", OperationalError("server closed the connection unexpectedly")),
    ("database_unavailable", OperationalError("connection failed: Connection refused")),
    ("database_unavailable", OperationalError("unable to open database file")),
    ("database_unavailable", InterfaceError("connection already closed")),
    ("database_busy", postgres(OperationalError, "40P01", "deadlock detected")),
    (
        "database_busy",
        postgres(OperationalError, "55P03", "canceling statement due to lock timeout"),
    ),
    (
        "database_unavailable",
        postgres(OperationalError, "57P01", "terminating connection due to administrator command"),
    ),
    (
        "database_unavailable",
        postgres(OperationalError, "57P03", "the database system is starting up"),
    ),
    (
        "database_unavailable",
        postgres(OperationalError, "53300", "sorry, too many clients already"),
    ),
    (
        "database_unavailable",
        postgres(InternalError, "25P03", "terminating connection due to idle-in-transaction"),
    ),
    (
        "database_unavailable",
        postgres(InternalError, "25006", "cannot execute UPDATE in a read-only transaction"),
    ),
    ("unknown", postgres(InternalError, "25P02", "current transaction is aborted")),
    ("disk_full", postgres(OperationalError, "53100", "could not extend file: No space left")),
    ("disk_full", OperationalError("database or disk is full")),
    ("permission_denied", OperationalError("attempt to write a readonly database")),
    ("config_missing", OperationalError("no such table: ops_job")),
    ("config_missing", ProgrammingError('relation "ops_job" does not exist')),
    # files and the machine
    ("disk_full", os_error(errno.ENOSPC, "No space left on device")),
    ("disk_full", os_error(errno.EDQUOT, "Disk quota exceeded")),
    ("permission_denied", PermissionError(errno.EACCES, "Permission denied")),
    ("permission_denied", os_error(errno.EROFS, "Read-only file system")),
    ("file_not_found", FileNotFoundError(errno.ENOENT, "No such file or directory", "/x")),
    ("config_missing", FileNotFoundError(errno.ENOENT, "No such file or directory", "ffmpeg")),
    ("out_of_memory", MemoryError()),
    ("out_of_memory", os_error(errno.ENOMEM, "Cannot allocate memory")),
    ("out_of_memory", RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")),
    ("out_of_memory", RuntimeError("CUDA failed with error out of memory")),
    ("out_of_memory", RuntimeError("std::bad_alloc")),
    ("stage_timeout", subprocess.TimeoutExpired(["ffmpeg"], 60)),
    ("worker_lost", SystemExit(1)),
    # media
    ("invalid_media", av.error.InvalidDataError(1094995529, "Invalid data found", "a.webm")),
    ("invalid_media", av.error.EOFError(541478725, "End of file", "a.mp4")),
    ("invalid_media", RuntimeError("[mov,mp4] moov atom not found")),
    ("no_audio_track", RuntimeError("Output file #0 does not contain any stream")),
    ("file_not_found", av.error.FileNotFoundError(2, "No such file or directory", "a.webm")),
    ("out_of_memory", av.error.MemoryError(12, "Cannot allocate memory", "a.webm")),
    # models and what they say
    ("config_missing", RuntimeError("Unable to open file 'model.bin' in model '/models/base'")),
    ("config_missing", ModuleNotFoundError("No module named 'faster_whisper'")),
    ("config_missing", ImproperlyConfigured("Set the OPENAI_API_KEY environment variable")),
    ("model_loading", RuntimeError("Model openai/whisper is currently loading")),
    ("output_invalid", json.JSONDecodeError("Expecting value", "", 0)),
    # words alone, where nothing else is known
    ("auth_failed", Exception("Invalid API key provided")),
    ("rate_limited", Exception("429 Too Many Requests")),
    ("network_timeout", Exception("The read operation timed out")),
    ("dns_failure", Exception("Could not resolve host: api.example.org")),
    ("unknown", Exception("the flux capacitor wobbles")),
    ("unknown", KeyError("timeout_s")),
    ("unknown", ValueError("500 words expected, 401 found")),
    # ours
    ("media_too_long", StageFailure("media_too_long", "3600 s")),
    ("no_audio_track", raised_from(StageFailure("no_audio_track"), os_error(errno.ENOSPC))),
    ("breaker_open", StageFailure("breaker_open", retry_after_s=12)),
]


@pytest.mark.parametrize(
    ("code", "error"), CORPUS, ids=[f"{i} {c}" for i, (c, _) in enumerate(CORPUS)]
)
def test_a_real_error_is_recognised(code, error):
    assert classify(error).code == code


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(CORPUS) >= 60


@pytest.mark.parametrize("failure", FAILURES.values(), ids=lambda f: f.code)
def test_every_example_finds_its_own_row(failure):
    for example in failure.examples:
        assert failures.match(example.facts)[0] == failure.code, example


@pytest.mark.parametrize("failure", FAILURES.values(), ids=lambda f: f.code)
def test_every_row_speaks_to_people_and_has_a_policy(failure):
    assert failure.policy in retry.POLICIES
    for text in (failure.message, failure.suggestion):
        assert text[0].isupper()
        assert text.endswith((".", ")."))
        assert failure.code not in text
    if failure.rules and failure.code != "unknown":
        assert failure.examples


DESIGNED = """output_invalid database_busy network_timeout connection_failed dns_failure
provider_5xx storage_unavailable unknown rate_limited provider_overloaded breaker_open
database_unavailable disk_full model_loading quota_exhausted auth_failed audio_rejected
invalid_media no_audio_track media_too_long media_missing storage_denied content_filtered
context_too_long config_missing worker_lost out_of_memory stage_timeout permission_denied
file_not_found"""


def test_all_codes_of_the_design_are_there():
    assert set(FAILURES) >= set(DESIGNED.split())


def test_a_file_that_is_no_media_is_recognised(tmp_path):
    (tmp_path / "a.webm").write_text("not a recording")
    assert classify(opened(tmp_path / "a.webm")).code == "invalid_media"
    assert classify(opened(tmp_path / "nowhere.webm")).code == "file_not_found"


def test_a_missing_key_of_the_openai_client_is_a_matter_of_settings(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(openai.OpenAIError) as caught:
        openai.OpenAI()
    assert classify(caught.value).code == "config_missing"


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_the_other_side_asks_for_is_read(headers, wait_s):
    assert retry_after_s(answer(429, "slow", headers=headers)) == wait_s


def test_a_wait_may_be_a_date():
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    wait_s = retry_after_s(answer(429, "slow", headers={"retry-after": until}))
    assert 85 < wait_s <= 90


def test_a_wait_of_object_storage_and_of_our_own_failures_is_read():
    error = s3("SlowDown", 503)
    error.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] = "3"
    assert retry_after_s(error) == 3
    assert retry_after_s(StageFailure("rate_limited", retry_after_s=4)) == 4


def test_an_unheard_code_of_ours_is_not_an_error_in_itself():
    assert classify(StageFailure("no_such_code")).code == "unknown"
