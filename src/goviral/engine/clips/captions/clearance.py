"""Where a block of text stands so that it hides least of what the viewer wants to see. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import CaptionStyle, Frame
from goviral.engine.clips.plans.screen import Box, Seen
from goviral.kit.timecode import Span

Band = tuple[float, float]
"""Top and bottom of a stripe of the frame, in pixels."""

_STEPS = range(-40, 16, 2)
"""How far text may move, in hundredths of the frame's height."""
DISTANCE_COST = 0.35
"""Of standing a whole frame away from where the style says."""
_ANYWHERE = range(-100, 101)
_WANDER_COST = 0.1
_MARK_COST = 0.2
"""Of hiding the whole of a logo: less than a mouth."""
_FACE_ZONES = (
    (-0.45, -0.27, 0.25),  # the hair line
    (-0.27, 0.0, 0.8),  # the forehead
    (0.0, 0.36, 5.45),  # the eyes
    (0.36, 0.6, 3.2),  # the nose
    (0.6, 0.88, 1.8),  # the mouth
    (0.88, 1.0, 0.35),  # the chin
)
"""Shares of a face's height, counted from the brow, and what hiding them costs."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What text had better not hide: faces, as they are `seen` at times, and `marks` (logos) all the time."""

    seen: Sequence[Seen] = ()
    marks: Sequence[Box] = ()

    def within(self, span: Span) -> "Ground":
        """In that stretch of the clip."""
        return replace(self, seen=[one for one in self.seen if span.contains(one.at_ms)])

    def met_by(self, width: float, frame: Frame) -> "Ground":
        """Without the marks that centred text of that width passes by."""
        left, right = (frame.width - width) / 2, (frame.width + width) / 2
        marks = [mark for mark in self.marks if mark.x < right and left < mark.x + mark.width]
        return replace(self, marks=marks)

    def hidden(self, place: Band) -> float:
        """What it costs to hide what lies there: 0 for nothing, 1 about a face's middle."""
        return hidden_share(self.seen, *place) + sum(_mark_cost(mark, place) for mark in self.marks)


def clear_of(ground: Ground, setter: Typesetter, frame: Frame, line_count: int) -> CaptionStyle:
    """The setter's style with the `center_y` that hides least, without going far from its own."""
    center_y = _best(ground, setter, frame, line_count, _STEPS, DISTANCE_COST)
    return replace(setter.style, center_y=center_y)


def clear_place(
    ground: Ground,
    setter: Typesetter,
    frame: Frame,
    line_count: int,
    blocked: Sequence[Band] = (),
) -> float:
    """The `center_y` anywhere in the safe area that hides least, off the `blocked` bands wherever there
    is room, and near the style's own."""
    return _best(ground, setter, frame, line_count, _ANYWHERE, _WANDER_COST, blocked)


def _best(
    ground: Ground,
    setter: Typesetter,
    frame: Frame,
    line_count: int,
    steps: range,
    distance_cost: float,
    blocked: Sequence[Band] = (),
) -> float:
    own = setter.style.center_y
    best: tuple[tuple[bool, float], int] | None = None
    for step in sorted(steps, key=abs):
        distance = distance_cost * abs(step) / 100
        if best and best[0] <= (False, round(distance, 4)):
            break  # What is farther away cannot be better.
        top, bottom = band(setter, frame, line_count, own + step / 100)
        if not _is_inside(setter, (top, bottom)):
            continue
        on_blocked = any(top < other[1] and other[0] < bottom for other in blocked)
        cost = on_blocked, round(ground.hidden((top, bottom)) + distance, 4)
        if best is None or cost < best[0]:
            best = cost, step
    return round(own + (best[1] if best else 0) / 100, 4)


def band(setter: Typesetter, frame: Frame, line_count: int, center_y: float) -> Band:
    """Where so many lines around `center_y` stand."""
    half = line_count * setter.style.line_height * setter.em / 2
    return center_y * frame.height - half, center_y * frame.height + half


def _is_inside(setter: Typesetter, place: Band) -> bool:
    return setter.area.top <= place[0] and place[1] <= setter.area.bottom


def hidden_share(seen: Sequence[Seen], top: float, bottom: float) -> float:
    """How much of the faces a band of text hides, in the mean of the times seen: 0 for nothing.

    At one time the larger face counts more; a time counts as much as another, however small its faces.
    """
    shares = [_share(one.boxes, top, bottom) for one in seen if one.boxes]
    return sum(shares) / len(shares) if shares else 0.0


def _mark_cost(mark: Box, place: Band) -> float:
    covered = min(place[1], mark.y + mark.height) - max(place[0], mark.y)
    return _MARK_COST * min(1.0, max(0.0, covered) / max(1.0, mark.height))


def _share(faces: Sequence[Box], top: float, bottom: float) -> float:
    total = sum(face.width * face.height for face in faces) or 1.0
    return sum(_hidden(face, top, bottom) for face in faces) / total


def _hidden(face: Box, top: float, bottom: float) -> float:
    """How much of a face a band of text hides, by what each part is worth."""
    return sum(
        weight
        * face.width
        * max(0.0, min(bottom, face.y + end * face.height) - max(top, face.y + start * face.height))
        for start, end, weight in _FACE_ZONES
    )
