"""Engines that say what they are told, in place of models at their door."""

from analysis.engines.base import Availability, Transcriber
from tests.analysis.sessions import hear


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
