"""The moments of a talk, best first: the one question this room answers."""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from goviral.engine.media.signals import SILENT, Signals
from goviral.engine.moments.boundaries import Piece, is_dangling, pieces_of
from goviral.engine.moments.counts import wished_count
from goviral.engine.moments.moment import Category, Moment, Reason, Scorecard, Wishes
from goviral.engine.moments.titles import title_of
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from goviral.kit.progress import Progress
from goviral.kit.timecode import Span

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class _Window:
    first: int
    last: int
    start_ms: int
    end_ms: int
    heat: float


def find_moments(
    transcript: Transcript,
    signals: Signals = SILENT,
    wishes: Wishes = Wishes(),
    *,
    llm: object | None = None,
    progress: Progress | None = None,
) -> tuple[Moment, ...]:
    """Moments worth clipping, best first, none overlapping another; the same every time.

    They begin and end at sentences (inside one only where it is longer than a clip, then between
    words) and last `wishes.min_ms` to `wishes.max_ms`; a talk shorter than that is one moment.
    Raises `InputError` for wishes that cannot be met by any clip.
    """
    _check(wishes)
    pieces = pieces_of(transcript, wishes.max_ms)
    if not pieces:
        return ()
    heat = _heat(pieces, wishes)
    language = wishes.language or transcript.language
    windows = _windows(pieces, heat, wishes, language)
    duration_ms = pieces[-1].end_ms - pieces[0].start_ms
    count = wishes.count or wished_count(duration_ms, wishes.min_ms)
    chosen = _choose(windows, count)
    return tuple(_moment(w, pieces, heat, windows, language) for w in chosen)


def _check(wishes: Wishes) -> None:
    if not 0 < wishes.min_ms <= wishes.max_ms:
        raise InputError(
            "The shortest clip may not be longer than the longest.",
            remedy="Give a minimum above 0 and a maximum not below it.",
        )
    if wishes.count is not None and wishes.count < 1:
        raise InputError(
            "At least one moment has to be asked for.", remedy="Use a count of 1 or more."
        )


def _heat(pieces: Sequence[Piece], wishes: Wishes) -> np.ndarray:
    about = set(_WORD.findall(wishes.about.lower()))
    heat = np.zeros(len(pieces))
    for at, piece in enumerate(pieces):
        words = _WORD.findall(piece.text.lower())
        first_person = sum(w in ("i", "me", "my", "we", "i'm") for w in words)
        heat[at] = 0.2 + 0.2 * min(3, first_person) + 0.3 * piece.text.rstrip().endswith("?")
        heat[at] += 0.3 * piece.text.rstrip().endswith("!") + 2 * bool(about.intersection(words))
    return heat


def _windows(
    pieces: Sequence[Piece], heat: np.ndarray, wishes: Wishes, language: str
) -> list[_Window]:
    starts = [p.start_ms for p in pieces]
    ends = [p.end_ms for p in pieces]
    total = np.concatenate([[0.0], np.cumsum(heat)])
    found: list[_Window] = []
    short: list[_Window] = []
    for i, start in enumerate(starts):
        low = bisect_left(ends, start + wishes.min_ms)
        high = bisect_right(ends, start + wishes.max_ms)
        for j in range(max(low, i), high):
            found.append(_window(pieces, total, i, j, language))
        if not found and high > i:
            short.append(_window(pieces, total, i, high - 1, language))
    return found or short


def _window(pieces: Sequence[Piece], total: np.ndarray, i: int, j: int, language: str) -> _Window:
    start, end = pieces[i].start_ms, pieces[j].end_ms
    density = float(total[j + 1] - total[i]) / (end - start) * 60_000
    if not pieces[i].opens or is_dangling(pieces[i].text, language):
        density *= 0.5
    return _Window(i, j, start, end, density)


def _choose(windows: Sequence[_Window], count: int) -> list[_Window]:
    taken: list[tuple[int, int]] = []
    chosen: list[_Window] = []
    for window in sorted(windows, key=lambda w: (-w.heat, w.start_ms, w.end_ms)):
        at = bisect_left(taken, (window.start_ms, window.end_ms))
        if at > 0 and taken[at - 1][1] > window.start_ms:
            continue
        if at < len(taken) and taken[at][0] < window.end_ms:
            continue
        insort(taken, (window.start_ms, window.end_ms))
        chosen.append(window)
        if len(chosen) == count:
            break
    return chosen


def _moment(
    window: _Window,
    pieces: Sequence[Piece],
    heat: np.ndarray,
    windows: Sequence[_Window],
    language: str,
) -> Moment:
    best = window.first + int(np.argmax(heat[window.first : window.last + 1]))
    inside = pieces[window.first : window.last + 1]
    score = round(100 * window.heat / max(w.heat for w in windows))
    category: Category = "question" if "?" in pieces[best].text else "quote"
    spoken = [p.speaker for p in inside if p.speaker]
    return Moment(
        span=Span(window.start_ms, window.end_ms),
        score=score,
        scorecard=Scorecard(score, score, score, score, score, score),
        title=title_of(pieces[best].text),
        hook=pieces[window.first].text,
        quote=pieces[best].text,
        category=category,
        reasons=(Reason("heat", "Strongest sentence", float(heat[best]), pieces[best].span),),
        speaker=max(set(spoken), key=lambda s: (spoken.count(s), s)) if spoken else None,
    )
