"""Ways to hear, read and embed: the register of engines, in the settings' order of preference.

A new engine is a file of its own and one row here; which are used, and in what order, is a setting.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.conf import settings

from analysis.engines.base import Availability, Batches, Embedder, LanguageModel, Transcriber

# setting's word -> class, by dotted name: an engine that is not chosen is not even imported
TRANSCRIBERS = {
    "openai": "analysis.engines.openai_transcriber.OpenAITranscriber",
    "local": "analysis.engines.local_whisper.LocalWhisper",
}
BATCHES = {"openai": "analysis.engines.openai_batches.OpenAIBatches"}
LANGUAGE_MODELS = {"openai": "analysis.engines.openai_language.OpenAILanguageModel"}


def transcribers() -> list[Transcriber]:
    """Return the engines of settings.TRANSCRIBERS, available or not, in order."""
    return [_make(TRANSCRIBERS[name]) for name in settings.TRANSCRIBERS]


def language_models() -> list[LanguageModel]:
    """Return the engines of settings.LANGUAGE_MODELS, available or not, in order."""
    return [_make(LANGUAGE_MODELS[name]) for name in settings.LANGUAGE_MODELS]


def batches(engine: LanguageModel) -> Batches | None:
    """Return the engine's way for requests that may wait, if it has one."""
    dotted = BATCHES.get(engine.name)
    return None if dotted is None else _make(dotted)


def embedder() -> Embedder:
    """Return the one embedder: part of the slim install, so always there."""
    found: Embedder = _make("analysis.engines.local_embedder.LocalEmbedder")
    return found


def availabilities() -> Iterator[tuple[str, Availability]]:
    """Yield each configured engine's name and whether it can be used here."""
    for engine in (*transcribers(), *language_models(), embedder()):
        yield engine.name, engine.availability()


def _make(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    return getattr(import_module(module), name)()
