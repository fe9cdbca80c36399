"""Engines that say what they are told, in place of models at their door."""

import pytest

from analysis.engines.base import Availability, Transcriber
from recordings.models import Rendition
from recordings.storage import get_store, rendition_key
from tests import factories
from tests.analysis.sessions import hear, responses


class ScriptedTranscriber(Transcriber):
    """Hears `text`; remembers how often it was asked."""

    def __init__(self, name, model, *, is_cloud, text="We tested both ideas and kept one."):
        self.name = name
        self.text = text
        self.sends_data_away = is_cloud
        self.calls = []
        self._model = model

    @property
    def model(self):
        return self._model

    def availability(self):
        return Availability(ok=True)

    def transcribe(self, audio, progress):
        self.calls.append(audio)
        progress(1.0)
        return hear(self.text)


@pytest.fixture
def cloud():
    return ScriptedTranscriber("openai", "gpt-transcribe", is_cloud=True)


@pytest.fixture
def local():
    return ScriptedTranscriber("local_whisper", "whisper-base", is_cloud=False)


@pytest.fixture
def recordings(session, tmp_path):
    """Two recordings with a speech rendition each."""
    found = []
    for number, response in enumerate(responses(session)):
        recording = factories.make_recording(response)
        path = tmp_path / "speech.ogg"
        path.write_bytes(b"OggS%d" % number)
        key = rendition_key(session.organization_id, recording.id, "speech", "ogg")
        get_store().put_file(path, key)
        Rendition.objects.create(
            recording=recording,
            kind="speech",
            object_key=key,
            content_type="audio/ogg",
            size_bytes=5,
            sha256=f"{number}" * 64,
            duration_ms=60_000,
        )
        found.append(recording)
    return found
