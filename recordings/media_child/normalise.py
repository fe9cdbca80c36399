"""Everything that people and machines will use instead of the original. Pure of Django.

One pass decodes the file; sound and picture are encoded anew, so no metadata, chapter, attachment
or trick of the original's container gets through.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from av.audio.frame import AudioFrame  # noqa: TID251 - the media child
from av.video.frame import VideoFrame  # noqa: TID251 - as above

from recordings.media_child.demux import Decoder
from recordings.media_child.encode import Playback, Speech
from recordings.media_child.gate import RefusedError, opened
from recordings.media_child.picture import (
    MAX_FPS,
    MAX_SIDE,
    POSTER_AT_S,
    Fitter,
    fitted,
    poster,
)
from recordings.media_child.say import Progress
from recordings.media_child.sound import Meter, Samples, Soundtrack

STEREO = 2


def normalise(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Write speech.ogg, playback.mp4 and poster.jpg into the folder; return what they are."""
    folder = Path(request["folder"])
    wants_video = request["size"] is not None
    with opened(Path(request["path"]), request["demuxer"], wants_video=wants_video) as source:
        decoder = Decoder(source)
        channels = min(STEREO, source.audio.codec_context.channels)
        with ExitStack() as files:
            renditions = _Renditions(request, folder, channels, files)
            for frame in decoder.frames():
                if isinstance(frame, AudioFrame):
                    renditions.hear(frame, decoder.start_s)
                else:
                    renditions.see(frame, decoder.start_s)
                progress.tell(renditions.sound.seconds * 1000 / request["expected_ms"])
            renditions.finish()
    return renditions.facts()


def _playback_size(upright: list[int] | None) -> tuple[int, int] | None:
    return None if upright is None else fitted(upright[0], upright[1], MAX_SIDE)


class _Renditions:
    """The open outputs of one pass."""

    def __init__(
        self, request: dict[str, Any], folder: Path, channels: int, files: ExitStack
    ) -> None:
        self.sound = Soundtrack(channels, request["max_s"])
        self._max_s = float(request["max_s"])
        self._meter = Meter()
        self._speech = files.enter_context(
            Speech(folder / "speech.ogg", request["rate_hz"], request["bitrate_kbps"])
        )
        size = _playback_size(request["size"])
        self._playback = files.enter_context(Playback(folder / "playback.mp4", channels, size))
        self._size = size
        self._fitter = Fitter(size, "yuv420p") if size else None
        self._last_s = -1.0
        self._poster_path = folder / "poster.jpg"
        self._poster_s: float | None = None
        self._poster_reason = "no picture" if size is None else "no frame decoded"
        self._written = 0

    def hear(self, frame: AudioFrame, start_s: float) -> None:
        """Take a frame of sound."""
        for samples in self.sound.feed(frame, start_s):
            self._write(samples)

    def see(self, frame: VideoFrame, start_s: float) -> None:
        """Take a picture, unless it comes too soon after the last or out of order."""
        if self._fitter is None or frame.time is None:
            return
        at_s = max(0.0, frame.time - start_s)
        if at_s > self._max_s:
            raise RefusedError("media_too_long", f"video goes on to {at_s:.0f} s")
        if at_s - self._last_s < 0.9 / MAX_FPS:
            return
        if self._poster_s is None or self._poster_s < POSTER_AT_S <= at_s:
            self._keep_poster(frame, at_s)
        self._last_s = at_s
        self._playback.write_picture(self._fitter.fit(frame), at_s)

    def finish(self) -> None:
        """Write what the resampler still holds."""
        for samples in self.sound.flush():
            self._write(samples)
        if not self._written:
            raise RefusedError("invalid_media", "no sound decodes")
        if self._size is not None and self._last_s < 0:
            raise RefusedError("invalid_media", "no picture of the video stream decodes")

    def facts(self) -> dict[str, Any]:
        """Return length, size, measurements and whether there is a poster."""
        return {
            "duration_ms": round(max(self.sound.seconds, self._last_s) * 1000),
            "size": self._size,
            "has_poster": self._poster_s is not None,
            "poster_reason": self._poster_reason,
            **self._meter.finish(),
        }

    def _write(self, samples: Samples) -> None:
        self._meter.add(samples)
        self._speech.write(samples, self.sound.layout, self._written)
        self._playback.write_sound(samples, self._written)
        self._written += samples.shape[1]

    def _keep_poster(self, frame: VideoFrame, at_s: float) -> None:
        try:
            self._poster_path.write_bytes(poster(frame))
        except ValueError as error:  # a poster is worth a reason, never a failed recording
            self._poster_reason = str(error)
            return
        self._poster_s = at_s
        self._poster_reason = ""
