"""A clip as an editor sees it: which frames of which file, one after another, and how each is framed. Pure.

Everything is counted in whole frames of the clip's rate. What an editing program has no word for (blurred
background, caption looks, music) is left to it; inserts and titles are told as marks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from goviral.engine.clips.exports.subtitles import clip_transcript
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import Cell, ClipPlan, CropKey, Frame, Layout, Shot, Source
from goviral.engine.clips.plans.played import timeline_of
from goviral.engine.clips.plans.played_plan import played
from goviral.engine.clips.plans.screen import picture_place
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import frame_at

_STEPS = 8
"""A move is eased; key frames on the curve at eighths are within one per cent of the move of it."""


@dataclass(frozen=True, slots=True)
class Rect:
    """Left, top and size, in pixels of the source or of the frame."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Key:
    """What part of the source is shown at a frame of a piece, counted from the piece's first."""

    frame: int
    crop: Rect


@dataclass(frozen=True, slots=True)
class Layer:
    """One picture of a piece: where it lies in the frame, and what it shows. Between keys it is linear."""

    place: Rect
    keys: tuple[Key, ...]

    @property
    def moves(self) -> bool:
        return len(self.keys) > 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames of the source played in one go: `source_start` counts from its first picture."""

    start: int
    source_start: int
    frames: int
    layout: Layout
    layers: tuple[Layer, ...]

    @property
    def end(self) -> int:
        return self.start + self.frames


@dataclass(frozen=True, slots=True)
class Mark:
    """Something an editor should know of, at a frame of the clip."""

    frame: int
    frames: int
    text: str


@dataclass(frozen=True, slots=True)
class CutClip:
    """A clip as pieces of its source, without gaps."""

    name: str
    title: str
    source: Source
    frame: Frame
    pieces: tuple[Piece, ...]
    words: Transcript
    marks: tuple[Mark, ...]
    gain_db: float

    @property
    def fps(self) -> Fraction:
        return self.frame.fps

    @property
    def frames(self) -> int:
        return self.pieces[-1].end


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What only the file itself knows. `start_s` is where its own timecode begins."""

    start_s: Fraction = Fraction(0)
    channels: int = 2
    rate_hz: int = 48000


@dataclass(frozen=True, slots=True)
class CutList:
    """All clips of a run, in order. `facts` by the path of each source."""

    name: str
    clips: tuple[CutClip, ...]
    facts: dict[str, SourceFacts]

    def facts_of(self, clip: CutClip) -> SourceFacts:
        return self.facts.get(clip.source.path, SourceFacts())

    def start_of(self, clip: CutClip) -> int:
        """The timecode of the source's first picture, in frames of the clip."""
        return round(self.facts_of(clip).start_s * clip.fps)


def cut_clip(plan: ClipPlan) -> CutClip:
    """The pieces of a plan: split at removals and at every change of layout or crop size."""
    shown = played(plan)
    return CutClip(
        name=plan.name,
        title=plan.title,
        source=plan.source,
        frame=plan.frame,
        pieces=tuple(_pieces(plan, shown)),
        words=clip_transcript(plan),
        marks=tuple(_marks(shown)),
        gain_db=plan.loudness.gain_db if plan.loudness else 0.0,
    )


def _pieces(plan: ClipPlan, shown: ClipPlan) -> Iterator[Piece]:
    line, first = timeline_of(plan), _first_frame(plan)
    edges = [frame_at(shot.span.start_ms, line.fps) for shot in shown.shots] + [line.frames]
    start = 0
    for kept_first, kept_end in line.kept:
        end = start + kept_end - kept_first
        for shot, (shot_start, shot_end) in zip(shown.shots, pairwise(edges), strict=True):
            at, until = max(start, shot_start), min(end, shot_end)
            if at < until:
                layers = tuple(_layers(shot, plan, at, until))
                source_start = first + kept_first + at - start
                yield Piece(at, source_start, until - at, shot.layout, layers)
        start = end


def _first_frame(plan: ClipPlan) -> int:
    """The source's frame the clip begins with, counted as `cutting` counts it."""
    offset_ms = plan.source.start_offset_ms if plan.source.video_stream is not None else 0
    return max(0, round((plan.span.start_ms - offset_ms) * plan.frame.fps / 1000))


def _layers(shot: Shot, plan: ClipPlan, start: int, end: int) -> Iterator[Layer]:
    frame, source = plan.frame, plan.source
    if shot.layout is Layout.CANVAS:
        return
    for cell in shot.cells:
        place = Rect(cell.x, cell.y, cell.width, cell.height)
        yield Layer(place, _keys(cell, start, end, frame.fps))
    if shot.cells:
        return
    if shot.layout is Layout.FIT:
        shot = shot if shot.crop_width else _whole(shot, source)
        place = Rect(*picture_place(shot, frame))
    else:
        place = Rect(0, 0, frame.width, frame.height)
    yield Layer(place, _keys(shot, start, end, frame.fps))


def _whole(shot: Shot, source: Source) -> Shot:
    return Shot(shot.span, shot.layout, source.width, source.height)


def _keys(shown: Shot | Cell, start: int, end: int, fps: Fraction) -> tuple[Key, ...]:
    """Where the crop rests one key; where it moves the ends of each move and points between."""
    frames = sorted({start, end - 1, *_turning(shown.path, start, end, fps)})
    keys = [Key(frame - start, _crop(shown, frame, fps)) for frame in frames]
    kept = [
        key
        for at, key in enumerate(keys)
        if at in (0, len(keys) - 1) or not keys[at - 1].crop == key.crop == keys[at + 1].crop
    ]
    return (kept[0],) if all(key.crop == kept[0].crop for key in kept) else tuple(kept)


def _turning(path: tuple[CropKey, ...], start: int, end: int, fps: Fraction) -> Iterator[int]:
    for before, after in pairwise(path):
        for step in range(_STEPS + 1):
            at_ms = before.at_ms + Fraction(after.at_ms - before.at_ms) * step / _STEPS
            frame = round(at_ms * fps / 1000)
            if start < frame < end - 1:
                yield frame


def _crop(shown: Shot | Cell, frame: int, fps: Fraction) -> Rect:
    x, y = corner_at(shown.path, frame * 1000 / fps)
    return Rect(round(float(x), 2), round(float(y), 2), shown.crop_width, shown.crop_height)


def _marks(shown: ClipPlan) -> Iterator[Mark]:
    """What is drawn or heard besides the source, for the editor to lay in."""
    fps = shown.frame.fps
    for insert in shown.inserts:
        at = frame_at(insert.span.start_ms, fps)
        length = max(1, frame_at(insert.span.end_ms, fps) - at)
        yield Mark(at, length, f"B-roll ({insert.mode}): {Path(insert.path).name}")
    if shown.hook:
        at = frame_at(shown.hook.span.start_ms, fps)
        length = max(1, frame_at(shown.hook.span.end_ms, fps) - at)
        yield Mark(at, length, f"Title: {' '.join(shown.hook.lines)}")
    if shown.intro:
        yield Mark(0, 1, f"Intro before this: {Path(shown.intro.source.path).name}")
    if shown.outro:
        last = max(0, frame_at(shown.span.duration_ms, fps) - 1)
        yield Mark(last, 1, f"Outro after this: {Path(shown.outro.source.path).name}")
    if shown.music:
        yield Mark(0, 1, f"Music: {Path(shown.music.path).name} at {shown.music.gain_db:g} dB")
