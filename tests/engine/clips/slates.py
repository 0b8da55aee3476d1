"""Films whose every frame carries its number as a pattern, and clips read back frame by frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from engine.media.reels import RATE_HZ, Encoding, Picture, texture, write_film
from goviral.engine.clips.planning.ends import clip_rate
from goviral.engine.clips.plans.plan import ClipPlan, CropKey, Frame, Layout, Loudness, Shot
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import RenderedClip, render_clip
from goviral.engine.media.ffmpeg import Ffmpeg, find_ffmpeg
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span, frame_start_ms

WIDTH, HEIGHT = 320, 180
_BITS = 10
_CELL = 10
_LEFT, _TOP = WIDTH // 2 - 5 * _CELL // 2, HEIGHT // 2 - _CELL
FLASH_EVERY = 25


@dataclass(frozen=True)
class View:
    """Where the middle of the source stands in a clip's frame: scale, and offset of source (0, 0)."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0


def slate(number: int, background: Picture) -> Picture:
    """The frame `number`: ten black or white cells in the middle, five a row."""
    picture = background.copy()
    for bit in range(_BITS):
        x, y = _LEFT + (bit % 5) * _CELL, _TOP + (bit // 5) * _CELL
        picture[y : y + _CELL, x : x + _CELL] = 255 if number >> bit & 1 else 0
    return picture


def read_slate(picture: NDArray[np.uint8], view: View = View()) -> int:
    """The number in a gray frame of a clip."""
    number = 0
    for bit in range(_BITS):
        x = view.x + (_LEFT + (bit % 5 + 0.5) * _CELL) * view.scale
        y = view.y + (_TOP + (bit // 5 + 0.5) * _CELL) * view.scale
        number |= (int(picture[round(y), round(x)]) > 127) << bit
    return number


def slates(count: int) -> Iterator[Picture]:
    background = texture(3, WIDTH, HEIGHT)
    return (slate(number, background) for number in range(count))


def clicks(seconds: float, every: Fraction) -> NDArray[np.float32]:
    """Ten milliseconds of tone at every multiple of `every` seconds."""
    sound = np.zeros(round(seconds * RATE_HZ), np.float32)
    burst = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ // 100) / RATE_HZ)
    at = Fraction(0)
    while (start := round(at * RATE_HZ)) < len(sound) - len(burst):
        sound[start : start + len(burst)] = burst
        at += every
    return np.stack([sound, sound])


def slate_film(path: Path, *, frames: int = 150, encoding: Encoding = Encoding()) -> MediaInfo:
    """A film of numbered frames with a click on every 25th."""
    every = FLASH_EVERY / encoding.fps
    sound = clicks(float(frames / encoding.fps), every)
    return probe(write_film(path, slates(frames), sound, encoding))


def frames_of(path: Path) -> list[NDArray[np.uint8]]:
    """Every frame of a clip, gray."""
    with av.open(str(path)) as clip:
        return [frame.to_ndarray(format="gray") for frame in clip.decode(video=0)]


def colors_of(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as clip:
        for frame in clip.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def sound_of(path: Path) -> NDArray[np.float32]:
    """The left channel of a clip, placed by its time stamps: sample 0 is time 0."""
    parts: list[tuple[int, Any]] = []
    with av.open(str(path)) as clip:
        for frame in clip.decode(audio=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            parts.append((round(frame.pts * frame.time_base * RATE_HZ), frame.to_ndarray()[0]))
    end = max(start + len(part) for start, part in parts)
    sound = np.zeros(end, np.float32)
    for start, part in parts:
        kept = part[max(0, -start) :]
        sound[max(0, start) : max(0, start) + len(kept)] = kept
    return sound


def click_times_ms(sound: NDArray[np.float32]) -> list[float]:
    """When each click begins."""
    loud = np.flatnonzero(np.abs(sound) > 0.25 * float(np.abs(sound).max()))
    starts = [at for i, at in enumerate(loud) if i == 0 or at - loud[i - 1] > RATE_HZ // 10]
    return [float(at) * 1000 / RATE_HZ for at in starts]


def middle_shot(media: MediaInfo, span: Span, width: int = 100) -> Shot:
    """A resting 9:16 crop around the middle of the source, full height."""
    assert media.video is not None
    height = media.video.height
    x = (media.video.width - width) // 2
    return Shot(span, Layout.FOLLOW, width, height, (CropKey(span.start_ms, x, 0),))


def small_frame(fps: Fraction, width: int = 200, height: int = 360) -> Frame:
    return Frame(width, height, fps)


def ffmpeg() -> Ffmpeg:
    return find_ffmpeg(Settings())


QUIET = Loudness(-14.0, 0.0, -1.0, -70.0)
"""Leaves the sound as it is."""

FOLLOWED = View(scale=2.0, x=-2.0 * (WIDTH - 100) / 2)
WHOLE = View(scale=200 / WIDTH, y=0.42 * 360 - HEIGHT * 200 / WIDTH / 2)
"""How `plan_frames` shows the slates, and how a fitted shot does."""


def plan_frames(media: MediaInfo, first: int, end: int) -> ClipPlan:
    """The source's frames `first` to `end`, in a resting crop, sound untouched."""
    assert media.video is not None
    fps = clip_rate(media.video)
    at = media.video.start_ms
    span = Span(at + frame_start_ms(first, fps), at + frame_start_ms(end, fps))
    return ClipPlan(
        name="clip",
        title="",
        source=source_of(media),
        span=span,
        frame=small_frame(fps),
        shots=(middle_shot(media, Span(0, span.duration_ms)),),
        loudness=QUIET if media.audio else None,
    )


def rendered(plan: ClipPlan, folder: Path) -> RenderedClip:
    return render_clip(plan, folder / "clip.mp4", ffmpeg=ffmpeg(), threads=1)
