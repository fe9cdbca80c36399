"""What may enter: magic bytes choose the demuxer, the policy the streams. Pure of Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av  # noqa: TID251 - the media child
from av.audio.stream import AudioStream  # noqa: TID251 - as above
from av.container import InputContainer  # noqa: TID251 - as above
from av.video.stream import VideoStream  # noqa: TID251 - as above

HEAD_BYTES = 16
MAX_STREAMS = 8
MAX_PIXELS = 4096 * 2304
MAX_CHANNELS = 8
MAX_RATE_HZ = 192_000
IMAGE_BRANDS = (b"heic", b"heix", b"heif", b"avif", b"avis", b"mif1", b"msf1")
MOVIE_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
AUDIO_CODECS = ("opus", "vorbis", "aac", "mp3", "mp3float", "flac", "alac")
PCM_CODECS = tuple(f"pcm_{kind}" for kind in ("u8", "s16le", "s16be", "s24le", "s32le", "f32le"))
VIDEO_CODECS = ("vp8", "vp9", "av1", "h264", "hevc", "mpeg4")
# The policy knows canonical names; the demuxer, when it looks into the streams, decoders' names.
DECODERS = (*AUDIO_CODECS, *PCM_CODECS, *VIDEO_CODECS, "libopus", "libvorbis", "libdav1d", "libvpx")


class RefusedError(Exception):
    """The media can't be used; `code` is a failure code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file and the streams that count."""

    container: InputContainer
    demuxer: str
    audio: AudioStream
    video: VideoStream | None


def demuxer_of(head: bytes) -> str:
    """Return the demuxer's name for a file that begins with `head`.

    Raises:
        RefusedError: for everything that is none of the formats we take.

    """
    if not head:
        raise RefusedError("invalid_media", "the file is empty")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head[4:8] in MOVIE_BOXES and head[8:12] not in IMAGE_BRANDS:
        return "mov"
    for magic, name in ((b"OggS", "ogg"), (b"fLaC", "flac"), (b"ID3", "mp3")):
        if head.startswith(magic):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # noqa: PLR2004 - frame sync
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"  # noqa: PLR2004 - layer bits zero: ADTS
    raise RefusedError("invalid_media", "the first bytes are of no media format that is taken")


@contextmanager
def opened(path: Path, expected: str, *, wants_video: bool) -> Iterator[Source]:
    """Open `path` by the demuxer that its bytes and its declared type agree on."""
    with path.open("rb") as file:
        demuxer = demuxer_of(file.read(HEAD_BYTES))
    if demuxer != expected:
        raise RefusedError("invalid_media", f"sent as {expected}, but its bytes are {demuxer}")
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": demuxer,
        "codec_whitelist": ",".join(DECODERS),
        "max_streams": "64",
    }
    with av.open(str(path), "r", format=demuxer, container_options=options) as container:
        yield _source(container, demuxer, wants_video=wants_video)


def _source(container: InputContainer, demuxer: str, *, wants_video: bool) -> Source:
    if len(container.streams) > MAX_STREAMS:
        raise RefusedError("invalid_media", f"more than {MAX_STREAMS} streams")
    if not container.streams.audio:
        raise RefusedError("no_audio_track", "no audio stream")
    audio = container.streams.audio[0]
    _check_audio(audio)
    video = _moving(container) if wants_video else None
    if video is not None:
        _check_video(video)
    return Source(container, demuxer, audio, video)


def _moving(container: InputContainer) -> VideoStream | None:
    """Return the first video stream that is no attached cover picture."""
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            return stream
    return None


def _check_audio(stream: AudioStream) -> None:
    codec = stream.codec_context
    if codec is None or codec.codec.canonical_name not in AUDIO_CODECS + PCM_CODECS:
        raise RefusedError("invalid_media", "audio codec is not on the list")
    if not 1 <= codec.channels <= MAX_CHANNELS or not 0 < codec.rate <= MAX_RATE_HZ:
        raise RefusedError("invalid_media", f"{codec.channels} channels at {codec.rate} Hz")
    codec.thread_count = 1


def _check_video(stream: VideoStream) -> None:
    codec = stream.codec_context
    if codec is None or codec.codec.canonical_name not in VIDEO_CODECS:
        raise RefusedError("invalid_media", "video codec is not on the list")
    check_pixels(codec.width, codec.height)
    codec.options = {"max_pixels": str(MAX_PIXELS)}
    codec.thread_count = 2
    codec.thread_type = "AUTO"


def check_pixels(width: int, height: int) -> None:
    """Refuse pictures that would fill the memory."""
    if not 0 < width * height <= MAX_PIXELS:
        raise RefusedError("invalid_media", f"{width}x{height} pixels")
