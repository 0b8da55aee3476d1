"""Words to pages of at most two lines: what is on screen at once, and for how long. Pure.

Pages break where a speaker breathes: at sentence ends, pauses and changes of speaker always, after
commas gladly, between an article and its noun hardly ever. Within one breath the cheapest division is
found by dynamic programming over the words, so that no page is left with a lone word for want of
looking ahead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from goviral.engine.clips.fonts.writing import is_unspaced, reading_weight
from goviral.engine.clips.plans.plan import CaptionPage, CaptionWord
from goviral.kit.timecode import Span

PAUSE_MS = 600
"""A silence that ends a page whatever the words say."""
BRIDGE_MS = 500
"""Gaps shorter than this keep the page on screen until the next one."""
LINGER_MS = 350
"""How long a page stays after its last word when a longer gap follows."""
MAX_CHARACTERS_PER_S = 20
"""Reading speed above which two lines are too much at once (subtitle guidelines ask 17 to 20)."""
MIN_WORDS = 2
_READING_BONUS_MS = 700

# Costs of a page; only their proportions matter.
_PAGE = 3.0
_BREAK_AFTER_CLAUSE = 0.3
_BREAK_ANYWHERE = 2.0
_BREAK_INSIDE_PHRASE = 4.5
_BREAK_INSIDE_AMOUNT = 6.0
_LONELY = 5.5
_RAGGED = 2.0
_SHORT_LINE = 4.0  # a line of one word above or below another
_TOO_FAST = 100.0  # more than any division of the same words costs
_HASTY = 6.0  # more than one page more

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

    `fits` says whether words fit on one line at full size; `squeezed` whether two do on a page that is
    drawn a little smaller for them: rather that than a line of one word.
    """

    max_words: int
    max_lines: int
    fits: Callable[[tuple[str, ...]], bool]
    squeezed: Callable[[tuple[str, ...]], bool] = lambda texts: False


@dataclass(frozen=True, slots=True)
class PagedWord:
    """A word with its times in the clip, and how gladly a page or line ends after it.

    Punctuation that a style leaves out has been read already: it is in these two.
    """

    word: CaptionWord
    ends_page: bool = False
    ends_clause: bool = False


Line = tuple[PagedWord, ...]


def page_words(
    words: Sequence[PagedWord], limits: PagingLimits, clip_ms: int
) -> tuple[CaptionPage, ...]:
    """Divide words, in spoken order, into pages with their lines and times."""
    groups = [group for breath in _breaths(words) for group in _divide(breath, limits)]
    if not groups:
        return ()
    starts = [group[0].word.start_ms for group in groups[1:]] + [clip_ms]
    return tuple(
        _page(group, next_ms, limits) for group, next_ms in zip(groups, starts, strict=True)
    )


def _breaths(words: Sequence[PagedWord]) -> list[Line]:
    """Runs of words no page may span."""
    found: list[list[PagedWord]] = [[]]
    for index, paged in enumerate(words):
        found[-1].append(paged)
        following = words[index + 1].word if index + 1 < len(words) else None
        if following and (paged.ends_page or following.start_ms - paged.word.end_ms >= PAUSE_MS):
            found.append([])
    return [tuple(run) for run in found if run]


def _divide(words: Line, limits: PagingLimits) -> list[Line]:
    """The cheapest division of one breath into pages."""
    count = len(words)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        for start in range(end - 1, -1, -1):
            lines = break_lines(words[start:end], limits)
            if lines is None:
                break
            cost = best[start][0] + _cost(words, start, end, lines)
            if cost < best[end][0]:
                best[end] = (cost, start)
    cuts = [count]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return [words[start:end] for end, start in pairwise(cuts)][::-1]


def _cost(words: Line, start: int, end: int, lines: tuple[Line, ...]) -> float:
    cost = _PAGE + _ragged(lines)
    if end < len(words):
        cost += _break_cost(words[end - 1])
    if end - start < MIN_WORDS <= len(words) and not _is_dense(words[start].word.text):
        cost += _LONELY
    if end - start > MIN_WORDS and _speed(words, start, end) > MAX_CHARACTERS_PER_S:
        cost += _TOO_FAST if len(lines) > 1 else _HASTY
    return cost


def _break_cost(paged: PagedWord) -> float:
    if paged.ends_clause:
        return _BREAK_AFTER_CLAUSE
    text = paged.word.text.lower()
    if text in _BINDING or text[:1].isdigit():
        return _BREAK_INSIDE_AMOUNT
    return _BREAK_INSIDE_PHRASE if text in _LEANING else _BREAK_ANYWHERE


def _speed(words: Line, start: int, end: int) -> float:
    """Characters a second a reader is asked to take in, until the next page comes."""
    until_ms = words[end].word.start_ms if end < len(words) else words[-1].word.end_ms
    read = sum(reading_weight(paged.word.text) for paged in words[start:end])
    return read * 1000 / max(1, until_ms - words[start].word.start_ms)


def _ragged(lines: Sequence[Line]) -> float:
    if len(lines) < 2:
        return 0.0
    weights = [sum(reading_weight(paged.word.text) + 1 for paged in line) for line in lines]
    short = sum(len(line) < MIN_WORDS and not _is_dense(line[0].word.text) for line in lines)
    return _RAGGED * (1 - min(weights) / max(1, *weights)) + _SHORT_LINE * short


def break_lines(words: Line, limits: PagingLimits) -> tuple[Line, ...] | None:
    """Set words in as few lines as they fit in, evenly; None where they do not fit a page.

    A single word always fits: it is drawn smaller.
    """
    if _fits_line(words, limits):
        return (words,)
    if limits.max_lines < 2:
        return None
    splits = [
        (words[:at], words[at:])
        for at in range(1, len(words))
        if _fits_line(words[:at], limits) and _fits_line(words[at:], limits)
    ]
    return min(splits, key=_line_cost, default=None)


def _line_cost(lines: tuple[Line, Line]) -> float:
    return 2 * _ragged(lines) + _break_cost(lines[0][-1]) / 2


def _fits_line(words: Line, limits: PagingLimits) -> bool:
    texts = tuple(paged.word.text for paged in words)
    if len(texts) > limits.max_words and not all(map(_is_dense, texts)):
        return False
    if len(texts) == 1 or limits.fits(texts):
        return True
    return len(texts) == MIN_WORDS and limits.squeezed(texts)


@lru_cache(maxsize=4096)
def _is_dense(text: str) -> bool:
    """Whether a "word" is a piece of unspaced writing: a count of them says nothing."""
    return is_unspaced(text[0]) or is_unspaced(text[-1])


def _page(words: Line, next_ms: int, limits: PagingLimits) -> CaptionPage:
    lines = break_lines(words, limits)
    assert lines is not None  # the division only holds pages that can be set
    start_ms, spoken_ms = words[0].word.start_ms, words[-1].word.end_ms
    end_ms = next_ms if next_ms - spoken_ms < BRIDGE_MS else spoken_ms + LINGER_MS
    needed_ms = (
        sum(reading_weight(paged.word.text) for paged in words) * 1000 // MAX_CHARACTERS_PER_S
    )
    end_ms = max(end_ms, min(start_ms + needed_ms, spoken_ms + _READING_BONUS_MS))
    shown = Span(start_ms, max(start_ms + 1, min(end_ms, next_ms)))
    return CaptionPage(shown, tuple(tuple(paged.word for paged in line) for line in lines))
