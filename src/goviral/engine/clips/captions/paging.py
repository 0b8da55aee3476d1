"""Words to pages of at most two lines: what is on screen at once, and for how long. Pure.

Pages break where a speaker breathes: at sentence ends, pauses and changes of speaker always, after
commas gladly, between an article and its noun hardly ever. Within one breath the cheapest division is
found by dynamic programming over the words, so that no page is left with a lone word for want of
looking ahead.
"""

from collections.abc import Sequence
from itertools import pairwise

from goviral.engine.clips.captions.lines import (
    MIN_WORDS,
    Line,
    PagedWord,
    PagingLimits,
    break_cost,
    break_lines,
    is_lonely,
    lines_cost,
    word_count,
)
from goviral.engine.clips.fonts.writing import reading_weight
from goviral.engine.clips.plans.plan import CaptionPage
from goviral.kit.timecode import Span

PAUSE_MS = 600
"""A silence that ends a page whatever the words say."""
BRIDGE_MS = 500
"""Gaps shorter than this keep the page on screen until the next one."""
LINGER_MS = 350
"""How long a page stays after its last word when a longer gap follows."""
MAX_CHARACTERS_PER_S = 20
"""Reading speed above which two lines are too much at once (subtitle guidelines ask 17 to 20)."""
_READING_BONUS_MS = 700

# Costs of a page; only their proportions matter.
_PAGE = 3.0
_LONELY = 5.5  # besides what its line costs
_TOO_FAST = 1000.0  # more than any division of the same words costs
_HASTY = 6.0  # more than one page more
_HASTY_LINE = 20.0  # more than one page more that parts a phrase and is hasty itself


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
            cost = best[start][0] + _cost(words, start, end, lines, limits)
            if cost < best[end][0]:
                best[end] = (cost, start)
    cuts = [count]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return [words[start:end] for end, start in pairwise(cuts)][::-1]


def _cost(
    words: Line, start: int, end: int, lines: tuple[Line, ...], limits: PagingLimits
) -> float:
    cost = _PAGE + lines_cost(lines, limits)
    if end < len(words):
        cost += break_cost(words[end - 1])
    if is_lonely(words[start:end]):
        cost += _LONELY
    return cost + _haste(words, start, end, len(lines))


def _haste(words: Line, start: int, end: int, line_count: int) -> float:
    """What it costs to ask too much of a reader; nothing where no division would ask less."""
    count = end - start
    if count <= MIN_WORDS or _speed(words, start, end) <= MAX_CHARACTERS_PER_S:
        return 0.0
    if line_count > 1:
        return _TOO_FAST
    return _HASTY_LINE if word_count(words[start:end]) >= 2 * MIN_WORDS else _HASTY


def _speed(words: Line, start: int, end: int) -> float:
    """Characters a second a reader is asked to take in, until the next page comes."""
    until_ms = words[end].word.start_ms if end < len(words) else words[-1].word.end_ms
    read = sum(reading_weight(paged.word.text) for paged in words[start:end])
    return read * 1000 / max(1, until_ms - words[start].word.start_ms)


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
