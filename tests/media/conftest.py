"""Sample media made once per test run: files are read, never written."""

from contextlib import nullcontext

import pytest

from tests.media import samples


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def speech(folder):
    return samples.speech_wav(folder)


@pytest.fixture(scope="session")
def clip(folder):
    return samples.video(folder, "clip.webm")


class Watcher:
    """Notes what it is told and which child it was shown."""

    process = None

    def __init__(self):
        self.shares = []

    def progress(self, share):
        self.shares.append(share)

    def check(self):
        pass

    def child(self, process):
        self.process = process
        return nullcontext()


@pytest.fixture
def report():
    return Watcher()
