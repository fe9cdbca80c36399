"""What a file really holds, found by decoding its sound to the end. Pure of Django."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from av.audio.frame import AudioFrame  # noqa: TID251 - the media child
from av.video.frame import VideoFrame  # noqa: TID251 - as above

from recordings.media_child.demux import Decoder
from recordings.media_child.gate import RefusedError, Source, check_pixels, opened
from recordings.media_child.say import Progress
from recordings.media_child.sound import Soundtrack

if TYPE_CHECKING:
    from av.packet import Packet  # noqa: TID251 - the media child


MIN_S = 0.2
MIN_DECODED_SHARE = 0.5  # of the declared duration; less is a file that was cut to pieces


def probe(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return container, codecs, size, rotation, declared and measured duration."""
    path = Path(request["path"])
    with opened(path, request["demuxer"], wants_video=request["wants_video"]) as source:
        return _measure(source, request["max_s"], progress)


def _measure(source: Source, max_s: float, progress: Progress) -> dict[str, Any]:
    declared_s = _declared_s(source)
    if declared_s is not None and declared_s > 2 * max_s:  # no need to decode hours to be sure
        raise RefusedError("media_too_long", f"{declared_s:.0f} s")
    decoder = Decoder(source)
    sound = Soundtrack(1, max_s)
    picture = _Picture(max_s)
    for packet in decoder.packets():
        if packet.stream is source.video:
            picture.see(packet, decoder)
            continue
        for frame in decoder.decoded(packet):
            _hear(sound, frame, decoder.start_s)
        progress.tell(sound.seconds / (declared_s or max_s))
    for frame in decoder.rest():
        _hear(sound, frame, decoder.start_s)
    for _ in sound.flush():
        pass  # counted inside
    decoder.check()
    _check_length(sound.seconds, declared_s)
    if source.video is not None and picture.frame is None:
        raise RefusedError("invalid_media", "no picture of the video stream decodes")
    return _facts(source, sound, picture, declared_s, is_cut=decoder.is_cut)


def _facts(
    source: Source,
    sound: Soundtrack,
    picture: "_Picture",
    declared_s: float | None,
    *,
    is_cut: bool,
) -> dict[str, Any]:
    frame = picture.frame
    video = source.video if frame is not None else None
    return {
        "container": source.demuxer,
        "audio_codec": source.audio.codec_context.codec.canonical_name,
        "video_codec": video.codec_context.codec.canonical_name if video else "",
        "width": frame.width if frame else None,
        "height": frame.height if frame else None,
        "rotation": frame.rotation if frame else None,
        "duration_ms": round(max(sound.seconds, picture.last_s) * 1000),
        "declared_ms": None if declared_s is None else round(declared_s * 1000),
        "is_truncated": is_cut or _is_short(sound.seconds, declared_s),
    }


class _Picture:
    """Look at a video stream's clock, and decode until one picture comes out."""

    def __init__(self, max_s: float) -> None:
        self.frame: VideoFrame | None = None
        self.last_s = 0.0
        self._max_s = max_s

    def see(self, packet: "Packet[Any]", decoder: Decoder) -> None:
        if packet.pts is not None and packet.time_base is not None:
            at_s = float(packet.pts * packet.time_base) - decoder.start_s
            self.last_s = max(self.last_s, at_s)
            if self.last_s > self._max_s:
                raise RefusedError("media_too_long", f"video goes on to {self.last_s:.0f} s")
        if self.frame is None:
            for frame in decoder.decoded(packet):
                if isinstance(frame, VideoFrame) and self.frame is None:
                    check_pixels(frame.width, frame.height)
                    self.frame = frame


def _hear(sound: Soundtrack, frame: AudioFrame | VideoFrame, start_s: float) -> None:
    if isinstance(frame, AudioFrame):
        for _ in sound.feed(frame, start_s):
            pass  # counted inside


def _declared_s(source: Source) -> float | None:
    """Return what the header claims; a browser's webm claims nothing."""
    duration = source.container.duration
    return None if duration is None or duration <= 0 else duration / 1_000_000


def _is_short(heard_s: float, declared_s: float | None) -> bool:
    return declared_s is not None and heard_s < 0.95 * declared_s - 1


def _check_length(heard_s: float, declared_s: float | None) -> None:
    if heard_s < MIN_S:
        raise RefusedError("invalid_media", f"only {heard_s:.2f} s of sound decode")
    if declared_s is not None and heard_s < MIN_DECODED_SHARE * declared_s - 1:
        raise RefusedError("invalid_media", f"{heard_s:.1f} s of {declared_s:.1f} s decode")
