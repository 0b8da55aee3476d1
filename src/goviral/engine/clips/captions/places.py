"""Where the captions of a clip stand: clear of faces, and as still as that allows. Pure.

Captions that jump about are harder to read than captions near a chin, so they have one place for the whole
clip where that does for every shot. Where it does not (a close-up, then a smaller face lower down; one face,
then a divided frame) they have as few places as do, and change them on the very frame of a cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from goviral.engine.clips.captions.clearance import Band, Ground, band, clear_of
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import CaptionMove, Captions, Frame, Shot
from goviral.kit.timecode import Span

_WORTH_A_MOVE = 0.12
"""What another place must save, see `Ground.hidden`: half a mouth."""
_GLIMPSE_MS = 700
"""Nobody reads where nobody looks: a shorter shot leaves captions where they stand."""


def stand_clear(
    captions: Captions, shots: tuple[Shot, ...], ground: Ground, frame: Frame
) -> Captions:
    """The captions where they hide least of the `ground`, near the place of their style."""
    room = _Room(captions, ground, frame)
    places = room.places([shot.span for shot in shots])
    lasting_ms = dict.fromkeys(places, 0)
    for shot, center_y in zip(shots, places, strict=True):
        lasting_ms[center_y] += shot.span.duration_ms
    usual_y = max(lasting_ms, key=lambda y: lasting_ms[y], default=room.clear_y(room.ground))
    style = replace(captions.style, center_y=usual_y)
    return replace(captions, style=style, moves=tuple(_moves(shots, places, usual_y)))


def heights(captions: Captions, span: Span) -> Iterator[tuple[Span, float | None]]:
    """The pieces of a stretch of the clip in which captions stand still, and where; None: as the style."""
    starts_ms, center_y = span.start_ms, None
    for move in captions.moves:
        if starts_ms < move.at_ms < span.end_ms:
            yield Span(starts_ms, move.at_ms), center_y
            starts_ms = move.at_ms
        if move.at_ms < span.end_ms:
            center_y = move.center_y
    yield Span(starts_ms, span.end_ms), center_y


def caption_bands(captions: Captions, frame: Frame, within: Span) -> tuple[Band, ...]:
    """Where captions may stand in a stretch of the clip; nowhere if they are not drawn."""
    if not captions.drawn:
        return ()
    setter = Typesetter(captions.style, frame, captions.language)
    usual_y, lines = captions.style.center_y, captions.style.max_lines
    places = dict.fromkeys(usual_y if y is None else y for _, y in heights(captions, within))
    return tuple(band(setter, frame, lines, center_y) for center_y in places)


def usual_ground(captions: Captions, ground: Ground, clip: Span) -> Ground:
    """What is there while captions stand where their style says."""
    usual = [span for span, center_y in heights(captions, clip) if center_y is None]
    seen = [one for one in ground.seen if any(span.contains(one.at_ms) for span in usual)]
    return replace(ground, seen=seen)


def _moves(shots: Sequence[Shot], places: Sequence[float], usual_y: float) -> Iterator[CaptionMove]:
    stands_y = usual_y
    for shot, center_y in zip(shots, places, strict=True):
        if center_y != stands_y:
            yield CaptionMove(shot.span.start_ms, None if center_y == usual_y else center_y)
        stands_y = center_y


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A shot, and the least that captions can hide in it."""

    duration_ms: int
    ground: Ground
    own_y: float
    least: float


class _Room:
    """What captions of one style would hide, where."""

    def __init__(self, captions: Captions, ground: Ground, frame: Frame) -> None:
        self._setter = Typesetter(captions.style, frame, captions.language)
        self._lines = captions.style.max_lines
        self._frame = frame
        lines = [line for page in captions.pages for line in page.lines]
        widest = max((self._setter.line_width([w.text for w in line]) for line in lines), default=0)
        self.ground = ground.met_by(min(widest, self._setter.max_width), frame)

    def clear_y(self, ground: Ground) -> float:
        """The one place that hides least of that."""
        return clear_of(ground, self._setter, self._frame, self._lines).center_y

    def places(self, spans: Sequence[Span]) -> list[float]:
        """One for each of the shots: the fewest that do, those first that do for longest."""
        stretches = [self._stretch(span) for span in spans]
        left = {index for index, one in enumerate(stretches) if _has_a_say(one)}
        found: dict[int, float] = {}
        while left:
            rest = [stretches[index] for index in sorted(left)]
            candidates = dict.fromkeys([self._common_y(rest), *(one.own_y for one in rest)])
            best_y = max(candidates, key=lambda y: self._lasts_ms(rest, y))
            does = {index for index in left if self._does(stretches[index], best_y)}
            group_y = self._common_y([stretches[index] for index in sorted(does)])
            if all(self._does(stretches[index], group_y) for index in does):
                best_y = group_y
            found |= dict.fromkeys(does, best_y)
            left -= does
        return _inherited(found, len(spans), self.clear_y(self.ground))

    def _stretch(self, span: Span) -> _Stretch:
        ground = self.ground.within(span)
        own_y = self.clear_y(ground)
        return _Stretch(span.duration_ms, ground, own_y, self._hidden(ground, own_y))

    def _common_y(self, stretches: Sequence[_Stretch]) -> float:
        seen = [one for stretch in stretches for one in stretch.ground.seen]
        return self.clear_y(replace(self.ground, seen=seen))

    def _lasts_ms(self, stretches: Sequence[_Stretch], center_y: float) -> int:
        return sum(one.duration_ms for one in stretches if self._does(one, center_y))

    def _does(self, stretch: _Stretch, center_y: float) -> bool:
        return self._hidden(stretch.ground, center_y) - stretch.least < _WORTH_A_MOVE

    def _hidden(self, ground: Ground, center_y: float) -> float:
        return ground.hidden(band(self._setter, self._frame, self._lines, center_y))


def _has_a_say(stretch: _Stretch) -> bool:
    return stretch.duration_ms >= _GLIMPSE_MS and any(one.boxes for one in stretch.ground.seen)


def _inherited(found: dict[int, float], count: int, otherwise_y: float) -> list[float]:
    """The places of all: who has none takes that of the one before, the first of the one to come."""
    center_y = found[min(found)] if found else otherwise_y
    places = []
    for index in range(count):
        center_y = found.get(index, center_y)
        places.append(center_y)
    return places
