"""Placed captions as the text of an ASS file. Pure.

One event a word, placed absolutely: its colour changes by `\\t` with equal ends, which libass applies at
that very millisecond; measured at 1.4 ms a 1080x1920 frame without outlines, the same as one event a page,
and words can neither move nor be replaced by another font. All times lie half-way between two frames, so
that rounding (ASS events know hundredths of a second) can never choose the neighbour.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from goviral.engine.clips.captions.rounded import rounded_box
from goviral.engine.clips.captions.typesetting import PlacedLine, PlacedPage, PlacedWord
from goviral.engine.clips.fonts.writing import direction
from goviral.engine.clips.plans.plan import Captions, CaptionStyle, CaptionWord, Frame, ProgressBar
from goviral.kit.timecode import Span, frame_at

_POP_MS = 90
_RLM = "\u200f"
_WORD_JOINER = "\u2060"

# Where the eye sees the middle of a line, and how far its ink reaches from there, in ems.
_CAPS_MIDDLE = 0.355
_TEXT_MIDDLE = 0.27
_BAND_HALF = 0.51

# Layers, back to front.
_BOX, _SHADOW, _ACTIVE_BOX, _TEXT = range(4)
RAISED = 4
"""How far a hook title is raised: above all that captions draw."""
_BAR = 2 * RAISED
_TRACK = "#FFFFFF4D"


def ass_text(pages: Sequence[PlacedPage], captions: Captions, frame: Frame, unit: float) -> str:
    """The whole ASS file for placed pages."""
    events = page_events(pages, captions.style, frame, unit)
    return ass_document(events, frame, captions.language)


def ass_document(events: Iterable[str], frame: Frame, language: str) -> str:
    """The whole ASS file of these events, back to front within each layer."""
    header = _HEADER.format(width=frame.width, height=frame.height, language=_language(language))
    return header + "".join(event + "\n" for event in events)


def page_events(
    pages: Sequence[PlacedPage],
    style: CaptionStyle,
    frame: Frame,
    unit: float,
    *,
    raised: int = 0,
    fade_ms: int = 0,
) -> Iterator[str]:
    """The events of placed pages. `raised`: layers above those of captions; `fade_ms`: how softly they go."""
    drawing = _Drawing(style, frame.fps, unit, raised, f"\\fad(0,{fade_ms})" if fade_ms else "")
    return (event for page in pages for event in drawing.events(page))


def bar_events(bar: ProgressBar, frame: Frame, unit: float, clip_ms: int) -> Iterator[str]:
    """A track at the edge, and over it the line that has reached the other side when the clip ends."""
    height = max(2, round(bar.height * unit))
    top = 0 if bar.edge == "top" else frame.height - height
    shape = f"m 0 0 l {frame.width} 0 {frame.width} {height} 0 {height}"
    shown = Span(0, -(-clip_ms // 10) * 10 + 10)
    look = f"\\an7\\pos(0,{top})\\bord0\\shad0"
    grow = f"\\fscx0\\t(0,{clip_ms},\\fscx100)"
    yield _event(_BAR, shown, f"{look}{_color(1, _TRACK)}\\p1", shape)
    yield _event(_BAR + 1, shown, f"{look}{_color(1, bar.color)}{grow}\\p1", shape)


def _language(code: str) -> str:
    """A header line for HarfBuzz; none for what is no language code, whoever wrote it."""
    primary = re.match(r"[A-Za-z]{2,3}(?=$|[-_])", code)
    return "" if primary is None or primary[0] == "und" else f"Language: {primary[0].lower()}\n"


# WrapStyle 2 never breaks a line by itself. Encoding -1 lets every event find its own direction.
_HEADER = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
LayoutResX: {width}
LayoutResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes
YCbCr Matrix: None
Kerning: yes
{language}
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, \
MarginL, MarginR, MarginV, Encoding
Style: W,Sans,48,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,0,0,5,0,0,0,-1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


class _Drawing:
    """Turns placed pages into events, in one style."""

    def __init__(
        self, style: CaptionStyle, fps: Fraction, unit: float, raised: int = 0, fade: str = ""
    ) -> None:
        self._style = style
        self._fps = fps
        self._unit = unit
        self._raised = raised
        self._fade = fade

    def events(self, page: PlacedPage) -> Iterator[str]:
        """All events of one page."""
        whole, span = self._snapped(page.span), self._snapped(page.shown)
        if self._style.box_color and self._style.highlight != "box":
            yield self._line_boxes(page, span)
        for line in page.lines:
            for word in line.words:
                lit = self._lit(word.word, whole)
                if self._style.highlight == "box":
                    yield from self._active_box(
                        word, line, page.em, lit, None if span == whole else span
                    )
                if self._style.shadow_blur:
                    yield from self._soft_shadow(word, line, page, span)
                yield from self._word(word, line, page, span, lit)

    def _snapped(self, span: Span) -> Span:
        start_ms = edge_ms(span.start_ms, self._fps)
        return Span(start_ms, max(edge_ms(span.end_ms, self._fps), start_ms + 10))

    def _lit(self, word: CaptionWord, page: Span) -> Span:
        """When the word is lit: at least one frame, within its page."""
        start_ms = max(page.start_ms, edge_ms(word.start_ms, self._fps))
        one_frame_ms = int(1000 / self._fps) + 1
        end_ms = max(edge_ms(word.end_ms, self._fps), start_ms + one_frame_ms)
        return Span(start_ms, min(end_ms, max(page.end_ms, start_ms + 10)))

    def _word(
        self, word: PlacedWord, line: PlacedLine, page: PlacedPage, span: Span, lit: Span
    ) -> Iterator[str]:
        style = self._style
        strong = style.emphasis_color if word.word.emphasis else ""
        base = strong or style.color
        look = (
            _color(1, style.upcoming_color or base)
            + _color(3, style.outline_color)
            + f"\\bord{_number(style.outline * self._unit)}"
            + (_hard_shadow(style, self._unit) if not style.shadow_blur else "")
            + self._lighting(base, self._lit_color(strong), self._scale(word, page.em), span, lit)
        )
        for text, place in self._pieces(word, line, page):
            yield self._event(_TEXT, span, place + look, text)

    def _lit_color(self, strong: str) -> str:
        """Where a box or the fading of the others shows what is spoken, a strong word keeps its colour."""
        style = self._style
        return strong if strong and style.active_color == style.color else style.active_color

    def _scale(self, word: PlacedWord, em: float) -> float:
        """How large the word gets while it is spoken: a long one grows less, or it would touch the next."""
        style = self._style
        face = next((piece.part.face for piece in word.parts if piece.part.face), None)
        if not style.most_growth or face is None:
            return style.active_scale
        space = face.shape(" ").advance * style.word_space * em
        return min(style.active_scale, 1 + style.most_growth * space / max(word.width, 1))

    def _lighting(self, base: str, active: str, scale: float, span: Span, lit: Span) -> str:
        """What changes when the word begins and when it is over, in time from the event's start."""
        style = self._style
        on_ms, off_ms = lit.start_ms - span.start_ms, lit.end_ms - span.start_ms
        tags = ""
        if style.highlight != "none":
            tags += _at(on_ms, _color(1, active))
        if scale != 1:
            tags += _growth(scale, on_ms, off_ms, span.duration_ms)
        if off_ms < span.duration_ms:
            tags += _at(off_ms, _color(1, base))
        return tags

    def _soft_shadow(
        self, word: PlacedWord, line: PlacedLine, page: PlacedPage, span: Span
    ) -> Iterator[str]:
        """The shape of the word, blurred, beneath it: `\\blur` on the word itself would soften its edge."""
        style, unit = self._style, self._unit
        look = (
            "\\1a&HFF&"
            + _color(3, style.shadow_color)
            + f"\\bord{_number(max(style.outline, 3) * unit)}\\blur{_number(style.shadow_blur * unit)}"
        )
        for text, place in self._pieces(word, line, page, down=style.shadow * unit):
            yield self._event(_SHADOW, span, place + look, text)

    def _pieces(
        self, word: PlacedWord, line: PlacedLine, page: PlacedPage, down: float = 0.0
    ) -> Iterator[tuple[str, str]]:
        """Text and placing tags of each drawn piece: centred on its own middle, so that it can grow."""
        for piece in word.parts:
            face = piece.part.face
            if face is None:
                continue
            top = line.baseline - face.ascent * page.em
            x = piece.x + piece.width / 2 + piece.part.bias * page.em
            y = top + face.line * page.em / 2 + down
            size = _number(face.line * page.em)
            place = f"\\pos({_number(x)},{_number(y)})\\fn{face.name}\\fs{size}"
            yield escape(piece.part.text, rtl=page.rtl), place

    def _active_box(
        self, word: PlacedWord, line: PlacedLine, em: float, lit: Span, within: Span | None
    ) -> Iterator[str]:
        """The box, or the part of its time that lies `within`: one that goes on does not pop again."""
        shown = lit
        if within is not None:
            starts_ms = max(lit.start_ms, within.start_ms)
            shown = Span(starts_ms, max(starts_ms, min(lit.end_ms, within.end_ms)))
        if within is not None and not shown.duration_ms:
            return
        left, top, right, bottom = self._band(word.x, word.x + word.width, line.baseline, em)
        x, y = (left + right) / 2, (top + bottom) / 2
        shape = rounded_box(right - left, bottom - top, self._style.box_radius * self._unit)
        pops = shown.start_ms == lit.start_ms
        grow = f"\\fscx94\\fscy94\\t(0,{_POP_MS},\\fscx100\\fscy100)" if pops else ""
        look = f"\\pos({_number(x)},{_number(y)}){_color(1, self._style.box_color)}\\bord0\\shad0{grow}"
        yield self._event(_ACTIVE_BOX, shown, f"{look}\\p1", shape)

    def _line_boxes(self, page: PlacedPage, span: Span) -> str:
        """One shape for all lines: where two boxes meet, a translucent colour is not laid twice."""
        shapes = []
        for line in page.lines:
            left, top, right, bottom = self._band(
                line.x, line.x + line.width, line.baseline, page.em
            )
            radius = self._style.box_radius * self._unit
            shapes.append(rounded_box(right - left, bottom - top, radius, x=left, y=top))
        look = f"\\an7\\pos(0,0){_color(1, self._style.box_color)}\\bord0\\shad0\\p1"
        return self._event(_BOX, span, look, " ".join(shapes))

    def _event(self, layer: int, span: Span, tags: str, text: str) -> str:
        return _event(layer + self._raised, span, tags + self._fade, text)

    def _band(
        self, left: float, right: float, baseline: float, em: float
    ) -> tuple[float, float, float, float]:
        """The box around words on a baseline: left, top, right, bottom."""
        padding = self._style.box_padding * self._unit
        middle = baseline - (_CAPS_MIDDLE if self._style.uppercase else _TEXT_MIDDLE) * em
        half = _BAND_HALF * em + 0.7 * padding
        return left - padding, middle - half, right + padding, middle + half


