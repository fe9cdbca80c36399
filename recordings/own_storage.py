"""The S3 server of our own while nothing serves yet: with its bucket, for what is prepared."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from recordings import object_server, s3_setup
from recordings.storage import S3Store


@contextmanager
def own_storage() -> Iterator[None]:
    """Have the server of our own run, if the settings ask for one; its bucket is made and set up.

    Raises: OSError when it does not start; StageFailure.
    """
    folder = settings.OBJECT_SERVER_DIR
    server = object_server.existing(folder) if folder is not None else None
    if server is None:
        yield
        return
    with object_server.running(server):
        S3Store(settings.S3_BUCKET).create_bucket()
        s3_setup.configure(settings.S3_BUCKET, parts=["cors"], is_applied=True)
        yield
