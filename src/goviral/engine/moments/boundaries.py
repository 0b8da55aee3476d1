"""Where a clip may begin and end: at sentences, and inside one only where it is longer than a clip."""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from goviral.engine.moments.moment import Wishes
from goviral.engine.moments.pieces import Piece
from goviral.engine.moments.tokens import Floats, normal
from goviral.engine.moments.windows import Windows
from goviral.kit.timecode import Span

# A start this far into a sentence goes back to its beginning (the contract); less is a matter of word times.
DRIFT_MS = 600
_SETUP_PIECES = 4
_OPENERS = " \t\"'“”‘’«»¿¡([–—-….*"
_FIRST_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUESTION = re.compile(r"[?？؟][\"'”’»)\s]*$")

# Costs in deviations of heat: what a clip must gain elsewhere to begin or end like this all the same.
_COST_MIDDLE = 4.0
_COST_DANGLING = 3.0
_COST_OPEN_END = 4.0
_COST_QUESTION_END = 0.5
_COST_WEAK_START = 0.3
_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces `first` through `last`, and what was done to a span to make them."""

    first: int
    last: int
    mends: tuple[str, ...] = ()


def is_dangling(text: str, language: str) -> bool:
    """Does the opening lean on what was said before (a conjunction, a pronoun without its noun)?"""
    openings = _dangling().get(language) or _dangling()["en"]
    opening = text.lstrip(_OPENERS)
    found = _FIRST_WORD.match(opening)
    if found is not None and normal(found.group()) in openings.words:
        return True
    return bool(openings.prefixes) and opening.startswith(openings.prefixes)


def window_costs(pieces: Sequence[Piece], language: str, windows: Windows) -> Floats:
    """What each window loses by where it begins and ends, in deviations of heat."""
    dangling = np.array([is_dangling(piece.text, language) for piece in pieces])
    opens = np.array([piece.opens for piece in pieces])
    closes = np.array([piece.closes for piece in pieces])
    weak = np.array([len(piece.text.split()) <= _FEW_WORDS for piece in pieces])
    asks = np.array([_QUESTION.search(piece.text) is not None for piece in pieces])
    # Two people at once: sentence times overlap, and an end of one lies inside the other.
    heard_ms = np.maximum.accumulate([piece.end_ms for piece in pieces])
    begins_ms = np.array([piece.start_ms for piece in pieces])
    opens[1:] &= begins_ms[1:] >= heard_ms[:-1]
    closes[:-1] &= begins_ms[1:] >= heard_ms[:-1]
    start = _COST_DANGLING * dangling + _COST_MIDDLE * ~opens + _COST_WEAK_START * weak
    end = _COST_OPEN_END * ~closes + _COST_QUESTION_END * asks
    costs: Floats = start[windows.first] + end[windows.last]
    return costs


def mend(span: Span, pieces: Sequence[Piece], language: str, wishes: Wishes) -> Run | None:
    """The whole sentences that `span` means; None where nothing is said in it.

    A start more than 600 ms into a sentence goes back to its beginning, an end inside one on to its end, as
    long as the clip then lasts no more than `wishes.max_ms`; else they move inwards. A start that leans on
    what was said before takes up to four sentences more, if the length allows. A span shorter than
    `wishes.min_ms` grows: after its end, then before its start.
    """
    starts = [piece.start_ms for piece in pieces]
    ends = [piece.end_ms for piece in pieces]
    first = bisect_right(ends, span.start_ms)
    last = bisect_left(starts, span.end_ms) - 1
    if first > last:
        return None
    if first < last and ends[first] - span.start_ms <= DRIFT_MS:
        first += 1
    if last > first and span.end_ms - starts[last] <= DRIFT_MS:
        last -= 1
    run = _grown(
        _set_up(_fitted(first, last, starts, ends, wishes), pieces, language, wishes),
        pieces,
        wishes,
    )
    return Run(run[0], run[1], _mends_of(span, Span(starts[run[0]], ends[run[1]])))


def _fitted(
    first: int, last: int, starts: Sequence[int], ends: Sequence[int], wishes: Wishes
) -> tuple[int, int]:
    """Give up pieces at the end until the rest is short enough."""
    while last > first and ends[last] - starts[first] > wishes.max_ms:
        last -= 1
    return first, last


def _set_up(
    run: tuple[int, int], pieces: Sequence[Piece], language: str, wishes: Wishes
) -> tuple[int, int]:
    """Begin a few sentences earlier where the opening leans on them."""
    first, last = run
    for earlier in range(first, max(-1, first - _SETUP_PIECES - 1), -1):
        if pieces[last].end_ms - pieces[earlier].start_ms > wishes.max_ms:
            break
        if pieces[earlier].opens and not is_dangling(pieces[earlier].text, language):
            return earlier, last
    return first, last


def _grown(run: tuple[int, int], pieces: Sequence[Piece], wishes: Wishes) -> tuple[int, int]:
    """Take sentences after, then before, while the clip is too short."""
    first, last = run
    while pieces[last].end_ms - pieces[first].start_ms < wishes.min_ms:
        if (
            last + 1 < len(pieces)
            and pieces[last + 1].end_ms - pieces[first].start_ms <= wishes.max_ms
        ):
            last += 1
        elif first > 0 and pieces[last].end_ms - pieces[first - 1].start_ms <= wishes.max_ms:
            first -= 1
        else:
            break
    return first, last


def _mends_of(before: Span, after: Span) -> tuple[str, ...]:
    mends = []
    if after.start_ms != before.start_ms:
        mends.append(f"start moved by {after.start_ms - before.start_ms:+d} ms to a sentence")
    if after.end_ms != before.end_ms:
        mends.append(f"end moved by {after.end_ms - before.end_ms:+d} ms to a sentence")
    return tuple(mends)


@dataclass(frozen=True, slots=True)
class _Openings:
    words: frozenset[str]
    prefixes: tuple[str, ...]


@lru_cache(maxsize=1)
def _dangling() -> dict[str, _Openings]:
    """By language: first words that lean back; prefixes where words are written without spaces."""
    text = files(__package__).joinpath("dangling.json").read_text(encoding="utf-8")
    return {
        language: _Openings(
            frozenset(entry.get("words", "").split()), tuple(entry.get("prefixes", "").split())
        )
        for language, entry in json.loads(text).items()
    }
