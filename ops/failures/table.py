"""Every failure: how to tell, what to say, whether to try again. Pure data."""

from ops.failures.rows import Example, Failure, Rule

_DJANGO_DB = ("django.db.utils.OperationalError", "sqlite3.OperationalError")
_OPENAI_BAD_REQUEST = ("openai.BadRequestError", "openai.UnprocessableEntityError")
_FFMPEG = ("av.error.FFmpegError",)

_TABLE = (
    # --- tried again at once -----------------------------------------------------------------
    Failure(
        code="output_invalid",
        message="The model's answer did not have the agreed form.",
        suggestion="Candor asks again. If it keeps failing, choose another model.",
        policy="immediate",
        rules=(
            Rule(
                types=(
                    "openai.LengthFinishReasonError",
                    "openai.APIResponseValidationError",
                    "json.decoder.JSONDecodeError",
                    "pydantic_core._pydantic_core.ValidationError",
                    "jsonschema.exceptions.ValidationError",
                )
            ),
            Rule(text=r"(response|output) (did not match|does not match) the .*schema"),
        ),
        examples=(
            Example(type="json.decoder.JSONDecodeError", text="Expecting value: line 1 column 1"),
            Example(type="openai.LengthFinishReasonError", text="length limit was reached"),
        ),
    ),
    Failure(
        code="database_busy",
        message="The database was busy for a moment.",
        suggestion="Nothing to do: Candor tries again.",
        policy="immediate",
        rules=(
            Rule(codes=("SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED")),
            Rule(codes=("40001", "40P01", "55P03")),  # PostgreSQL: conflict, deadlock, lock timeout
            Rule(
                types=_DJANGO_DB,
                text=r"database (table )?is locked|deadlock detected|could not serialize access",
            ),
            Rule(text=r"database (table )?is locked|deadlock detected"),
        ),
        examples=(
            Example(type="django.db.utils.OperationalError", text="database is locked"),
            Example(type="django.db.utils.OperationalError", text="deadlock detected"),
        ),
    ),
    # --- tried again after a growing pause ---------------------------------------------------
    Failure(
        code="network_timeout",
        message="A service on the network did not answer in time.",
        suggestion="Candor tries again. If it keeps failing, check the network connection.",
        policy="network",
        rules=(
            Rule(
                types=(
                    "openai.APITimeoutError",
                    "httpx.TimeoutException",
                    "httpcore.TimeoutException",
                    "builtins.TimeoutError",
                )
            ),
            Rule(codes=("ETIMEDOUT",)),
            Rule(statuses=(408, 504)),
            Rule(text=r"\btimed? ?out\b"),
        ),
        examples=(
            Example(type="openai.APITimeoutError", text="Request timed out."),
            Example(type="builtins.TimeoutError", text="timed out"),
            Example(status=504, text="Gateway Timeout"),
        ),
    ),
    Failure(
        code="connection_failed",
        message="A service on the network could not be reached.",
        suggestion="Candor tries again. If it keeps failing, check the network connection.",
        policy="network",
        rules=(
            Rule(
                types=(
                    "openai.APIConnectionError",
                    "httpx.TransportError",
                    "httpcore.NetworkError",
                    "httpcore.ProtocolError",
                    "builtins.ConnectionError",
                    "ssl.SSLError",
                    "http.client.HTTPException",
                )
            ),
            Rule(
                codes=(
                    "ECONNREFUSED",
                    "ECONNRESET",
                    "ECONNABORTED",
                    "EPIPE",
                    "EHOSTUNREACH",
                    "ENETUNREACH",
                )
            ),
            Rule(text=r"connection (refused|reset|aborted|error)|network is unreachable"),
            Rule(text=r"remote end closed connection|server disconnected|no route to host"),
        ),
        examples=(
            Example(type="openai.APIConnectionError", text="Connection error."),
            Example(type="builtins.ConnectionResetError", code="ECONNRESET"),
        ),
    ),
    Failure(
        code="dns_failure",
        message="The name of a service could not be resolved.",
        suggestion="Candor tries again. If it keeps failing, check DNS and the service's address.",
        policy="network",
        rules=(
            Rule(types=("socket.gaierror",)),
            Rule(
                types=("httpx.ConnectError", "httpcore.ConnectError"),
                text=r"name resolution|name or service not known|getaddrinfo|nodename nor servname",
            ),
            Rule(text=r"name resolution|name or service not known|getaddrinfo failed"),
            Rule(text=r"nodename nor servname|could not resolve host"),
        ),
        examples=(
            Example(type="socket.gaierror", text="[Errno -2] Name or service not known"),
            Example(text="Temporary failure in name resolution"),
        ),
    ),
    Failure(
        code="provider_5xx",
        message="The outside service reported a fault of its own.",
        suggestion="Candor tries again. The service's status page may know more.",
        policy="service",
        rules=(
            Rule(types=("openai.InternalServerError",)),
            Rule(types=("openai.APIError",), codes=("server_error",)),
            Rule(statuses=(500, 501, 502, 503, 520, 521, 522, 523, 524)),
            Rule(text=r"internal server error|bad gateway|service unavailable"),
        ),
        examples=(
            Example(type="openai.InternalServerError", status=500, text="Error code: 500"),
            Example(status=502, text="Bad Gateway"),
        ),
    ),
    Failure(
        code="storage_unavailable",
        message="The storage of recordings could not be reached.",
        suggestion="Candor tries again. If it keeps failing, check the storage service.",
        policy="service",
        rules=(
            Rule(
                types=(
                    "botocore.exceptions.ConnectionError",
                    "botocore.exceptions.EndpointConnectionError",
                    "botocore.exceptions.ConnectTimeoutError",
                    "botocore.exceptions.ReadTimeoutError",
                    "botocore.exceptions.HTTPClientError",
                    "botocore.exceptions.IncompleteReadError",
                    "botocore.parsers.ResponseParserError",
                    "boto3.exceptions.S3UploadFailedError",
                )
            ),
            Rule(types=("botocore.exceptions.ClientError",), statuses=(500, 502, 503, 504)),
            Rule(
                types=("botocore.exceptions.ClientError",),
                codes=(
                    "InternalError",
                    "ServiceUnavailable",
                    "SlowDown",
                    "RequestTimeout",
                    "OperationAborted",
                    "BadDigest",  # bytes were changed on the way
                    "XAmzContentSHA256Mismatch",
                    "XAmzContentChecksumMismatch",
                    "IncompleteBody",
                    "Throttling",
                    "ThrottlingException",
                    "500",
                    "502",
                    "503",
                    "504",
                ),
            ),
        ),
        examples=(
            Example(type="botocore.exceptions.ClientError", code="SlowDown", status=503),
            Example(type="botocore.exceptions.EndpointConnectionError"),
        ),
    ),
    Failure(
        code="unknown",
        message="Something went wrong that Candor does not know yet.",
        suggestion="Candor tries again. If it keeps failing, give the support reference to staff.",
        policy="processing",
        examples=(Example(text="something nobody has seen"),),
    ),
    # --- tried again when the other side is ready; costs no attempt ---------------------------
    Failure(
        code="rate_limited",
        message="The outside service asks to be called less often.",
        suggestion="Nothing to do: Candor waits as long as the service asks.",
        policy="smart",
        rules=(
            Rule(types=("openai.RateLimitError",)),
            Rule(codes=("rate_limit_exceeded", "requests", "tokens")),
            Rule(statuses=(429,)),
            Rule(text=r"rate.?limit|too many requests"),
        ),
        examples=(
            Example(
                type="openai.RateLimitError",
                code="rate_limit_exceeded",
                status=429,
                text="Rate limit reached for requests",
            ),
            Example(status=429, text="Too Many Requests"),
        ),
    ),
    Failure(
        code="provider_overloaded",
        message="The outside service has too much to do at the moment.",
        suggestion="Nothing to do: Candor waits and tries again.",
        policy="smart",
        rules=(
            Rule(types=("openai.InternalServerError",), statuses=(503, 529)),
            Rule(types=("openai.APIError",), text=r"overloaded|at capacity"),
            Rule(codes=("overloaded_error", "engine_overloaded", "slow_down")),
            Rule(statuses=(529,)),
            Rule(statuses=(503,), text=r"overloaded|at capacity"),
        ),
        examples=(
            Example(type="openai.InternalServerError", status=503, text="overloaded or not ready"),
            Example(status=529, text="Overloaded"),
        ),
    ),
    Failure(
        code="breaker_open",
        message="The outside service failed too often just now; Candor gives it a rest.",
        suggestion="Nothing to do: work resumes as soon as the service answers again.",
        policy="smart",
        next_engine=True,
    ),
    Failure(
        code="database_unavailable",
        message="The database could not be reached.",
        suggestion="Candor tries again. Staff: check that the database runs.",
        policy="smart",
        alert=True,
        rules=(
            Rule(types=("django.db.utils.OperationalError", "django.db.utils.InterfaceError")),
            Rule(types=("psycopg.OperationalError",)),
            Rule(codes=("SQLITE_CANTOPEN", "SQLITE_IOERR")),
            # PostgreSQL: shut down, crashed, starting, full; a transaction cut off; a standby
            Rule(codes=("57P01", "57P02", "57P03", "53300", "25P03", "25P04", "25006")),
            Rule(text=r"unable to open database file|too many clients already"),
        ),
        examples=(
            Example(
                type="django.db.utils.OperationalError",
                text="connection to server at 127.0.0.1 failed: Connection refused",
            ),
            Example(type="django.db.utils.InterfaceError", text="connection already closed"),
        ),
    ),
    # --- tried again after a fixed pause -----------------------------------------------------
    Failure(
        code="disk_full",
        message="There is no space left on the disk.",
        suggestion="Staff: free some space. Candor tries again every minute for a while.",
        policy="fixed",
        alert=True,
        rules=(
            Rule(codes=("ENOSPC", "EDQUOT", "SQLITE_FULL", "53100")),
            Rule(
                types=("botocore.exceptions.ClientError",),
                codes=("QuotaExceeded", "StorageFull", "XMinioStorageFull", "InsufficientStorage"),
            ),
            Rule(types=("botocore.exceptions.ClientError",), statuses=(507,)),
            Rule(types=_DJANGO_DB, text=r"database or disk is full"),
            Rule(text=r"no space left on device|disk is full|disk quota exceeded"),
        ),
        examples=(
            Example(type="builtins.OSError", code="ENOSPC", text="No space left on device"),
            Example(type="django.db.utils.OperationalError", text="database or disk is full"),
        ),
    ),
    Failure(
        code="model_loading",
        message="The model is still being loaded.",
        suggestion="Nothing to do: Candor tries again in a minute.",
        policy="fixed",
        rules=(
            Rule(statuses=(503,), text=r"model\b.{0,60}\bis (currently )?(being )?load(ing|ed)"),
            Rule(text=r"model\b.{0,60}\bis (currently )?(being )?load(ing|ed)"),
        ),
        examples=(Example(status=503, text="Model whisper-base is currently loading"),),
    ),
    Failure(
        code="storage_clock_wrong",
        message="The clocks of Candor and of the storage of recordings differ too much.",
        suggestion="Staff: set this machine's clock by NTP. Candor tries again every minute.",
        policy="fixed",
        alert=True,
        rules=(
            Rule(
                types=("botocore.exceptions.ClientError",),
                codes=("RequestTimeTooSkewed", "RequestExpired"),
            ),
        ),
        examples=(
            Example(
                type="botocore.exceptions.ClientError",
                code="RequestTimeTooSkewed",
                status=403,
                text="The difference between the request time and the server's time is too large.",
            ),
        ),
    ),
    # --- another engine may do it ------------------------------------------------------------
    Failure(
        code="budget_exceeded",
        message="The organization's budget of this month is used up.",
        suggestion=(
            "Local engines go on. Raise the budget on the organization's page, or wait for the "
            "next month; then process the session again."
        ),
        policy="never",
        next_engine=True,
        rules=(Rule(codes=("budget_exceeded",)),),
        examples=(Example(type="ops.failures.rows.StageFailure", code="budget_exceeded"),),
    ),
    Failure(
        code="quota_exhausted",
        message="The outside service's quota or credit is used up.",
        suggestion="Staff: raise the limit or add credit, then retry; or use a local engine.",
        policy="never",
        next_engine=True,
        alert=True,
        rules=(
            Rule(
                codes=(
                    "insufficient_quota",
                    "billing_hard_limit_reached",
                    "billing_not_active",
                    "access_terminated",
                )
            ),
            Rule(types=("openai.RateLimitError",), text=r"exceeded your current quota"),
            Rule(statuses=(402,)),
            Rule(statuses=(429,), text=r"exceeded your current quota|insufficient_quota"),
            Rule(text=r"exceeded your current quota|billing hard limit"),
        ),
        examples=(
            Example(
                type="openai.RateLimitError",
                code="insufficient_quota",
                status=429,
                text="You exceeded your current quota",
            ),
            Example(status=402, text="Payment Required"),
        ),
    ),
    Failure(
        code="auth_failed",
        message="The outside service does not accept Candor's credentials.",
        suggestion="Staff: check the API key in the settings, then retry.",
        policy="never",
        next_engine=True,
        alert=True,
        rules=(
            Rule(types=("openai.AuthenticationError", "openai.PermissionDeniedError")),
            Rule(codes=("invalid_api_key", "account_deactivated", "invalid_organization")),
            Rule(statuses=(401, 403)),
            Rule(text=r"(invalid|incorrect|wrong|missing) api.?key|api.?key (is )?invalid"),
            Rule(text=r"\bunauthori[sz]ed\b|invalid authentication"),
        ),
        examples=(
            Example(type="openai.AuthenticationError", code="invalid_api_key", status=401),
            Example(text="Invalid API key provided: sk-…"),
        ),
    ),
    Failure(
        code="audio_rejected",
        message="The transcription service did not accept this audio.",
        suggestion="Candor uses another engine if there is one; else listen to the recording.",
        policy="never",
        next_engine=True,
        rules=(
            Rule(
                types=_OPENAI_BAD_REQUEST,
                text=r"audio (file|data|input).*(corrupt|unsupported|too short|decod|invalid)"
                r"|invalid file format|could not (be )?decode|audio.*could not be processed",
            ),
            Rule(codes=("unsupported_format", "invalid_audio", "audio_too_short")),
            Rule(types=("openai.APIStatusError",), statuses=(413, 415)),
            Rule(text=r"audio file (might be|is) (corrupted|too short)|invalid file format"),
        ),
        examples=(
            Example(
                type="openai.BadRequestError",
                code="invalid_value",
                status=400,
                text="Audio file might be corrupted or unsupported",
            ),
        ),
    ),
    # --- never tried again by itself ---------------------------------------------------------
    Failure(
        code="invalid_media",
        message="The file is not a recording that can be read.",
        suggestion="Record the answer again, or upload another file (WebM, MP4, Ogg, WAV or MP3).",
        to_reviewers="What was sent is no recording. Judge the other answers; the candidate knows.",
        policy="never",
        rules=(
            Rule(types=_FFMPEG),
            Rule(types=("av.error.InvalidDataError", "av.error.EOFError")),
            Rule(text=r"invalid data found when processing input|moov atom not found"),
            Rule(text=r"end of file.*(ffmpeg|demux)|ebml header parsing failed"),
        ),
        examples=(
            Example(
                type="av.error.InvalidDataError",
                text="[Errno 1094995529] Invalid data found when processing input: 'a.webm'",
            ),
            Example(text="moov atom not found"),
        ),
    ),
    Failure(
        code="no_audio_track",
        message="The recording has no sound.",
        suggestion="Check that the right microphone is chosen and not muted, then record again.",
        to_reviewers="Nothing can be heard in it. Judge the other answers; the candidate knows.",
        policy="never",
        rules=(
            Rule(text=r"does not contain any (audio )?stream|no audio (stream|track)"),
            Rule(text=r"stream map '0:a(:0)?' matches no streams"),
        ),
        examples=(Example(text="Output file #0 does not contain any stream"),),
    ),
    Failure(
        code="media_too_long",
        message="The recording is longer than allowed.",
        suggestion="Record a shorter answer.",
        to_reviewers="It was refused for its length. Judge the other answers; the candidate knows.",
        policy="never",
    ),
    Failure(
        code="media_too_large",
        message="The file is larger than allowed.",
        suggestion="Record the answer here instead, or upload a smaller file.",
        to_reviewers="It was refused for its size. Judge the other answers; the candidate knows.",
        policy="never",
    ),
    Failure(
        code="media_type_refused",
        message="This kind of file is not taken.",
        suggestion="Record the answer here instead, or upload WebM, MP4, Ogg, WAV, MP3 or FLAC.",
        to_reviewers="It was refused for its kind. Judge the other answers; the candidate knows.",
        policy="never",
    ),
    Failure(
        code="session_quota_full",
        message="This interview's recordings take up all the space there is for them.",
        suggestion="Send a shorter or smaller recording, or ask who invited you for help.",
        to_reviewers="There was no room left for it. Judge the other answers; the candidate knows.",
        policy="never",
    ),
    Failure(
        code="media_missing",
        message="The recording is no longer in the storage.",
        suggestion="Staff: see whether a lifecycle rule or a person removed it.",
        policy="never",
        rules=(
            Rule(
                types=("botocore.exceptions.ClientError",),
                codes=("NoSuchKey", "404", "NotFound", "NoSuchVersion", "NoSuchUpload"),
            ),
            Rule(text=r"the specified key does not exist"),
        ),
        examples=(
            Example(
                type="botocore.exceptions.ClientError",
                code="NoSuchKey",
                status=404,
                text="The specified key does not exist.",
            ),
        ),
    ),
    Failure(
        code="storage_denied",
        message="The storage of recordings refuses Candor's credentials.",
        suggestion="Staff: check the storage key and its rights, then retry.",
        policy="never",
        alert=True,
        rules=(
            Rule(
                types=("botocore.exceptions.ClientError",),
                codes=(
                    "AccessDenied",
                    "403",
                    "Forbidden",
                    "InvalidAccessKeyId",
                    "SignatureDoesNotMatch",
                    "ExpiredToken",
                    "InvalidToken",
                    "AccountProblem",
                ),
            ),
            Rule(types=("botocore.exceptions.ClientError",), statuses=(401, 403)),
        ),
        examples=(
            Example(type="botocore.exceptions.ClientError", code="AccessDenied", status=403),
        ),
    ),
    Failure(
        code="permission_denied",
        message="Candor may not read or write a file it needs.",
        suggestion="Staff: check the owner and rights of the data folder, then retry.",
        policy="never",
        alert=True,
        rules=(
            Rule(types=("builtins.PermissionError",)),
            Rule(codes=("EACCES", "EPERM", "EROFS", "SQLITE_READONLY")),
            Rule(types=_DJANGO_DB, text=r"readonly database"),
            Rule(text=r"permission denied|read-only file system|operation not permitted"),
        ),
        examples=(
            Example(type="builtins.PermissionError", code="EACCES", text="Permission denied"),
        ),
    ),
    Failure(
        code="file_not_found",
        message="A file that Candor needs is not there.",
        suggestion="Staff: check the data folder; restore the file from a backup, then retry.",
        policy="never",
        rules=(
            Rule(types=("builtins.FileNotFoundError",)),
            Rule(codes=("ENOENT",)),
            Rule(text=r"no such file or directory"),
        ),
        examples=(
            Example(
                type="builtins.FileNotFoundError", code="ENOENT", text="No such file or directory"
            ),
        ),
    ),
    Failure(
        code="content_filtered",
        message="The outside service's content filter stopped the answer.",
        suggestion="A person reviews this answer without the automatic rating.",
        policy="never",
        rules=(
            Rule(types=("openai.ContentFilterFinishReasonError",)),
            Rule(codes=("content_filter", "content_policy_violation", "moderation_blocked")),
            Rule(text=r"content (management )?policy|content filter"),
        ),
        examples=(Example(type="openai.BadRequestError", code="content_filter", status=400),),
    ),
    Failure(
        code="context_too_long",
        message="The text is longer than the model can read at once.",
        suggestion="Choose a model with a longer context, then retry.",
        policy="never",
        rules=(
            Rule(codes=("context_length_exceeded", "string_above_max_length")),
            Rule(text=r"maximum context length|context window|too many tokens"),
        ),
        examples=(
            Example(type="openai.BadRequestError", code="context_length_exceeded", status=400),
            Example(text="This model's maximum context length is 8192 tokens"),
        ),
    ),
    Failure(
        code="config_missing",
        message="A setting that this step needs is missing or wrong.",
        suggestion="Staff: read the error below, set what is missing, then retry.",
        policy="never",
        next_engine=True,
        alert=True,
        rules=(
            Rule(
                types=(
                    "django.core.exceptions.ImproperlyConfigured",
                    "botocore.exceptions.NoCredentialsError",
                    "botocore.exceptions.PartialCredentialsError",
                    "botocore.exceptions.NoRegionError",
                    "botocore.exceptions.ProfileNotFound",
                    "builtins.ImportError",
                    "huggingface_hub.errors.LocalEntryNotFoundError",
                    "openai.NotFoundError",
                )
            ),
            Rule(codes=("model_not_found", "NoSuchBucket", "InvalidBucketName")),
            Rule(types=("openai.OpenAIError",), text=r"missing credentials|api_key client option"),
            Rule(
                types=("builtins.FileNotFoundError",), codes=("ENOENT",), text=r"'ff(mpeg|probe)'"
            ),
            Rule(types=_DJANGO_DB, text=r"no such (table|column)"),
            Rule(types=("django.db.utils.ProgrammingError",), text=r"does not exist"),
            Rule(text=r"unable to open file 'model\.bin'"),
        ),
        examples=(
            Example(type="django.core.exceptions.ImproperlyConfigured", text="Set X"),
            Example(type="openai.NotFoundError", code="model_not_found", status=404),
        ),
    ),
    # --- the worker died: a budget of its own ------------------------------------------------
    Failure(
        code="worker_lost",
        message="The process that did this step ended without a word.",
        suggestion="Candor tries again in another process; three times means the file is at fault.",
        policy="crash",
        rules=(
            Rule(types=("builtins.SystemExit",)),
            Rule(types=("concurrent.futures.process.BrokenProcessPool",)),
        ),
        examples=(Example(type="builtins.SystemExit", text="1"),),
    ),
    Failure(
        code="out_of_memory",
        message="This step needed more memory than there is.",
        suggestion="Staff: run fewer workers at a time or choose a smaller model, then retry.",
        policy="crash",
        alert=True,
        rules=(
            Rule(types=("builtins.MemoryError",)),
            Rule(codes=("ENOMEM", "SQLITE_NOMEM")),
            Rule(
                types=("builtins.RuntimeError",),
                text=r"out of memory|failed to allocate|alloc(ation)? fail|bad_alloc",
            ),
            Rule(text=r"out of memory|cannot allocate memory|unable to allocate|bad_alloc"),
        ),
        examples=(
            Example(type="builtins.MemoryError"),
            Example(type="builtins.RuntimeError", text="CUDA failed with error out of memory"),
        ),
    ),
    Failure(
        code="stage_timeout",
        message="This step took longer than it may.",
        suggestion="Candor tries again. Staff: a slower machine may need a longer limit.",
        policy="crash",
        rules=(Rule(types=("subprocess.TimeoutExpired", "django_q.exceptions.TimeoutException")),),
        examples=(Example(type="subprocess.TimeoutExpired", text="timed out after 60 seconds"),),
    ),
)

FAILURES: dict[str, Failure] = {failure.code: failure for failure in _TABLE}


def by_code(code: str) -> Failure:
    """Return the row of that code. Raises KeyError."""
    return FAILURES[code]
