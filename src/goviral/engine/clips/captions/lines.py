"""Words to the lines of one page, and what a page of such lines costs. Pure.

The rule: a line of one word only where its sentence has no other, where a pause stands on both sides, or
where the word leaves no room beside it even on a page drawn smaller. Everything else is weighed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from goviral.engine.clips.fonts.writing import reading_weight
from goviral.engine.clips.plans.plan import CaptionWord
from goviral.engine.transcripts.tokens import is_unspaced

MIN_WORDS = 2
SMALLEST = 0.76
"""Smallest size of a page, as a share of its style's, for words that would stand alone otherwise."""

# Costs; only their proportions matter.
LONELY_LINE = 1000.0  # more than all else a sentence can cost
_RAGGED = 2.0
_SMALLER_PAGE = 5.0  # as much as one page more: sizes that change are seen
_SMALLER_STILL = 80.0
_BREAK_AFTER_CLAUSE = 0.3
_BREAK_ANYWHERE = 2.0
_BREAK_INSIDE_PHRASE = 4.5
_BREAK_INSIDE_AMOUNT = 6.0

# Words that lean on the next one, in the languages most often captioned.
_LEANING_TEXT = """
a an the of to in on at by for from with and or but so as is are was were be i you he she it we they my
your his her its our their this that not no if than very
der die das ein eine und oder zu im am den dem des mit von
le la les un une des du de et ou à au en je tu il elle nous vous
el los las una y o con por para que se mi su
lo gli di che e per um uma os do da em na
"""
_LEANING = frozenset(_LEANING_TEXT.split())
_BINDING_TEXT = """
two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy
eighty ninety hundred thousand million billion half dr dr. mr mr. mrs mrs. ms ms.
"""
_BINDING = frozenset(_BINDING_TEXT.split())
"""Words that belong to the next one: numbers and forms of address."""


@dataclass(frozen=True, slots=True)
class PagingLimits:
    """What a page may hold.

    `size` is the share of the style's size at which words fit on one line: 1 where they fit as they are.
    """

    max_words: int
    max_lines: int
    size: Callable[[tuple[str, ...]], float]


@dataclass(frozen=True, slots=True)
class PagedWord:
    """A word with its times in the clip, and how gladly a page or line ends after it.

    Punctuation that a style leaves out has been read already: it is in these two.
    """

    word: CaptionWord
    ends_page: bool = False
    ends_clause: bool = False


Line = tuple[PagedWord, ...]


def break_lines(words: Line, limits: PagingLimits) -> tuple[Line, ...] | None:
    """Set words in one line where they fit, else in the two that read best; None where they do not fit a
    page.

    A single word always fits: it is drawn smaller.
    """
    if _fits(words, limits) and line_size(words, limits) == 1:
        return (words,)
    ways: list[tuple[Line, ...]] = [(words,)] if _fits(words, limits) else []
    if limits.max_lines > 1:
        ways += [
            (words[:at], words[at:])
            for at in range(1, len(words))
            if _fits(words[:at], limits) and _fits(words[at:], limits)
        ]
    return min(ways, key=lambda lines: _way_cost(lines, limits), default=None)


def lines_cost(lines: Sequence[Line], limits: PagingLimits) -> float:
    """How ill a page of these lines looks: words alone, drawn smaller, lines of unlike length."""
    smaller = 1 - min(line_size(line, limits) for line in lines)
    size_cost = _SMALLER_PAGE + _SMALLER_STILL * smaller if smaller else 0.0
    lonely = sum(is_lonely(line) for line in lines)
    return LONELY_LINE * lonely + size_cost + _ragged(lines)


def break_cost(paged: PagedWord) -> float:
    """How little a page should end after this word."""
    if paged.ends_clause:
        return _BREAK_AFTER_CLAUSE
    text = paged.word.text.lower()
    if text in _BINDING or text[:1].isdigit():
        return _BREAK_INSIDE_AMOUNT
    return _BREAK_INSIDE_PHRASE if text in _LEANING else _BREAK_ANYWHERE


def is_lonely(line: Line) -> bool:
    """Whether a line is of one word, in a writing that has words."""
    return len(line) < MIN_WORDS and not _is_dense(line[0].word.text)


def word_count(line: Line) -> int:
    """How many words a line has; pieces of unspaced writing are none."""
    return sum(not _is_dense(paged.word.text) for paged in line)


def line_size(line: Line, limits: PagingLimits) -> float:
    """The share of the style's size at which a line fits."""
    return limits.size(tuple(paged.word.text for paged in line))


def _way_cost(lines: tuple[Line, ...], limits: PagingLimits) -> float:
    breaks = sum(break_cost(line[-1]) / 2 for line in lines[:-1])
    return lines_cost(lines, limits) + _ragged(lines) + breaks


def _ragged(lines: Sequence[Line]) -> float:
    weights = [sum(reading_weight(paged.word.text) + 1 for paged in line) for line in lines]
    return _RAGGED * (1 - min(weights) / max(1, *weights)) if len(lines) > 1 else 0.0


def _fits(words: Line, limits: PagingLimits) -> bool:
    if len(words) > limits.max_words and not all(_is_dense(paged.word.text) for paged in words):
        return False
    return len(words) == 1 or line_size(words, limits) >= SMALLEST


@lru_cache(maxsize=4096)
def _is_dense(text: str) -> bool:
    """Whether a "word" is a piece of unspaced writing: a count of them says nothing."""
    return is_unspaced(text[0]) or is_unspaced(text[-1])
