"""What every test gets: the people, and no way out of this machine."""

import os

import pytest

pytest_plugins = ["tests.people", "tests.s3"]
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture(autouse=True)
def _media_of_its_own(settings, tmp_path):
    """Each test writes media into its own folder."""
    settings.MEDIA_DIR = tmp_path / "media"


def pytest_runtest_setup():
    from pytest_socket import socket_allow_hosts  # noqa: PLC0415

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
