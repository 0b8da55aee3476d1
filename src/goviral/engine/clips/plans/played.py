"""What is played of a clip: removals closed up, every time moved with the cut. Pure.

A plan's times count as if nothing were removed. Rendering, checks and exports ask here which frames are
left and where a moment of the plan lies in the finished clip. Whole frames are taken out, and the samples
of exactly those frames, so picture and sound cannot drift apart however many cuts there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from goviral.engine.clips.plans.plan import ClipPlan, Removal
from goviral.kit.timecode import Span, frame_at, frame_count, frame_start_ms


@dataclass(frozen=True, slots=True)
class Timeline:
    """The frames of a clip that are played: ranges `[first, end)`, counted from its first frame.

    A moment inside a removal lies where the cut is.
    """

    fps: Fraction
    kept: tuple[tuple[int, int], ...]

    @property
    def frames(self) -> int:
        return sum(end - first for first, end in self.kept)

    @property
    def duration_ms(self) -> int:
        """Length of what is played: `frame_count` of it is `frames`."""
        return frame_start_ms(self.frames, self.fps)

    def shows(self, frame: int) -> bool:
        """Whether this frame of the clip is played."""
        return any(first <= frame < end for first, end in self.kept)

    def frame(self, frame: int) -> int:
        """How many frames are played before this one of the clip: its number, if it is played."""
        return sum(min(frame, end) - first for first, end in self.kept if frame > first)

    def clip_frame(self, frame: int) -> int:
        """The frame of the clip behind a played one; beyond the end the frame after the last."""
        for first, end in self.kept:
            if frame < end - first:
                return first + max(0, frame)
            frame -= end - first
        return self.kept[-1][1] if self.kept else 0

    def at(self, at_ms: int) -> int:
        """Where a moment of the clip lies in what is played, on the same frame: milliseconds."""
        frame = frame_at(at_ms, self.fps)
        number = self.frame(frame)
        starts_ms = frame_start_ms(number, self.fps)
        if not self.shows(frame):
            return starts_ms
        return max(starts_ms, int(at_ms - (frame - number) * 1000 / self.fps))

    def clip_ms(self, played_ms: int) -> int:
        """The moment of the clip that is played at `played_ms`: `at` of it is `played_ms` again."""
        number = frame_at(played_ms, self.fps)
        frame = self.clip_frame(number)
        starts_ms = frame_start_ms(frame, self.fps)
        return max(starts_ms, int(played_ms + (frame - number) * 1000 / self.fps))

    def span(self, span: Span) -> Span:
        """A stretch of the clip as it is played; empty where all of it is removed."""
        return Span(self.at(span.start_ms), self.at(span.end_ms))


def timeline_of(plan: ClipPlan) -> Timeline:
    """Which frames of the plan's clip are played."""
    frames = frame_count(plan.span.duration_ms, plan.frame.fps)
    return Timeline(plan.frame.fps, kept_frames(plan.removals, frames, plan.frame.fps))


def played_spans(plan: ClipPlan) -> tuple[Span, ...]:
    """The stretches of the source that are played, in order, on whole frames; absolute source time."""
    fps = plan.frame.fps
    offset_ms = plan.source.start_offset_ms if plan.source.video_stream is not None else 0
    first = round((plan.span.start_ms - offset_ms) * fps / 1000)
    if plan.source.video_stream is None:
        offset_ms, first = plan.span.start_ms, 0
    return tuple(
        Span(
            offset_ms + frame_start_ms(first + start, fps),
            offset_ms + frame_start_ms(first + end, fps),
        )
        for start, end in timeline_of(plan).kept
    )


def played_ms(plan: ClipPlan) -> int:
    """How long the finished clip is."""
    return timeline_of(plan).duration_ms


def to_played_ms(plan: ClipPlan, at_ms: int) -> int:
    """Where a moment of the plan (untightened clip time) lies in the finished clip."""
    return timeline_of(plan).at(at_ms)


def from_played_ms(plan: ClipPlan, at_ms: int) -> int:
    """The moment of the plan that the finished clip shows at `at_ms`."""
    return timeline_of(plan).clip_ms(at_ms)


def kept_frames(
    removals: Sequence[Removal], frames: int, fps: Fraction
) -> tuple[tuple[int, int], ...]:
    """What removals leave of `frames`; their edges are put on the nearest frame."""
    kept, at = [], 0
    for first, end in _removed(removals, frames, fps):
        if first > at:
            kept.append((at, first))
        at = max(at, end)
    return (*kept, (at, frames)) if at < frames else tuple(kept)


def _removed(removals: Iterable[Removal], frames: int, fps: Fraction) -> list[tuple[int, int]]:
    edges = (
        (round(cut.span.start_ms * fps / 1000), round(cut.span.end_ms * fps / 1000))
        for cut in removals
    )
    inside = ((max(0, first), min(frames, end)) for first, end in edges)
    return sorted((first, end) for first, end in inside if first < end)
