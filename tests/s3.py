"""A real S3 server for the tests of a worker, and a bucket of its own for each test."""

import uuid

import pytest

from tests.servers import MissingError, SeaweedFS, running


@pytest.fixture(scope="session")
def seaweedfs():
    """The server; started by the first test that wants it (4 s)."""
    try:
        with running(SeaweedFS) as server:
            yield server.own
    except MissingError as error:
        pytest.fail(str(error))


@pytest.fixture
def s3(seaweedfs, settings):
    """New recordings go to a fresh bucket; gives its store."""
    from ops import ledger  # noqa: PLC0415 - Django is not ready when plugins load
    from recordings import s3_client  # noqa: PLC0415 - as above
    from recordings.storage import get_store  # noqa: PLC0415

    use_server(settings, seaweedfs, f"test-{uuid.uuid4().hex[:12]}")
    with ledger.opened_bill() as bill:
        s3_client.client().create_bucket(Bucket=settings.S3_BUCKET)
        bill.forget()
    return get_store()


def use_server(settings, server, bucket):
    """Have the settings name a bucket of this server."""
    settings.STORAGE = "s3"
    settings.S3_BUCKET = bucket
    settings.S3_ENDPOINT_URL = server.url
    settings.S3_PUBLIC_ENDPOINT_URL = ""
    settings.S3_REGION = "us-east-1"
    settings.S3_ACCESS_KEY_ID = server.access_key_id
    settings.S3_SECRET_ACCESS_KEY = server.secret_access_key
    settings.S3_ADDRESSING_STYLE = "path"
    settings.S3_SSE = settings.S3_KMS_KEY_ID = ""
