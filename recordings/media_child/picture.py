"""Pictures turned upright, fitted and, once, kept as a poster. Pure of Django."""

from fractions import Fraction
from typing import Any

import av  # noqa: TID251 - the media child
from av.codec import CodecContext  # noqa: TID251 - as above
from av.video.frame import VideoFrame  # noqa: TID251 - as above

from recordings.media_child.gate import check_pixels

MAX_SIDE = 1280
MAX_FPS = 30
POSTER_SIDE = 320
POSTER_BYTES = 15 * 1024
POSTER_AT_S = 1.0  # the first frames of a camera are often dark
POSTER_QUALITIES = (4, 8, 14, 20, 31)  # JPEG quantisers, best first
QUARTER_TURN = 90


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the size within `side`, never larger than the original, in even numbers."""
    scale = min(1.0, side / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def upright_size(frame: VideoFrame) -> tuple[int, int]:
    """Return width and height as a person sees them."""
    turned = round(frame.rotation / QUARTER_TURN) % 2
    return (frame.height, frame.width) if turned else (frame.width, frame.height)


class Fitter:
    """Turn frames upright and into one size, whatever they change to in mid-stream."""

    def __init__(self, size: tuple[int, int], pixels: str) -> None:
        self._size = size
        self._pixels = pixels
        self._form: tuple[Any, ...] = ()
        self._graph = av.filter.Graph()

    def fit(self, frame: VideoFrame) -> VideoFrame:
        """Return `frame` upright, scaled, with bars where its shape differs."""
        check_pixels(frame.width, frame.height)
        form = (frame.width, frame.height, frame.format.name, frame.rotation)
        if form != self._form:
            self._form = form
            self._graph = self._built(frame)
        self._graph.push(frame)
        fitted_frame = self._graph.pull()
        if not isinstance(fitted_frame, VideoFrame):
            raise TypeError("the filter gave no picture")
        return fitted_frame

    def _built(self, frame: VideoFrame) -> av.filter.Graph:
        width, height = self._size
        size = f"w={width}:h={height}"
        graph = av.filter.Graph()
        graph.threads = 1
        nodes = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
            )
        ]
        nodes += [graph.add(name, argument) for name, argument in _turns(frame.rotation)]
        nodes.append(graph.add("scale", f"{size}:force_original_aspect_ratio=decrease"))
        nodes.append(graph.add("pad", f"{size}:x=(ow-iw)/2:y=(oh-ih)/2"))
        nodes.append(graph.add("setsar", "1"))
        nodes.append(graph.add("format", self._pixels))
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes).configure()
        return graph


def _turns(rotation: int) -> list[tuple[str, str]]:
    """Return the filters that undo a rotation given in degrees counter-clockwise."""
    quarter = round(rotation / QUARTER_TURN) % 4
    return {
        0: [],
        1: [("transpose", "cclock")],
        2: [("hflip", ""), ("vflip", "")],
        3: [("transpose", "clock")],
    }[quarter]


def poster(frame: VideoFrame) -> bytes:
    """Return the frame as a JPEG of at most 15 KB."""
    width, height = fitted(*upright_size(frame), POSTER_SIDE)
    small = Fitter((width, height), "yuvj420p").fit(frame)
    data = b""
    for quality in POSTER_QUALITIES:
        data = _jpeg(small, quality)
        if len(data) <= POSTER_BYTES:
            return data
    raise ValueError(f"the poster takes {len(data)} bytes even at the lowest quality")


def _jpeg(frame: VideoFrame, quality: int) -> bytes:
    codec = CodecContext.create("mjpeg", "w")
    codec.width, codec.height = frame.width, frame.height
    codec.pix_fmt = "yuvj420p"
    codec.time_base = Fraction(1, MAX_FPS)
    codec.options = {"qmin": str(quality), "qmax": str(quality)}
    codec.flags |= int(av.codec.context.Flags.bitexact)
    frame.pict_type = 0
    packets = codec.encode(frame) + codec.encode(None)
    return b"".join(bytes(packet) for packet in packets)
