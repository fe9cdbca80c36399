"""How django-storages reaches the bucket: the options of Django's `storages["recordings"]`."""

from pathlib import Path
from typing import Any

CONNECT_S = 5
READ_S = 60
POOL = 32  # connections kept; threads of a process beyond that open new ones


def recordings_storage(kind: str, folder: Path, **bucket: str) -> dict[str, Any]:
    """Return the entry of settings.STORAGES that opens what new recordings go to."""
    if kind == "local":
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": s3_options(**bucket)}


def s3_options(  # noqa: PLR0913 - what leads to a bucket
    *,
    bucket: str,
    endpoint_url: str,
    region: str,
    access_key_id: str,
    secret_access_key: str,
    addressing: str,
) -> dict[str, Any]:
    """Return the options of an S3Storage, with our own patience and no tries of its own."""
    # Local storage needs none of botocore, which takes its time to load.
    from botocore.config import Config  # noqa: PLC0415, TID251 - the door's options

    return {
        "bucket_name": bucket,
        # Left alone, boto3 signs for the global address, which other regions answer by a redirect.
        "endpoint_url": endpoint_url or f"https://s3.{region}.amazonaws.com",
        "region_name": region,
        "access_key": access_key_id or None,  # None: the machine's own role
        "secret_key": secret_access_key or None,
        "security_token": None,  # of a role, boto3 finds it itself
        "file_overwrite": False,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": addressing},
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"total_max_attempts": 1, "mode": "standard"},  # jobs and browsers own retries
            max_pool_connections=POOL,
            request_checksum_calculation="when_required",  # many servers know none
            response_checksum_validation="when_required",
        ),
    }
