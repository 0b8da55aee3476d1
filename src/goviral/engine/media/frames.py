"""Pictures of a video as arrays, turned and shaped as they are displayed."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media import container as media_container
from goviral.engine.media.probe import displayed_size
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream as AvVideoStream

Image = NDArray[np.uint8]


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

    def rgb(self, width: int | None = None) -> Image:
        """The picture as displayed; `width` is of the displayed picture, never enlarged."""
        shown = displayed_size(
            self.frame.width, self.frame.height, self.pixel_shape, self.frame.rotation
        )
        scale = min(1.0, width / shown[0]) if width else 1.0
        size = (max(1, round(shown[0] * scale)), max(1, round(shown[1] * scale)))
        turned = size[::-1] if self.frame.rotation % 180 else size
        small = self.frame.reformat(*turned, format="rgb24", interpolation="AREA", threads=1)
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), self.frame.rotation // 90))


def sample_frames(
    path: Path, span: Span, *, step_ms: int, width: int, stream_index: int | None = None
) -> Iterator[Sample]:
    """Pictures about every `step_ms` of `span`, at most `width` wide, in order.

    Frames that no other frame needs are not decoded at all, so times are those of the frames met, not
    exact multiples. Damaged frames are left out. Raises `InputError` when there is no picture.
    """
    due = span.start_ms
    for raw in decode(path, span, stream_index=stream_index):
        if raw.at_ms >= due:
            yield Sample(raw.at_ms, raw.rgb(width))
            due = max(due + step_ms, raw.at_ms + step_ms // 2)


def frame_at(path: Path, at_ms: int, max_width: int | None = None) -> Image:
    """The picture on screen at `at_ms`, full size unless `max_width` is less.

    Past the end it is the last one. Raises `InputError` when nothing can be decoded.
    """
    shown: RawFrame | None = None
    for raw in decode(path, Span(max(0, at_ms - 1000), at_ms + 2000), every_frame=True):
        if raw.at_ms > at_ms and shown is not None:
            break
        shown = raw
    if shown is None:
        shown = _last_frame(path, at_ms)
    return shown.rgb(max_width)


def decode(
    path: Path, span: Span, *, stream_index: int | None = None, every_frame: bool = False
) -> Iterator[RawFrame]:
    """Frames of `span` as decoded, in order; without `every_frame` only those others depend on."""
    with media_container.open_media(path) as container:
        stream = picture_stream(container, path, stream_index)
        context = stream.codec_context
        # One thread: the total cost is the least, and other clips are encoded meanwhile.
        context.thread_count = 1
        if not every_frame:
            context.skip_frame = "NONREF"
        media_container.seek(container, span.start_ms)
        yield from _frames_within(container, stream, span)


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


def _frames_within(
    container: "InputContainer", stream: "AvVideoStream", span: Span
) -> Iterator[RawFrame]:
    offset_ms = media_container.start_ms(container)
    for packet in media_container.packets(container, stream):
        for frame in media_container.decoded(packet):
            if frame.pts is None or frame.time_base is None:
                continue
            at_ms = round(float(frame.pts * frame.time_base) * 1000 - offset_ms)
            if at_ms >= span.end_ms:
                return
            if at_ms >= span.start_ms:
                yield RawFrame(at_ms, frame, stream.sample_aspect_ratio)


def _last_frame(path: Path, at_ms: int) -> RawFrame:
    last: RawFrame | None = None
    for back_ms in (10_000, at_ms + 1):
        for raw in decode(path, Span(max(0, at_ms - back_ms), at_ms + 1)):
            last = raw
        if last is not None:
            return last
    raise InputError(f"No picture of {path.name} can be read.", remedy="Check that it plays.")
