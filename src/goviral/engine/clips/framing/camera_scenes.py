"""The camera shots of a clip, from cut to cut: what was seen in each, and its picture without bars. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from goviral.engine.clips.framing.subjects import Box
from goviral.engine.clips.plans.plan import Frame, Source
from goviral.kit.timecode import Span, frame_count, frame_start_ms

if TYPE_CHECKING:
    from goviral.engine.media.look import Look, Sighting

_SHORTEST_SHOT_FRAMES = 3
_BAR_GUARD = 0.004


@dataclass(frozen=True, slots=True)
class Scene:
    """One camera shot: its time in the clip, what was seen in it (clip time), its active picture."""

    span: Span
    sightings: "tuple[Sighting, ...]"
    picture: Box

    @property
    def is_graphic(self) -> bool:
        """Whether most of it is made to be read: a slide, a screen, a sign."""
        return sum(sighting.graphic for sighting in self.sightings) * 2 > len(self.sightings)

    def within(self, span: Span) -> "Scene":
        """The part of it in `span`, with the sightings of all of it: faces do not jump at its ends."""
        return replace(self, span=span)


def scenes_of(look: "Look", source: Source, frame: Frame, span: Span) -> list[Scene]:
    """The scenes of a clip, without gaps, on whole frames; `span` is the clip's in source time.

    Scenes begin on the very frames where the camera cuts; one of one or two frames is none.
    """
    fps = frame.fps
    sightings = [replace(s, at_ms=s.at_ms - span.start_ms) for s in look.sightings]
    # By frames, not milliseconds: rounded apart, a shot's first frame would be its predecessor's last.
    seen = [(round(sighting.at_ms * fps / 1000), sighting) for sighting in sightings]
    scenes = []
    for first, end in pairwise(_edges(look, frame, span)):
        inside = tuple(sighting for at, sighting in seen if first <= at < end)
        picture = _active_picture(inside or tuple(sightings[:1]), source)
        time = Span(frame_start_ms(first, fps), frame_start_ms(end, fps))
        scenes.append(Scene(time, inside, picture))
    scenes[-1] = replace(scenes[-1], span=Span(scenes[-1].span.start_ms, span.duration_ms))
    return scenes


def _edges(look: "Look", frame: Frame, span: Span) -> list[int]:
    """Frames with which shots begin, and the clip's end."""
    last = frame_count(span.duration_ms, frame.fps)
    cuts = [
        round((cut_ms - span.start_ms) * frame.fps / 1000)
        for cut_ms in look.cuts_ms
        if span.contains(cut_ms)
    ]
    frames = [0]
    for cut in cuts:
        if frames[-1] and cut - frames[-1] < _SHORTEST_SHOT_FRAMES:
            frames.pop()
        if _SHORTEST_SHOT_FRAMES <= cut <= last - _SHORTEST_SHOT_FRAMES:
            frames.append(cut)
    return [*frames, last]


def _active_picture(sightings: "Sequence[Sighting]", source: Source) -> Box:
    """The picture without its bars; a little less where there are any, as their edges are soft."""
    if not sightings:
        return Box(0, 0, source.width, source.height)
    content = sightings[0].content
    left, width = _inside(content.x, content.x + content.width, source.width)
    top, height = _inside(content.y, content.y + content.height, source.height)
    return Box(left, top, width, height)


def _inside(first: int, end: int, size: int) -> tuple[int, int]:
    """Start and length, even, clear of the edge of a bar on either side."""
    guard = ceil(_BAR_GUARD * size)
    first = (first + guard + 1) // 2 * 2 if first else 0
    end = end - guard if end < size else size
    return first, max(2, (end - first) // 2 * 2)
