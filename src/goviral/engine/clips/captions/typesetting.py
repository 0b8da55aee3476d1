"""Where every piece of every caption stands, to the fraction of a pixel. Reads fonts, draws nothing.

Words are placed one by one, so that lighting one up never moves another, and a box or an emoji lies
exactly where its word does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from goviral.engine.clips.captions.emoji import emoji_image
from goviral.engine.clips.captions.safe_area import safe_area, unit
from goviral.engine.clips.fonts.face import Face
from goviral.engine.clips.fonts.fonts import find_face, split_by_face
from goviral.engine.clips.fonts.writing import (
    is_ignorable,
    is_punctuation,
    is_rtl,
    joins,
    split_emoji,
    visual_order,
)
from goviral.engine.clips.plans.plan import CaptionPage, CaptionStyle, CaptionWord, Frame
from goviral.kit.timecode import Span

EMOJI_EM = 1.16
# Ink above the capitals' baseline and below it, in ems: accents, Arabic and Devanagari included.
_INK_ABOVE = 0.95
_INK_BELOW = 0.32


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word in one face, or one emoji; `width` and `bias` (see `Shape`) in ems."""

    text: str
    face: Face | None
    width: float
    bias: float = 0.0

    @property
    def is_emoji(self) -> bool:
        return self.face is None


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """A piece with its left edge and width in pixels."""

    part: Part
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word on its line; `x` and `width` cover all its pieces."""

    word: CaptionWord
    parts: tuple[PlacedPart, ...]
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """Words in spoken order, on one baseline."""

    words: tuple[PlacedWord, ...]
    x: float
    width: float
    baseline: float


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """A page ready to be drawn; `em` is the font size in pixels after fitting.

    It stands here while it is `shown`: the whole of its `span`, or a part of that.
    """

    span: Span
    shown: Span
    lines: tuple[PlacedLine, ...]
    em: float
    rtl: bool


class Typesetter:
    """Measures and places the words of one style in one frame.

    `missing` collects the characters and emoji that no font here can draw; they are left out, and with
    them punctuation that then stands alone. `emoji` finds the picture of an emoji, if there is one.
    """

    def __init__(
        self,
        style: CaptionStyle,
        frame: Frame,
        language: str = "und",
        *,
        emoji: Callable[[str], object | None] = emoji_image,
    ) -> None:
        self._emoji_picture = emoji
        self.style = style
        self.language = language.split("-")[0]
        self.unit = unit(frame)
        self.em = style.size * self.unit
        self.area = safe_area(frame)
        self.face = find_face(style.font, style.weight)
        self.missing: set[str] = set()
        self._frame = frame
        self._measured: dict[str, tuple[Part, ...]] = {}
        self._edge = (style.outline + style.box_padding) * self.unit
        self._space = self.face.shape(" ").advance * style.word_space

    @property
    def max_width(self) -> float:
        """Pixels a line may take between its outlines."""
        return self.area.width - 2 * self._edge

    def line_width(self, texts: Sequence[str]) -> float:
        """Pixels a line takes at full size, with room for its outer words to grow."""
        return self._line_ems(texts) * self.em

    def fits(self, texts: Sequence[str]) -> bool:
        """Whether the words fit on a line at full size."""
        return self.line_width(texts) <= self.max_width

    def size_on_line(self, texts: Sequence[str]) -> float:
        """The share of the style's size at which the words fit on a line, 1 at most."""
        width = self.line_width(texts)
        return min(1.0, self.max_width / width) if width else 1.0

    def says(self, texts: Sequence[str]) -> bool:
        """Whether something is drawn of the words: more than punctuation, where some of them are lost."""
        words = [self._parts(text) for text in texts]
        drawn = "".join(part.text for parts in words for part in parts)
        return bool(drawn) and (all(words) or not is_punctuation(drawn))

    def place(
        self, page: CaptionPage, shown: Span | None = None, center_y: float | None = None
    ) -> PlacedPage:
        """Centre the page's lines in the frame, smaller where a line would be too wide; no line where
        the page says nothing.

        `shown` None: for all of its time; `center_y` None: where the style says.
        """
        says = self.says([word.text for line in page.lines for word in line])
        lines = [[w for w in line if self._parts(w.text)] for line in page.lines if says]
        texts = [[word.text for word in line] for line in lines if line]
        em = self.em * min(map(self.size_on_line, texts), default=1.0)
        rtl = is_rtl([text for line in texts for text in line], self.language)
        baselines = self._baselines(len(texts), em, center_y)
        placed = tuple(
            self._place_line(line, baseline, em, rtl)
            for line, baseline in zip((line for line in lines if line), baselines, strict=True)
        )
        return PlacedPage(page.span, shown or page.span, placed, em, rtl)

    def _line_ems(self, texts: Sequence[str]) -> float:
        widths = [self._width(text) for text in texts]
        gaps = sum(self._gap(a, b) for a, b in pairwise(texts))
        grown = (self.style.active_scale - 1) * (widths[0] + widths[-1]) / 2
        return sum(widths) + gaps + grown

    def _width(self, text: str) -> float:
        return sum(part.width for part in self._parts(text))

    def _gap(self, left: str, right: str) -> float:
        return 0.0 if joins(left, right) else self._space

    def _parts(self, text: str) -> tuple[Part, ...]:
        if text not in self._measured:
            self._measured[text] = tuple(self._measure(text))
        return self._measured[text]

    def _measure(self, text: str) -> list[Part]:
        found, lost = self._found(text)
        alone = lost and all(is_punctuation(part.text) for part in found)
        return [] if alone else found

    def _found(self, text: str) -> tuple[list[Part], bool]:
        """What can be drawn of a word, and whether something cannot."""
        found: list[Part] = []
        lost: set[str] = set()
        for piece, is_emoji in split_emoji(text):
            if is_emoji and self._emoji_picture(piece) is not None:
                found.append(Part(piece, None, EMOJI_EM))
            elif is_emoji:
                lost.add(piece)
            else:
                found += self._drawable(piece, lost)
        self.missing |= lost
        return found, bool(lost)

    def _drawable(self, text: str, lost: set[str]) -> list[Part]:
        if all(map(is_ignorable, text)):
            return []
        runs = split_by_face(text, self.face)
        lost.update(run for run, face in runs if face is None)
        shaped = [(run, face, face.shape(run, self.language)) for run, face in runs if face]
        return [Part(run, face, shape.advance, shape.bias) for run, face, shape in shaped]

    def _baselines(self, count: int, em: float, center_y: float | None) -> list[float]:
        pitch = self.style.line_height * em
        cap = self.face.cap_height * em
        half = (count - 1) * pitch / 2
        above = half + _INK_ABOVE * em - cap / 2 + self._edge
        below = half + _INK_BELOW * em + cap / 2 + self._edge
        centre = (self.style.center_y if center_y is None else center_y) * self._frame.height
        centre = min(max(centre, self.area.top + above), self.area.bottom - below)
        return [centre + cap / 2 + index * pitch - half for index in range(count)]

    def _place_line(
        self, words: Sequence[CaptionWord], baseline: float, em: float, rtl: bool
    ) -> PlacedLine:
        units = [
            (index, part) for index, word in enumerate(words) for part in self._parts(word.text)
        ]
        order = visual_order(["" if part.is_emoji else part.text for _, part in units], rtl=rtl)
        pieces: list[list[PlacedPart]] = [[] for _ in words]
        pen, before = 0.0, None
        for index, part in (units[place] for place in order):
            pen += self._between(words, before, index) * em
            pieces[index].append(PlacedPart(part, pen, part.width * em))
            pen, before = pen + part.width * em, index
        left = (self._frame.width - pen) / 2
        placed = tuple(_placed(w, p, left) for w, p in zip(words, pieces, strict=True))
        return PlacedLine(placed, left, pen, baseline)

    def _between(self, words: Sequence[CaptionWord], before: int | None, index: int) -> float:
        """Ems between two neighbours on the line; they may not be neighbours in speech."""
        if before is None or before == index:
            return 0.0
        if abs(before - index) > 1:
            return self._space
        first, second = sorted((before, index))
        return self._gap(words[first].text, words[second].text)


def _placed(word: CaptionWord, parts: Sequence[PlacedPart], left: float) -> PlacedWord:
    moved = tuple(PlacedPart(piece.part, piece.x + left, piece.width) for piece in parts)
    start = min(piece.x for piece in moved)
    return PlacedWord(word, moved, start, max(p.x + p.width for p in moved) - start)
