"""One continuous sound out of frames with gaps, and what can be measured on it. Pure of Django."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame  # noqa: TID251 - the media child
from av.audio.resampler import AudioResampler  # noqa: TID251 - as above
from numpy.typing import NDArray

from recordings.media_child.gate import RefusedError

Samples = NDArray[np.int16]  # (channels, samples)

RATE_HZ = 48_000
FULL_SCALE = 32_768
CLIPPED = 32_700  # an encoder's rounding may miss full scale by a little
WINDOW_S = 0.02
SILENCE_DBFS = -50.0  # RMS of a window below which nobody is heard
PEAKS = 400
GAP_S = 0.06  # shorter jumps of the clock are jitter of the browser's timestamps
SILENCE_CHUNK_S = 1.0


class Soundtrack:
    """48 kHz int16 with the frames' gaps filled by silence, so that times agree with the video."""

    def __init__(self, channels: int, max_s: float) -> None:
        self.channels = channels
        self.layout = "mono" if channels == 1 else "stereo"
        self._max_s = max_s
        self._count = 0
        self._resampler: AudioResampler | None = None
        self._form: tuple[Any, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the sound is so far."""
        return self._count / RATE_HZ

    def feed(self, frame: AudioFrame, start_s: float) -> Iterator[Samples]:
        """Give the samples of `frame`, whose clock began at `start_s`.

        Raises:
            RefusedError: media_too_long.

        """
        if frame.pts is not None and frame.time_base is not None:
            gap_s = float(frame.pts * frame.time_base) - start_s - self.seconds
            if gap_s > GAP_S:
                yield from self._silence(gap_s)
        form = (frame.sample_rate, frame.layout.name, frame.format.name)
        if form != self._form:  # a browser may change it in mid-stream
            yield from self.flush()
            self._form = form
            self._resampler = AudioResampler(format="s16p", layout=self.layout, rate=RATE_HZ)
        frame.pts = None
        yield from self._resampled(frame)

    def flush(self) -> Iterator[Samples]:
        """Give what the resampler still holds."""
        if self._resampler is not None:
            yield from self._resampled(None)
            self._resampler = None
            self._form = ()

    def _resampled(self, frame: AudioFrame | None) -> Iterator[Samples]:
        if self._resampler is None:
            return
        for piece in self._resampler.resample(frame):
            yield self._counted(np.asarray(piece.to_ndarray(), np.int16))

    def _silence(self, gap_s: float) -> Iterator[Samples]:
        self._refuse_over(self.seconds + gap_s)
        rest = round(gap_s * RATE_HZ)
        while rest:
            size = min(rest, round(SILENCE_CHUNK_S * RATE_HZ))
            yield self._counted(np.zeros((self.channels, size), np.int16))
            rest -= size

    def _counted(self, samples: Samples) -> Samples:
        self._count += samples.shape[1]
        self._refuse_over(self.seconds)
        return samples

    def _refuse_over(self, seconds: float) -> None:
        if seconds > self._max_s:
            raise RefusedError("media_too_long", f"over {self._max_s:g} s")


class Meter:
    """Waveform and loudness, gathered sample by sample in bounded memory."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.int16)
        self._window_peaks: list[int] = []
        self._window_powers: list[float] = []
        self._clipped = 0
        self._count = 0

    def add(self, samples: Samples) -> None:
        """Measure `samples`; with two channels the louder one counts."""
        loudest = samples if samples.shape[0] == 1 else _louder(samples)
        self._clipped += int(np.count_nonzero(np.abs(loudest[0].astype(np.int32)) >= CLIPPED))
        self._count += loudest.shape[1]
        joined = np.concatenate([self._rest, loudest[0]])
        size = round(WINDOW_S * RATE_HZ)
        whole = len(joined) // size * size
        self._windows(joined[:whole].reshape(-1, size))
        self._rest = joined[whole:]

    def finish(self) -> dict[str, Any]:
        """Return peaks (0..100) and the loudness figures; dBFS of pure silence is null."""
        if len(self._rest):
            self._windows(self._rest.reshape(1, -1))
            self._rest = np.zeros(0, np.int16)
        powers = np.array(self._window_powers)
        peak = max(self._window_peaks, default=0)
        reasons = {} if peak else dict.fromkeys(("loudness_dbfs", "peak_dbfs"), "digital silence")
        return {
            "peaks": self._peaks(),
            "loudness_dbfs": _dbfs(math.sqrt(float(powers.mean()))) if peak else None,
            "peak_dbfs": _dbfs(peak) if peak else None,
            "clipped_share": round(self._clipped / self._count, 6),
            "silent_share": round(float((powers < _power(SILENCE_DBFS)).mean()), 4),
            "reasons": reasons,
        }

    def _windows(self, windows: NDArray[np.int16]) -> None:
        if len(windows):
            wide = windows.astype(np.int32)
            self._window_peaks.extend(np.abs(wide).max(axis=1).tolist())
            self._window_powers.extend((wide.astype(np.float64) ** 2).mean(axis=1).tolist())

    def _peaks(self) -> list[int]:
        parts = np.array_split(np.array(self._window_peaks), min(PEAKS, len(self._window_peaks)))
        return [min(100, round(100 * int(part.max()) / FULL_SCALE)) for part in parts]


def _louder(samples: Samples) -> Samples:
    wide = samples.astype(np.int32)
    loudest = np.where(np.abs(wide[0]) >= np.abs(wide[1]), samples[0], samples[1])
    return np.asarray(loudest[np.newaxis], np.int16)


def _dbfs(amplitude: float) -> float:
    return round(20 * math.log10(amplitude / FULL_SCALE), 2)


def _power(dbfs: float) -> float:
    return float((FULL_SCALE * 10 ** (dbfs / 20)) ** 2)