def _growth(scale: float, on_ms: int, off_ms: int, shown_ms: int) -> str:
    """Larger from `on_ms` to `off_ms`; either may lie before this piece of the page, so that the growing
    goes on where it was."""
    if off_ms <= -_POP_MS:
        return ""
    percent = _number(scale * 100)
    size = f"\\fscx{percent}\\fscy{percent}"
    grown_ms = min(on_ms + _POP_MS, off_ms)
    # Ends in the past are left out: libass reads an end of 0 as the end of the event.
    grown = f"\\t({on_ms},{grown_ms},{size})" if grown_ms > 0 else size
    if off_ms >= shown_ms:
        return grown
    return f"{grown}\\t({off_ms},{min(off_ms + _POP_MS, shown_ms)},\\fscx100\\fscy100)"


def edge_ms(at_ms: int, fps: Fraction) -> int:
    """The middle between the frame on screen at `at_ms` and the one before, in hundredths' steps."""
    frame = frame_at(at_ms, fps)
    return max(0, round((Fraction(frame) - Fraction(1, 2)) * 100 / fps) * 10)


def escape(text: str, *, rtl: bool = False) -> str:
    """Text that libass draws as it stands: no override, no line break, no stray direction."""
    flat = text.replace("\n", " ").replace("\r", "")
    # A word joiner after the backslash keeps it from being a command; braces have escapes of their own.
    safe = flat.replace("\\", f"\\{_WORD_JOINER}").replace("{", "\\{").replace("}", "\\}")
    return f"{_RLM}{safe}" if rtl and direction(text) != "ltr" else safe


def _event(layer: int, span: Span, tags: str, text: str) -> str:
    times = f"{_clock(span.start_ms)},{_clock(span.end_ms)}"
    return f"Dialogue: {layer},{times},W,,0,0,0,,{{{tags}}}{text}"


def _at(at_ms: int, tags: str) -> str:
    """Tags that hold from `at_ms` on. libass reads an end of 0 as the end of the event."""
    return f"\\t({at_ms},{at_ms},{tags})" if at_ms > 0 else tags


def _clock(at_ms: int) -> str:
    hundredths = at_ms // 10
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"


def _color(index: int, color: str) -> str:
    """`#RRGGBBAA` as the tags of ASS: blue first, alpha counted from opaque."""
    red, green, blue = color[1:3], color[3:5], color[5:7]
    alpha = 255 - int(color[7:9] or "FF", 16)
    return f"\\{index}c&H{blue}{green}{red}&\\{index}a&H{alpha:02X}&"


def _hard_shadow(style: CaptionStyle, unit: float) -> str:
    return f"\\shad{_number(style.shadow * unit)}{_color(4, style.shadow_color)}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
