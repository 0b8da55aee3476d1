"""Captions of a clip: which words, cased and cut, on which page, clear of faces. Pure but for fonts."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from goviral.engine.clips.captions.clearance import Ground
from goviral.engine.clips.captions.emphasis import Emphasis
from goviral.engine.clips.captions.lines import PagedWord, PagingLimits
from goviral.engine.clips.captions.masking import NO_MASK, Mask
from goviral.engine.clips.captions.paging import page_words
from goviral.engine.clips.captions.places import stand_clear
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.fonts.writing import clusters, ends_clause, ends_sentence
from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionStyle,
    CaptionWord,
    Frame,
    Shot,
)
from goviral.engine.transcripts.document import Word
from goviral.kit.timecode import Span

_SHRINK_TO = 0.72
"""A word too wide for a line is drawn smaller down to this share of its size, then cut in two."""
_HOLD_MS = 300
"""A word stays lit until the next one starts when the gap is shorter: no flicker between words."""
_DOTTED_I_LANGUAGES = frozenset({"tr", "az"})


def plan_captions(
    words: Sequence[Word],
    *,
    clip_span: Span,
    style: CaptionStyle,
    frame: Frame,
    language: str = "und",
    shots: tuple[Shot, ...] = (),
    ground: Ground = Ground(),
    mask: Mask = NO_MASK,
    emphasis: Emphasis | None = None,
) -> Captions:
    """Page the words of a clip; all times count from its start.

    `words` are those of the source or of the clip, times absolute. They stand clear of the `ground` in
    each of the `shots`. `emphasis` None marks no word.
    """
    setter = Typesetter(style, frame, language)
    pages = set_pages(words, clip_span, setter, mask)
    if emphasis:
        pages = emphasis.mark(pages)
    return stand_clear(Captions(style, pages, language), shots, ground, frame)


def set_pages(
    words: Sequence[Word], clip_span: Span, setter: Typesetter, mask: Mask = NO_MASK
) -> tuple[CaptionPage, ...]:
    """The words of a stretch as pages in the setter's style, times from the start of the stretch."""
    style = setter.style
    paged = [
        piece
        for word in _spoken(words, clip_span, setter, mask)
        for piece in _cut_to_fit(word, setter)
    ]
    limits = PagingLimits(style.max_words, style.max_lines, setter.size_on_line)
    pages = page_words(_lit_through(paged), limits, clip_span.duration_ms)
    if style.punctuation == "light":
        pages = tuple(_without_closing_commas(page) for page in pages)
    return pages


def spoken_words(pages: Iterable[CaptionPage]) -> list[Word]:
    """What the pages say, as it was said: the reverse of `set_pages`."""
    words: list[Word] = []
    for word in (word for page in pages for line in page.lines for word in line):
        if word.continues and words:
            words[-1] = replace(words[-1], end_ms=word.end_ms)
        else:
            said = word.said or word.text
            words.append(Word(said, word.start_ms, word.end_ms, None, word.speaker))
    return words


def _spoken(
    words: Sequence[Word], clip: Span, setter: Typesetter, mask: Mask
) -> Iterator[PagedWord]:
    """The clip's words as drawn; times in order, apart, never empty."""
    heard = _heard(words, clip)
    for index, (word, text, start_ms) in enumerate(heard):
        following = heard[index + 1] if index + 1 < len(heard) else None
        last_ms = following[2] if following else clip.duration_ms
        end_ms = min(max(word.end_ms - clip.start_ms, start_ms + 1), last_ms)
        ends = ends_sentence(text) or (
            following is not None and following[0].speaker != word.speaker
        )
        said = mask.apply(text)
        drawn = drawn_text(said, setter.style, setter.language)
        if drawn:
            kept = "" if said == drawn else said
            shown = CaptionWord(drawn, start_ms, end_ms, said=kept, speaker=word.speaker)
            yield PagedWord(shown, ends, ends_clause(text))


def _heard(words: Sequence[Word], clip: Span) -> list[tuple[Word, str, int]]:
    """The clip's words that say something, with clean text and starts that differ."""
    found: list[tuple[Word, str, int]] = []
    for word in sorted(words, key=lambda word: (word.start_ms, word.end_ms)):
        earliest_ms = found[-1][2] + 1 if found else 0
        start_ms = max(word.start_ms - clip.start_ms, earliest_ms)
        text = _clean(word.text)
        if text and clip.contains(word.start_ms) and start_ms < clip.duration_ms:
            found.append((word, text, start_ms))
    return found


