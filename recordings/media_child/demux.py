"""Decode a source in the order of its packets, forgiving a few broken ones. Pure of Django."""

import errno
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import av  # noqa: TID251 - the media child
from av.audio.frame import AudioFrame  # noqa: TID251 - as above
from av.video.frame import VideoFrame  # noqa: TID251 - as above

from recordings.media_child.gate import RefusedError, Source

if TYPE_CHECKING:
    from av.packet import Packet  # noqa: TID251 - the media child


MAX_BROKEN_SHARE = 0.5


class Decoder:
    """Iterate over a source's decoded frames; count the packets that would not decode."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.start_s = _start_s(source)
        self.is_cut = False  # the file ended in the middle of something
        self._packets = 0
        self._broken = 0

    def packets(self) -> "Iterator[Packet[Any]]":
        """Give packets as long as the container can be read."""
        streams = [s for s in (self._source.audio, self._source.video) if s is not None]
        demuxed = self._source.container.demux(*streams)
        while True:
            try:
                packet = next(demuxed)
            except StopIteration:
                return
            except av.error.FFmpegError as error:
                if _is_memory(error):
                    raise
                self.is_cut = True
                return
            yield packet

    def frames(self) -> Iterator[AudioFrame | VideoFrame]:
        """Give every frame that decodes. Raises RefusedError when most packets do not."""
        for packet in self.packets():
            yield from self.decoded(packet)
        yield from self.rest()
        self.check()

    def decoded(self, packet: "Packet[Any]") -> list[AudioFrame | VideoFrame]:
        """Return the frames of one packet; none when it is broken."""
        if packet.size == 0:  # PyAV's flush mark: `rest` does that
            return []
        self._packets += 1
        try:
            return list(packet.decode())
        except av.error.FFmpegError as error:
            self._forgive(error)
            return []

    def rest(self) -> list[AudioFrame | VideoFrame]:
        """Return the frames that the decoders still hold."""
        frames: list[AudioFrame | VideoFrame] = []
        for stream in (self._source.audio, self._source.video):
            if stream is not None:
                try:
                    frames.extend(stream.decode(None))
                except av.error.EOFError:
                    continue  # it was flushed before
                except av.error.FFmpegError as error:
                    self._forgive(error)
        return frames

    def _forgive(self, error: av.error.FFmpegError) -> None:
        if _is_memory(error):
            raise error
        self._broken += 1

    def check(self) -> None:
        """Refuse a file most of whose packets were broken."""
        if self._packets == 0 or self._broken > MAX_BROKEN_SHARE * self._packets:
            raise RefusedError(
                "invalid_media", f"{self._broken} of {self._packets} packets do not decode"
            )


def _is_memory(error: av.error.FFmpegError) -> bool:
    return isinstance(error, MemoryError) or error.errno == errno.ENOMEM


def _start_s(source: Source) -> float:
    """Return the time of the earliest stream, which becomes zero of every rendition."""
    starts = [
        float(stream.start_time * stream.time_base)
        for stream in (source.audio, source.video)
        if stream is not None and stream.start_time is not None and stream.time_base is not None
    ]
    return min(starts, default=0.0)
