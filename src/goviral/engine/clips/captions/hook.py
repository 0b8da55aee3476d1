"""The hook title: the few words over the first seconds that say why to stay. Pure but for fonts."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

from goviral.engine.clips.captions.clearance import Band, Ground, band, clear_place
from goviral.engine.clips.captions.even_lines import even_lines
from goviral.engine.clips.captions.places import caption_bands
from goviral.engine.clips.captions.styles import FOLDER, parse_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.fonts.writing import clusters, joins
from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionStyle,
    CaptionWord,
    Frame,
    HookTitle,
)
from goviral.engine.transcripts.tokens import is_unspaced
from goviral.kit.timecode import Span

FADE_MS = 240
"""How long it takes to go; it is there from the very first frame, which many players show as a still."""
_SHORTEST_MS, _LONGEST_MS = 3_000, 5_000
_FIRST_MS, _PER_CHARACTER_MS = 1_500, 55
_APART = 0.012
"""What stays free between title and captions, as a share of the frame's height."""
_SMALLEST = 0.62
"""A word too long for a line is drawn smaller, down to this share; a title beyond it is not set."""


@cache
def load_hook_style() -> CaptionStyle:
    """Dark words on a light card: read on any picture, and told from captions at a glance."""
    return parse_style(json.loads((FOLDER / "titles" / "hook.json").read_text("utf-8")), "hook")


def plan_hook(
    text: str,
    *,
    frame: Frame,
    clip_ms: int,
    style: CaptionStyle | None = None,
    captions: Captions | None = None,
    language: str = "und",
    ground: Ground = Ground(),
) -> HookTitle | None:
    """The title set in as few lines as it fits in; None for a text that does not fit three, or that
    no font here can draw.

    It stands as high as it can while it hides least of the `ground`, never on the `captions`.
    Shown for 3 to 5 seconds, by its length.
    """
    style = style or load_hook_style()
    setter = Typesetter(style, frame, language)
    lines = hook_lines(text, setter)
    if not lines:
        return None
    shown = Span(0, shown_ms(text, clip_ms))
    free = _APART * frame.height
    bands = caption_bands(captions, frame, shown) if captions else ()
    blocked = [(top - free, bottom + free) for top, bottom in bands]
    ground = ground.within(shown).met_by(_width(lines, setter), frame)
    center_y = clear_place(ground, setter, frame, len(lines), blocked)
    return HookTitle(lines, shown, style, center_y)


def _width(lines: Sequence[str], setter: Typesetter) -> float:
    """Of the title as it is drawn, its boxes included."""
    edges = 2 * setter.style.box_padding * setter.unit
    return min(setter.max_width, max(setter.line_width(line.split()) for line in lines)) + edges


def hook_ground(hook: HookTitle, ground: Ground, frame: Frame, language: str = "und") -> Ground:
    """What the title could hide, while it is shown."""
    setter = Typesetter(hook.style, frame, language)
    return ground.within(hook.span).met_by(_width(hook.lines, setter), frame)


def shown_ms(text: str, clip_ms: int) -> int:
    """Time to read it calmly once, between three and five seconds."""
    wanted_ms = _FIRST_MS + _PER_CHARACTER_MS * len(text)
    return min(clip_ms, max(_SHORTEST_MS, min(_LONGEST_MS, wanted_ms)))


def hook_lines(text: str, setter: Typesetter) -> tuple[str, ...]:
    """The text in at most the style's lines, as even as they can be; empty where it is too long, or no
    font here can draw its words."""
    words = _words(text, setter.style)
    if not setter.says(words):
        return ()
    lines = even_lines(words, setter, setter.style.max_lines)
    widest = max(map(setter.line_width, lines), default=0.0)
    if widest * _SMALLEST > setter.max_width:
        return ()
    return tuple(_written(line) for line in lines)


def _words(text: str, style: CaptionStyle) -> list[str]:
    """Words to set; unspaced writing may be parted between any two characters."""
    plain = " ".join(text.split()).rstrip(".,;:。、，；")
    cased = plain.upper() if style.uppercase else plain
    return [
        piece
        for word in cased.split()
        for piece in (clusters(word) if any(map(is_unspaced, word)) else [word])
    ]


def _written(words: Sequence[str]) -> str:
    text = words[0]
    for one, other in pairwise(words):
        text += other if joins(one, other) else f" {other}"
    return text


def hook_captions(hook: HookTitle, language: str = "und") -> Captions:
    """The title as a page that stays, so that it is drawn as captions are."""
    lines = tuple(
        tuple(CaptionWord(word, hook.span.start_ms, hook.span.end_ms) for word in line.split())
        for line in hook.lines
    )
    style = replace(hook.style, center_y=hook.center_y, highlight="none")
    return Captions(style, (CaptionPage(hook.span, lines),), language)


def caption_band(captions: Captions, frame: Frame) -> Band:
    """Where captions stand but for pages with a place of their own."""
    setter = Typesetter(captions.style, frame, captions.language)
    return band(setter, frame, captions.style.max_lines, captions.style.center_y)


def hook_band(hook: HookTitle, frame: Frame) -> Band:
    """Where the title's boxes stand."""
    return band(Typesetter(hook.style, frame), frame, len(hook.lines), hook.center_y)
