"""Looks as an ideal detector would give them, for subjects whose way is known."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from goviral.engine.clips.framing.reframe import choose_framing
from goviral.engine.clips.plans.plan import Frame, Shot, Source
from goviral.engine.media.content import Box
from goviral.engine.media.look import Face, Look, Sighting
from goviral.kit.timecode import Span

FPS = Fraction(30)
FULL_HD = Source("/talk.mp4", "f", 600_000, 1920, 1080, FPS, 0, 1)
UHD = Source("/talk.mp4", "f", 600_000, 3840, 2160, FPS, 0, 1)
PORTRAIT = Source("/talk.mp4", "f", 600_000, 1080, 1920, FPS, 0, 1)
VERTICAL = Frame(1080, 1920, FPS)
WIDE = Frame(1920, 1080, FPS)

Way = Callable[[float], tuple[float, float, float] | None]
"""Seconds of the clip to a face's centre and height in source pixels; None while it is away."""

STEP_MS = 333


def face(
    center_x: float, center_y: float, height: float, track: int = 0, score: float = 0.9
) -> Face:
    width = height * 0.8
    return Face(center_x - width / 2, center_y - height / 2, width, height, score, track)


def sighting(
    at_ms: int,
    faces: Sequence[Face] = (),
    *,
    focus: tuple[float, float] = (0.5, 0.5),
    content: Box = Box(0, 0, 1920, 1080),
    graphic: bool = False,
) -> Sighting:
    return Sighting(at_ms, tuple(faces), *focus, sharpness=50.0, content=content, graphic=graphic)


def look_at(
    *ways: Way,
    seconds: float = 10,
    start_ms: int = 0,
    cuts_ms: Sequence[int] = (),
    missed: Callable[[int], bool] = lambda _index: False,
    content: Box = Box(0, 0, 1920, 1080),
) -> Look:
    """What is seen of faces that go their ways, every third of a second and at each cut."""
    span = Span(start_ms, start_ms + round(seconds * 1000))
    times = sorted({*range(0, span.duration_ms, STEP_MS), *(cut - start_ms for cut in cuts_ms)})
    sightings = []
    for index, at in enumerate(times):
        shot = sum(cut - start_ms <= at for cut in cuts_ms)
        places = [way(at / 1000) for way in ways]
        faces = [
            face(*place, track=shot * 10 + number)
            for number, place in enumerate(places)
            if place and not missed(index)
        ]
        sightings.append(sighting(start_ms + at, faces, content=content))
    return Look(span, STEP_MS, tuple(sightings), tuple(cuts_ms))


def shots_of(look: Look, source: Source = FULL_HD, frame: Frame = VERTICAL) -> tuple[Shot, ...]:
    return choose_framing(look, source, frame, look.span).shots
