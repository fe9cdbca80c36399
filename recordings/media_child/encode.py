"""The encoders behind the renditions: Opus speech, AAC and H.264 playback. Pure of Django."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av  # noqa: TID251 - the media child
from av.audio.fifo import AudioFifo  # noqa: TID251 - as above
from av.audio.frame import AudioFrame  # noqa: TID251 - as above
from av.audio.resampler import AudioResampler  # noqa: TID251 - as above
from av.video.frame import VideoFrame  # noqa: TID251 - as above

from recordings.media_child.sound import RATE_HZ, Samples

CLOCK_HZ = 90_000  # of the playback video
AAC_BPS = {1: 64_000, 2: 96_000}
X264 = {
    "preset": "veryfast",
    "crf": "27",
    "maxrate": "1200k",
    "bufsize": "2400k",
    "profile": "main",
}
KEYFRAME_EVERY = 60
EXACT = {"fflags": "+bitexact"}  # the same input gives the same bytes, also on a retry


def audio_frame(samples: Samples, layout: str, at: int) -> AudioFrame:
    """Return int16 planar samples as a frame that begins at sample number `at`."""
    frame = AudioFrame.from_ndarray(samples, format="s16p", layout=layout)
    frame.sample_rate = RATE_HZ
    frame.pts = at
    frame.time_base = Fraction(1, RATE_HZ)
    return frame


class Speech:
    """Mono Opus in Ogg for machines to listen to."""

    def __init__(self, path: Path, rate_hz: int, bitrate_kbps: int) -> None:
        self._out = av.open(str(path), "w", format="ogg", container_options=EXACT)
        self._stream = self._out.add_stream(
            "libopus", rate=rate_hz, layout="mono", options={"application": "voip"}
        )
        self._stream.bit_rate = bitrate_kbps * 1000
        self._stream.codec_context.flags |= _bitexact()
        self._resampler = AudioResampler(format="s16", layout="mono", rate=rate_hz)

    def write(self, samples: Samples, layout: str, at: int) -> None:
        """Append samples at 48 kHz."""
        self._encode(audio_frame(samples, layout, at))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            self._encode(None)
            self._out.mux(self._stream.encode(None))
        self._out.close()

    def _encode(self, frame: AudioFrame | None) -> None:
        for piece in self._resampler.resample(frame):
            self._out.mux(self._stream.encode(piece))


class Playback:
    """MP4 that plays everywhere: AAC, and H.264 when there is a picture; index in front."""

    def __init__(self, path: Path, channels: int, size: tuple[int, int] | None) -> None:
        options = EXACT | {"movflags": "+faststart"}
        self._out = av.open(str(path), "w", format="mp4", container_options=options)
        self._layout = "mono" if channels == 1 else "stereo"
        self._video = None
        if size is not None:
            self._video = self._out.add_stream("libx264", rate=30, options=X264)
            self._video.width, self._video.height = size
            self._video.pix_fmt = "yuv420p"
            self._video.time_base = Fraction(1, CLOCK_HZ)
            self._video.codec_context.time_base = Fraction(1, CLOCK_HZ)
            self._video.codec_context.gop_size = KEYFRAME_EVERY
            self._video.codec_context.thread_count = 2
            self._video.codec_context.flags |= _bitexact()
        self._audio = self._out.add_stream("aac", rate=RATE_HZ, layout=self._layout)
        self._audio.bit_rate = AAC_BPS[channels]
        self._audio.codec_context.flags |= _bitexact()
        self._to_aac = AudioResampler(format="fltp", layout=self._layout, rate=RATE_HZ)
        self._fifo = AudioFifo()

    def write_sound(self, samples: Samples, at: int) -> None:
        """Append samples at 48 kHz."""
        for piece in self._to_aac.resample(audio_frame(samples, self._layout, at)):
            self._fifo.write(piece)
        for piece in self._fifo.read_many(1024):  # AAC's frame
            self._out.mux(self._audio.encode(piece))

    def write_picture(self, frame: VideoFrame, at_s: float) -> None:
        """Append a picture of the right size and pixel format; `at_s` must grow."""
        if self._video is None:
            raise ValueError("this playback has no picture")
        frame.pts = round(at_s * CLOCK_HZ)
        frame.time_base = Fraction(1, CLOCK_HZ)
        frame.pict_type = 0
        self._out.mux(self._video.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            rest = self._fifo.read(partial=True)
            if rest is not None:
                self._out.mux(self._audio.encode(rest))
            self._out.mux(self._audio.encode(None))
            if self._video is not None:
                self._out.mux(self._video.encode(None))
        self._out.close()


def _bitexact() -> int:
    return int(av.codec.context.Flags.bitexact)
