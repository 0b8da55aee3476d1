"""A clip's key frames, looked at: is there a picture, is it black, does it stand still?

Packets are counted, which needs no decoding; only key frames are decoded, two seconds apart. What happens
between them is seen by `check_whole`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from goviral.engine.clips.render.findings import Finding, stretch
from goviral.engine.media.container import decoded, packets

if TYPE_CHECKING:
    import numpy as np
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

_MOST = 24
_FLAT = 3
_BLACK = 32
_STEP = 12
_SAME = 0.35
_LEAST_BLACK_S = 2.0
_LEAST_FROZEN_S = 8.0


@dataclass(frozen=True, slots=True)
class Still:
    """A key frame: when it is shown, its darkest and brightest luma, a coarse copy."""

    at_s: float
    darkest: int
    brightest: int
    coarse: "NDArray[np.int16]"

    @property
    def flat(self) -> bool:
        return self.brightest - self.darkest <= _FLAT

    @property
    def black(self) -> bool:
        return self.brightest <= _BLACK


@dataclass(frozen=True, slots=True)
class Seen:
    """How many pictures there are, and the first key frames of them."""

    count: int
    stills: tuple[Still, ...]


def look_through(container: "InputContainer", video: "VideoStream") -> Seen:
    """Count the pictures and decode key frames.

    The decoder may hold a key frame back until the next packet: what it holds at the end is looked at
    too, so that a clip with a single key frame is judged by it.
    """
    count, asked = 0, 0
    # Unfiltered block edges are nothing here, and a sixth of the decoder's time.
    video.codec_context.options = {"skip_loop_filter": "all"}
    # Made stills of at once: frames that are kept take new memory each.
    stills: list[Still] = []
    for packet in packets(container, video):
        if not packet.size:
            continue
        count += 1
        if packet.is_keyframe and asked < _MOST:
            asked += 1
            stills += map(_still, decoded(packet))
    return Seen(count, tuple(stills or map(_still, video.codec_context.decode(None))))


def judge(stills: Sequence[Still]) -> Iterator[Finding]:
    """Nothing to be seen is an error; black and standing still may be meant, and are told."""
    if stills and all(still.flat for still in stills):
        yield Finding("picture", "nothing is to be seen: every picture looked at is one colour")
        return
    for dark, group in groupby(stills, lambda still: still.black):
        run = list(group)
        if dark and run[-1].at_s - run[0].at_s >= _LEAST_BLACK_S:
            where = stretch(run[0].at_s, run[-1].at_s)
            yield Finding("black", f"its picture is black {where}", "warning")
    for run in _standing(stills):
        if not run[0].black and run[-1].at_s - run[0].at_s >= _LEAST_FROZEN_S:
            where = stretch(run[0].at_s, run[-1].at_s)
            yield Finding("frozen", f"its picture stands still {where}", "warning")


def _standing(stills: Sequence[Still]) -> list[list[Still]]:
    """Runs of key frames that show the same."""
    runs = [[still] for still in stills[:1]]
    for before, after in pairwise(stills):
        if _alike(before, after):
            runs[-1].append(after)
        else:
            runs.append([after])
    return runs


def _alike(one: Still, other: Still) -> bool:
    return float(abs(one.coarse - other.coarse).mean()) < _SAME


def _still(frame: "VideoFrame") -> Still:
    """Every twelfth pixel of the luma plane, which costs nothing."""
    import numpy as np

    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    coarse = luma[::_STEP, : plane.width : _STEP].astype(np.int16)
    return Still(float(frame.time), int(coarse.min()), int(coarse.max()), coarse)