def _clean(text: str) -> str:
    """One line of printable text: no control characters, no double spaces, composed letters."""
    visible = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Zs") else c
        for c in text
        if unicodedata.category(c) not in ("Co", "Cs") and c not in "\u200b\ufeff"
    )
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def drawn_text(text: str, style: CaptionStyle, language: str) -> str:
    """A word as a style writes it: cased, and without the stops that it leaves out."""
    if style.punctuation == "light":
        text = re.sub(r"(?<=\w)[.。](?=[\"'”’»)\]]*$)", "", text)
    if not style.uppercase:
        return text
    return _upper(text, language.split("-")[0])


def _upper(text: str, language: str) -> str:
    if language in _DOTTED_I_LANGUAGES:
        text = text.replace("i", "İ")
    if language == "el":
        # Greek capitals carry no accent.
        parted = unicodedata.normalize("NFD", text).replace("\u0301", "")
        text = unicodedata.normalize("NFC", parted)
    return text.upper()


def _without_closing_commas(page: CaptionPage) -> CaptionPage:
    """Within a line a comma helps to read; at its end the break says the same."""
    lines = tuple((*line[:-1], _without_comma(line[-1])) for line in page.lines)
    return replace(page, lines=lines)


def _without_comma(word: CaptionWord) -> CaptionWord:
    text = re.sub(r"(?<=\w)[,;:、，]$", "", word.text)
    if text == word.text:
        return word
    return replace(word, text=text, said=word.said or ("" if word.continues else word.text))


def _cut_to_fit(paged: PagedWord, setter: Typesetter) -> list[PagedWord]:
    """A word too wide even when drawn smaller, cut into pieces that fit, timed by their length."""
    word = paged.word
    if setter.line_width([word.text]) * _SHRINK_TO <= setter.max_width:
        return [paged]
    pieces = [
        piece
        for part in re.split(r"(?<=-)(?=\w)| ", word.text)
        if part
        for piece in _slices(part, setter)
    ]
    cut = [PagedWord(piece) for piece in _timed(pieces, word)]
    return [*cut[:-1], replace(paged, word=cut[-1].word)]


def _slices(text: str, setter: Typesetter) -> list[str]:
    """Slices that fit a line: at the writer's own commas if there are any, else even ones, hyphened."""
    if setter.line_width([text]) <= setter.max_width:
        return [text]
    clauses = re.split(r"(?<=[、。，；：！？,;!?])(?=\w)", text)
    if len(clauses) > 1:
        return [piece for clause in clauses for piece in _slices(clause, setter)]
    letters = clusters(text)
    for count in range(2, len(letters)):
        slices = _even_slices(letters, count)
        if all(setter.line_width([piece]) <= setter.max_width for piece in slices):
            return slices
    return letters


def _even_slices(letters: Sequence[str], count: int) -> list[str]:
    edges = [len(letters) * index // count for index in range(count + 1)]
    slices = ["".join(letters[a:b]) for a, b in pairwise(edges)]
    return [_hyphened(one, other) for one, other in pairwise(slices)] + slices[-1:]


def _hyphened(text: str, following: str) -> str:
    """A hyphen where a reader expects one: between two letters of a cased alphabet."""
    cased = text[-1].lower() != text[-1].upper() and following[0].lower() != following[0].upper()
    return f"{text}-" if cased else text


def _timed(pieces: Sequence[str], word: CaptionWord) -> list[CaptionWord]:
    total = sum(map(len, pieces))
    at, timed = 0, list[CaptionWord]()
    duration_ms = word.end_ms - word.start_ms
    for piece in pieces:
        start_ms = word.start_ms + duration_ms * at // total
        at += len(piece)
        end_ms = word.start_ms + duration_ms * at // total
        timed.append(replace(word, text=piece, start_ms=start_ms, end_ms=max(end_ms, start_ms + 1)))
    first = replace(timed[0], said=word.said or word.text)
    return [first, *(replace(piece, said="", continues=True) for piece in timed[1:])]


def _lit_through(words: Sequence[PagedWord]) -> list[PagedWord]:
    """Keep each word lit until the next one where the silence between them is short."""
    lit = []
    for index, paged in enumerate(words):
        if index + 1 < len(words):
            next_ms = words[index + 1].word.start_ms
            if 0 < next_ms - paged.word.end_ms <= _HOLD_MS:
                paged = replace(paged, word=replace(paged.word, end_ms=next_ms))  # noqa: PLW2901  same word, lit longer
        lit.append(paged)
    return lit
