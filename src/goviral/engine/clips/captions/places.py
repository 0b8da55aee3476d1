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
    setter = Typesetter(captions.style, frame, captions.language)
    lines = captions.style.max_lines
    ways = {way: _seen_in(way, shots, seen, frame) for way in _ways(shots, frame)}

    def saved(here: Sequence[Seen], center_y: float, other_y: float) -> float:
        places = (band(setter, frame, lines, y) for y in (center_y, other_y))
        stays, moves = (hidden_share(here, *place) for place in places)
        return stays - moves

    def apart(style_y: float) -> dict[_Way, float]:
        own = {way: clear_of(here, setter, frame, lines).center_y for way, here in ways.items()}
        return {
            way: center_y
            for way, center_y in own.items()
            if saved(ways[way], style_y, center_y) >= _WORTH_A_MOVE
        }

    style = clear_of(seen, setter, frame, lines)
    if apart(style.center_y):
        style = clear_of(next(iter(ways.values())), setter, frame, lines)
    places = apart(style.center_y)
    if not places:
        return replace(captions, style=style)

    def placed(page: CaptionPage) -> CaptionPage:
        shown = _ways(shots, frame, page.span)
        choices = [places.get(way, style.center_y) for way in shown] or [style.center_y]
        here = [one for one in seen if page.span.contains(one.at_ms)]
        best = min(choices, key=lambda y: hidden_share(here, *band(setter, frame, lines, y)))
        return replace(page, center_y=None if best == style.center_y else best)

    return replace(captions, style=style, pages=tuple(map(placed, captions.pages)))


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
