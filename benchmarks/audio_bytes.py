"""Bytes and word error rate of a minute of speech, as it is kept and as older systems keep it.

Peer: 8 kHz, 16-bit WAV, the form of telephone archives. Every form is made from the same
recordings and heard by the same local engine. Goals: the speech rendition is at least 7 times
smaller than the WAV, and its word error rate is not worse.
"""

# ruff: noqa: I001 - the harness chooses the data folder before models are loaded
from benchmarks.harness import DATA_DIR

import json
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.test.utils import override_settings
from faster_whisper.audio import decode_audio

from analysis.demo import content
from analysis.demo.words import spoken_words, word_errors
from analysis.engines.base import Audio
from analysis.engines.local_whisper import LocalWhisper
from recordings import media

HOUSE = Path(__file__).resolve().parent.parent
SAMPLES = HOUSE / "tests" / "samples"
GOAL_TIMES = 7.0


@dataclass(frozen=True, slots=True)
class Form:
    """A way to keep speech."""

    name: str
    make: Callable[[Path, Path], Path]  # (original, folder) -> file


def rendition(rate_hz: int, bitrate_kbps: int) -> Form:
    """Return the product's own speech rendition at these settings."""

    def make(original: Path, folder: Path) -> Path:
        wanted = {"SPEECH_RATE_HZ": rate_hz, "SPEECH_BITRATE_KBPS": bitrate_kbps}
        with override_settings(**wanted):
            made = media.normalise(
                original, folder, content_type="audio/ogg", expected_ms=60_000, size=None
            )
        return made.speech

    return Form(f"Opus, {rate_hz // 1000} kHz, {bitrate_kbps} kbit/s", make)


def telephone_wav(original: Path, folder: Path) -> Path:
    """Write 8 kHz, 16-bit mono."""
    samples = decode_audio(str(original), sampling_rate=8000)
    path = folder / "peer.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


PEER = Form("WAV, 8 kHz, 16 bit", telephone_wav)
DEFAULT = rendition(settings.SPEECH_RATE_HZ, settings.SPEECH_BITRATE_KBPS)
FORMS = (PEER, rendition(16000, 16), rendition(16000, 12), rendition(8000, 12), rendition(8000, 8))


def speech() -> Iterator[tuple[Path, list[str]]]:
    """Yield recordings and the words that are said in them."""
    for name, said in json.loads((SAMPLES / "librivox.json").read_text()).items():
        yield SAMPLES / f"{name}.ogg", spoken_words(said)
    spoken = [question.answer for question in content.QUESTIONS]
    for path in sorted((HOUSE / "analysis" / "demo" / "audio").glob("answer-*.ogg")):
        yield path, spoken_words(spoken[int(path.stem[-1]) - 1])


def main() -> None:
    engine = LocalWhisper()
    clips = list(speech())
    seconds = sum(len(decode_audio(str(path))) / 16000 for path, _ in clips)
    total = sum(len(said) for _, said in clips)
    print(f"{len(clips)} recordings, {seconds:.0f} s, {total} words; kept now: {DEFAULT.name}")
    per_s, wrong = {}, {}
    for form in FORMS:
        size = errors = 0
        for number, (original, said) in enumerate(clips):
            folder = DATA_DIR / f"{form.name}-{number}".replace("/", "")
            folder.mkdir()
            path = form.make(original, folder)
            size += path.stat().st_size
            heard = engine.transcribe(
                Audio(path=path, duration_ms=None, language="en"), progress=lambda _share: None
            )
            text = " ".join(segment.text for segment in heard.segments)
            errors += word_errors(said, spoken_words(text))
        per_s[form.name], wrong[form.name] = size / seconds, errors / total
        times = per_s[PEER.name] / per_s[form.name]
        print(
            f"{form.name:<26} {per_s[form.name]:8.0f} bytes/s, {times:5.1f}x smaller than the WAV, "
            f"word error rate {wrong[form.name]:.1%}"
        )
    times = per_s[PEER.name] / per_s[DEFAULT.name]
    is_met = times >= GOAL_TIMES and wrong[DEFAULT.name] <= wrong[PEER.name]
    print(f"goal >= {GOAL_TIMES:.0f}x smaller, no word worse: {'met' if is_met else 'MISSED'}")


if __name__ == "__main__":
    main()
