"""Pictures of a video as arrays, turned and shaped as they are displayed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media import container as media_container
from goviral.engine.media.probe import displayed_size
from goviral.engine.media.quiet_tails import without_quiet_tails
from goviral.engine.media.tone import is_hdr, sdr_of
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream as AvVideoStream

    VideoPacket = Packet[Any]

Image = NDArray[np.uint8]

TINY_WIDTH, TINY_HEIGHT = 64, 36
_INTRA = 1
_SEEK_BACK_MS = (0, 6_000, 30_000)
_LONGEST_STEP_MS = 180
_USUAL_STEP_MS = 100


@dataclass(frozen=True)
class Sample:
    """One picture, RGB, shape (height, width, 3); `at_ms` is source time."""

    at_ms: int
    image: Image


@dataclass(frozen=True)
class RawFrame:
    """A decoded frame before it is turned into a picture, with its source time."""

    at_ms: int
    frame: "VideoFrame"
    pixel_shape: Fraction | None

    @property
    def displayed_size(self) -> tuple[int, int]:
        """Width and height on screen."""
        frame = self.frame
        return displayed_size(frame.width, frame.height, self.pixel_shape, frame.rotation)

    @property
    def is_intra(self) -> bool:
        """Coded without other frames, as encoders do where a shot begins."""
        return self.frame.key_frame or self.frame.pict_type == _INTRA


class Pictures:
    """Makes RGB pictures of frames, at most `width` wide as displayed, HDR mapped to SDR."""

    def __init__(self, width: int | None = None) -> None:
        self._width = width
        self._scaler = _scaler()

    def of(self, raw: RawFrame) -> Image:
        """The picture as displayed, never enlarged."""
        shown = raw.displayed_size
        scale = min(1.0, self._width / shown[0]) if self._width else 1.0
        size = (max(1, round(shown[0] * scale)), max(1, round(shown[1] * scale)))
        width, height = size[::-1] if raw.frame.rotation % 180 else size
        rgb = self._scaler.reformat(
            raw.frame, width, height, format="rgb24", interpolation="AREA", threads=1
        )
        pixels = rgb.to_ndarray()
        if raw.frame.interlaced_frame and height > raw.frame.height // 2:
            pixels = _whole(pixels)
        turned = np.rot90(pixels, raw.frame.rotation // 90)
        picture: Image = np.ascontiguousarray(turned, np.uint8)
        transfer = int(raw.frame.color_trc)
        return sdr_of(picture, transfer) if is_hdr(transfer) else picture


def _whole(pixels: NDArray[Any]) -> NDArray[Any]:
    """One of the two half pictures of an interlaced frame; its other lines lie between their neighbours.

    A frame alone has no time to choose by; scaled to half its height or less, the combs are gone anyway.
    """
    whole = pixels.copy()
    between = (pixels[:-2:2].astype(np.uint16) + pixels[2::2]) // 2
    whole[1:-1:2] = between[: len(whole[1:-1:2])]
    return whole


class Tiny:
    """Makes pictures of 64 x 36 (not turned, YUV) that tell whether two frames are alike."""

    def __init__(self) -> None:
        self._scaler = _scaler()

    def of(self, raw: RawFrame) -> Image:
        """Shape (3, 36, 64)."""
        small = self._scaler.reformat(
            raw.frame, TINY_WIDTH, TINY_HEIGHT, format="yuv444p", interpolation="AREA", threads=1
        )
        return np.asarray(small.to_ndarray(), np.uint8)


class Watcher(Protocol):
    """Who looks at frames one by one, and how much he can do without.

    Calm: bidirectional frames, as long as the others come at least every 180 ms; frames that refer to
    those left out differ by less than a gray level on average. Quiet: up to a second before a key frame.
    """

    @property
    def is_calm(self) -> bool: ...
    @property
    def is_quiet(self) -> bool: ...


def sample_frames(
    path: Path, span: Span, *, step_ms: int, width: int, stream_index: int | None = None
) -> Iterator[Sample]:
    """Pictures about every `step_ms` of `span`, at most `width` wide, in order.

    Frames that no other frame needs are not decoded at all, so times are those of the frames met, not
    exact multiples. Damaged frames are left out. Raises `InputError` when there is no picture.
    """
    pictures = Pictures(width)
    due = span.start_ms
    for raw in decode(path, span, stream_index=stream_index):
        if raw.at_ms >= due:
            yield Sample(raw.at_ms, pictures.of(raw))
            due = max(due + step_ms, raw.at_ms + step_ms // 2)


def frame_at(path: Path, at_ms: int, max_width: int | None = None) -> Image:
    """The picture on screen at `at_ms`, full size unless `max_width` is less.

    Past the end it is the last one. Raises `InputError` when nothing can be decoded.
    """
    shown = _on_screen(path, at_ms, _USUAL_STEP_MS) or _on_screen(path, at_ms, 1000)
    return Pictures(max_width).of(shown or _last_frame(path, at_ms))


def _on_screen(path: Path, at_ms: int, back_ms: int) -> RawFrame | None:
    """The last frame at or before `at_ms`, begun at most `back_ms` earlier; else, with a second or more,
    the first one after it. From far back, twice as many frames are decoded to get there."""
    shown: RawFrame | None = None
    for raw in decode(path, Span(max(0, at_ms - back_ms), at_ms + 2000), every_frame=True):
        if raw.at_ms > at_ms and (shown is not None or back_ms < 1000):
            break
        shown = raw
    return shown


def decode(
    path: Path,
    span: Span,
    *,
    stream_index: int | None = None,
    every_frame: bool = False,
    watcher: Watcher | None = None,
) -> Iterator[RawFrame]:
    """Frames of `span` in order; without `every_frame` only those others depend on, and a little
    coarser, for half the cost. What a `watcher` does without is left out too.
    """
    with media_container.open_media(path) as container:
        stream = picture_stream(container, path, stream_index)
        context = stream.codec_context
        # One thread: the total cost is the least, and other clips are encoded meanwhile.
        context.thread_count = 1
        if not every_frame:
            context.skip_frame = "NONREF"
            # Unfiltered block edges vanish in a small picture; 15 % of the decoder's time does too.
            context.options = {"skip_loop_filter": "all"}
        start_ms = span.start_ms + media_container.start_ms(container)

        def walk() -> "Iterator[VideoPacket]":
            packets = media_container.packets(container, stream)
            if every_frame:
                return _on_the_way_to(start_ms, packets, context)
            return without_quiet_tails(packets, lambda: watcher.is_quiet) if watcher else packets

        frames = _from_the_start_of(container, stream, span, walk)
        yield from _thinned(frames, stream, watcher) if watcher else frames


def _on_the_way_to(
    start_ms: float, packets: "Iterator[VideoPacket]", context: "VideoCodecContext"
) -> "Iterator[VideoPacket]":
    """Before it only those frames are decoded that others depend on; all where a container tells no more
    than when to decode them."""
    for packet in packets:
        early = packet.pts is not None and media_container.packet_ms(packet) < start_ms
        context.skip_frame = "NONREF" if early else "DEFAULT"
        yield packet


def _thinned(
    frames: Iterator[RawFrame], stream: "AvVideoStream", watcher: Watcher
) -> Iterator[RawFrame]:
    """The decoder is told between frames what to leave out: it obeys with the next packet."""
    context = stream.codec_context
    dense = False
    before_ms: int | None = None
    for raw in frames:
        # Some encoders write nearly all frames as bidirectional ones. Before a key frame a quiet tail was left out.
        late = before_ms is not None and raw.at_ms - before_ms > _LONGEST_STEP_MS
        late = late and not raw.frame.key_frame
        dense = dense or (late and context.skip_frame == "BIDIR")
        before_ms = raw.at_ms
        yield raw
        context.skip_frame = "BIDIR" if watcher.is_calm and not dense else "NONREF"


def picture_stream(
    container: "InputContainer", path: Path, index: int | None = None
) -> "AvVideoStream":
    """The stream `probe` chose (`index`), else the first that is not cover art."""
    from av.stream import Disposition

    streams = [
        stream
        for stream in container.streams.video
        if (index is None or stream.index == index)
        and not stream.disposition & Disposition.attached_pic
    ]
    if not streams:
        raise InputError(f"{path.name} has no picture.", remedy="Give a video file.")
    return streams[0]


def _scaler() -> "VideoReformatter":
    # Kept between frames: each frame's own scaler would be set up anew.
    from av.video.reformatter import VideoReformatter

    return VideoReformatter()


def _from_the_start_of(
    container: "InputContainer",
    stream: "AvVideoStream",
    span: Span,
    walk: "Callable[[], Iterator[VideoPacket]]",
) -> Iterator[RawFrame]:
    """Seek early enough: formats without an index (MPEG-TS) may land after the key frame wanted."""
    for back_ms in _SEEK_BACK_MS:
        media_container.seek(container, max(0, span.start_ms - back_ms))
        frames = _from_here(container, stream, span.end_ms, walk())
        first = next(frames, None)
        landed_late = first is None or first.at_ms > span.start_ms
        if landed_late and back_ms < min(span.start_ms, _SEEK_BACK_MS[-1]):
            continue
        wanted = chain([first], frames) if first is not None else frames
        yield from (raw for raw in wanted if raw.at_ms >= span.start_ms)
        return


def _from_here(
    container: "InputContainer",
    stream: "AvVideoStream",
    end_ms: int,
    packets: "Iterator[VideoPacket]",
) -> Iterator[RawFrame]:
    offset_ms = media_container.start_ms(container)
    for packet in packets:
        for frame in media_container.decoded(packet):
            # Some containers (AVI) carry decoding times only.
            pts = frame.dts if frame.pts is None else frame.pts
            if pts is None or frame.time_base is None:
                continue
            at_ms = round(float(pts * frame.time_base) * 1000 - offset_ms)
            if at_ms >= end_ms:
                return
            yield RawFrame(at_ms, frame, stream.sample_aspect_ratio)


def _last_frame(path: Path, at_ms: int) -> RawFrame:
    last: RawFrame | None = None
    for back_ms in (10_000, at_ms + 1):
        for raw in decode(path, Span(max(0, at_ms - back_ms), at_ms + 1)):
            last = raw
        if last is not None:
            return last
    raise InputError(f"No picture of {path.name} can be read.", remedy="Check that it plays.")
