"""Where the captions of a clip stand: clear of faces, and as still as that allows. Pure.

Captions that jump about are harder to read than captions near a chin, so they have one place for the whole
clip where that does. Where it does not, as when a shot is divided and the place of the others is the lower
face, they have one for each way the picture lies in the frame, and change it only with the shot.
"""

from collections.abc import Sequence
from dataclasses import replace

from goviral.engine.clips.captions.clearance import Band, band, clear_of, hidden_share
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.crop import shot_at
from goviral.engine.clips.plans.plan import CaptionPage, Captions, Frame, Shot
from goviral.engine.clips.plans.screen import Seen, picture_places
from goviral.kit.timecode import Span

_WORTH_A_MOVE = 0.12
"""What a place of its own must save, in `hidden_share`: half a mouth."""

_Way = tuple[tuple[int, int, int, int], ...]
"""How the picture lies in the frame, see `picture_places`."""


def stand_clear(
    captions: Captions, shots: tuple[Shot, ...], seen: Sequence[Seen], frame: Frame
) -> Captions:
    """The captions where they hide least of what is `seen`, near the place of their style."""
    room = _Room(captions, shots, seen, frame)
    common_y = room.clear_y(seen)
    if room.own_places(common_y):
        # Some have a place of their own anyway: the common one is that of the most usual way.
        common_y = room.clear_y(next(iter(room.seen_in.values())))
    places = room.own_places(common_y)
    style = replace(captions.style, center_y=common_y)
    pages = tuple(
        replace(
            page, center_y=None if (at := room.page_y(page, places, common_y)) == common_y else at
        )
        for page in captions.pages
    )
    return replace(captions, style=style, pages=pages if places else captions.pages)


class _Room:
    """What captions of one style would hide, where."""

    def __init__(
        self, captions: Captions, shots: tuple[Shot, ...], seen: Sequence[Seen], frame: Frame
    ) -> None:
        self._setter = Typesetter(captions.style, frame, captions.language)
        self._lines = captions.style.max_lines
        self._shots = shots
        self._seen = seen
        self._frame = frame
        ways = _ways(shots, frame)
        self.seen_in = {way: _seen_in(way, shots, seen, frame) for way in ways}

    def clear_y(self, seen: Sequence[Seen]) -> float:
        """The one place that hides least of that."""
        return clear_of(seen, self._setter, self._frame, self._lines).center_y

    def hidden(self, seen: Sequence[Seen], center_y: float) -> float:
        """How much of it they hide there."""
        return hidden_share(seen, *band(self._setter, self._frame, self._lines, center_y))

    def own_places(self, common_y: float) -> dict[_Way, float]:
        """The ways the picture lies in the frame that need a place of their own, with it."""
        own = {way: self.clear_y(seen) for way, seen in self.seen_in.items()}
        return {
            way: center_y
            for way, center_y in own.items()
            if self.hidden(seen := self.seen_in[way], common_y) - self.hidden(seen, center_y)
            >= _WORTH_A_MOVE
        }

    def page_y(self, page: CaptionPage, places: dict[_Way, float], common_y: float) -> float:
        """The place of its shot; over a cut the one of the two that hides less of both."""
        ways = _ways(self._shots, self._frame, page.span)
        choices = dict.fromkeys(places.get(way, common_y) for way in ways)
        here = [one for one in self._seen if page.span.contains(one.at_ms)]
        return min(choices, key=lambda y: self.hidden(here, y), default=common_y)


def caption_bands(captions: Captions, frame: Frame, within: Span) -> tuple[Band, ...]:
    """Where captions stand in a stretch of the clip; nowhere if they are not drawn."""
    pages = [page for page in captions.pages if page.span.overlap_ms(within)]
    if not captions.drawn:
        return ()
    setter = Typesetter(captions.style, frame, captions.language)
    heights = dict.fromkeys(_center_y(page, captions) for page in pages)
    return tuple(band(setter, frame, captions.style.max_lines, y) for y in heights)


def _center_y(page: CaptionPage, captions: Captions) -> float:
    return captions.style.center_y if page.center_y is None else page.center_y


def _seen_in(way: _Way, shots: tuple[Shot, ...], seen: Sequence[Seen], frame: Frame) -> list[Seen]:
    here = []
    for one in seen:
        shot = shot_at(shots, one.at_ms)
        if shot is not None and picture_places(shot, frame) == way:
            here.append(one)
    return here


def _ways(shots: Sequence[Shot], frame: Frame, within: Span | None = None) -> list[_Way]:
    """The ways the picture lies in the frame, the one shown longest first."""
    shown_ms: dict[_Way, int] = {}
    for shot in shots:
        shot_ms = shot.span.overlap_ms(within or shot.span)
        if shot_ms:
            way = picture_places(shot, frame)
            shown_ms[way] = shown_ms.get(way, 0) + shot_ms
    return sorted(shown_ms, key=lambda way: -shown_ms[way])
