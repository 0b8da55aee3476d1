"""Where the captions of a clip stand: clear of faces, and as still as that allows. Pure.

Captions that jump about are harder to read than captions near a chin, so they have one place for the whole
clip where that does for every shot. Where it does not (a close-up, then a smaller face lower down; one face,
then a divided frame) they have as few places as do, and change them on the very frame of a cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from goviral.engine.clips.captions.clearance import DISTANCE_COST, Band, Ground, band, clear_of
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import CaptionMove, Captions, Frame, Shot
from goviral.kit.timecode import Span

_WORTH_A_MOVE = 0.2
"""What another place must save, see `Ground.hidden`: two fifths of a mouth."""
_MOVE_COST = 0.4
"""Of a move: as of a second with most of a mouth hidden."""
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
        """One for each of the shots: the fewest that do, and of those the way with the fewest moves."""
        stretches = [self._stretch(span) for span in spans]
        seen = [one for one in stretches if _has_a_say(one)]
        found = self._fewest(seen) or [self.clear_y(self.ground)]
        return _steadiest([self._costs(one, found) for one in stretches])

    def _fewest(self, left: Sequence[_Stretch]) -> list[float]:
        """Places of which one does for each, those first that do for longest."""
        found: list[float] = []
        while left:
            candidates = dict.fromkeys([self._common_y(left), *(one.own_y for one in left)])
            best_y = max(candidates, key=lambda y: self._lasts_ms(left, y))
            group = [one for one in left if self._does(one, best_y)]
            group_y = self._common_y(group)
            found.append(group_y if all(self._does(one, group_y) for one in group) else best_y)
            left = [one for one in left if not self._does(one, best_y)]
        return found

    def _costs(self, stretch: _Stretch, places: Sequence[float]) -> dict[float, float]:
        """What it costs to stand at each of the places that do, for as long as the shot lasts."""
        if not _has_a_say(stretch):
            return dict.fromkeys(places, 0.0)
        own_y = self._setter.style.center_y
        return {
            y: stretch.duration_ms
            / 1000
            * (self._hidden(stretch.ground, y) + DISTANCE_COST * abs(y - own_y))
            for y in places
            if self._does(stretch, y)
        }

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


def _steadiest(costs: Sequence[dict[float, float]]) -> list[float]:
    """The place of each shot, of those with a cost: cheapest in all, moves included."""
    ways: dict[float, tuple[float, list[float]]] = {}
    for shot in costs:
        ways = {y: _best_way(ways, y, cost) for y, cost in shot.items()}
    return min(ways.values(), key=lambda way: way[0])[1] if ways else []


def _best_way(
    ways: dict[float, tuple[float, list[float]]], center_y: float, cost: float
) -> tuple[float, list[float]]:
    """The cheapest way that ends at `center_y`."""
    if not ways:
        return cost, [center_y]
    spent, before = min(
        (spent + (_MOVE_COST if y != center_y else 0.0), way) for y, (spent, way) in ways.items()
    )
    return spent + cost, [*before, center_y]
