"""The whole source as a picture: where the moments lie, how loud it is, who speaks. Pure geometry.

Positions along time are percentages, so that one drawing fits a phone and a wide screen without its
text being scaled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from goviral.engine.media.signals import Signals
from goviral.engine.moments.moment import Moment
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span, clock

_FLOOR_DB = -60.0
_COLUMNS = 400
_MOST_LANES = 5
_TURN_GAP_MS = 1500
_MOST_TICKS = 7
_TICK_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_LEAST_SHARE = 0.8
"""Narrowest mark in percent: a moment in a ten-hour talk can still be seen."""
_BADGE_SHARE = 8.0
"""Room for a numbered badge, in percent: 24 pixels on the narrowest phone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the picture: left edge and width in percent."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class MomentMark:
    """A moment's mark; `row` keeps badges that would overlap apart, `badge_x` is a badge's middle."""

    rank: int
    mark: Mark
    badge_x: float
    row: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """When one speaker speaks."""

    speaker: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the time axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything the picture shows. `wave` is an SVG path in a box of 1000 by 100, "" without sound."""

    duration_ms: int
    moments: tuple[MomentMark, ...]
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    wave: str

    @property
    def rows(self) -> int:
        return 1 + max((moment.row for moment in self.moments), default=0)


def draw_timeline(
    duration_ms: int,
    signals: Signals,
    transcript: Transcript,
    moments: Sequence[tuple[Moment, bool]],
) -> Timeline:
    """Lay out the picture; `moments` in order of rank, each with whether its clip failed."""
    total_ms = max(1, duration_ms)
    return Timeline(
        duration_ms=duration_ms,
        moments=_moment_marks(moments, total_ms),
        lanes=_lanes(transcript, total_ms),
        ticks=_ticks(total_ms),
        wave=_wave(signals, total_ms),
    )


def mark(span: Span, total_ms: int, least: float = 0.0) -> Mark:
    """Where a span lies, at least `least` percent wide and never outside."""
    width = min(100.0, max(least, 100 * span.duration_ms / total_ms))
    x = min(max(0.0, 100 * span.start_ms / total_ms), 100.0 - width)
    return Mark(round(x, 3), round(width, 3))


def _moment_marks(moments: Sequence[tuple[Moment, bool]], total_ms: int) -> tuple[MomentMark, ...]:
    """Rows are filled greedily in time order: each mark takes the first row that is free."""
    placed: dict[int, MomentMark] = {}
    ends: list[float] = []
    ranked = list(enumerate(moments, 1))
    for rank, (moment, failed) in sorted(ranked, key=lambda item: item[1][0].span.start_ms):
        place = mark(moment.span, total_ms, _LEAST_SHARE)
        half = _BADGE_SHARE / 2
        badge_x = min(max(place.x + place.width / 2, half), 100 - half)
        row = next((r for r, end in enumerate(ends) if end <= badge_x - half), len(ends))
        ends[row : row + 1] = [badge_x + half]
        placed[rank] = MomentMark(rank, place, round(badge_x, 3), row, failed)
    return tuple(placed[rank] for rank in sorted(placed))


def _lanes(transcript: Transcript, total_ms: int) -> tuple[Lane, ...]:
    """The speakers who say most, in order of appearance; one speaker needs no lane."""
    turns: dict[str, list[Span]] = {}
    for word in transcript.words or transcript.sentences:
        if word.speaker:
            _extend(turns.setdefault(word.speaker, []), Span(word.start_ms, word.end_ms))
    if len(turns) < 2:
        return ()
    talk = {who: sum(span.duration_ms for span in spans) for who, spans in turns.items()}
    loudest = sorted(talk, key=lambda who: -talk[who])[:_MOST_LANES]
    return tuple(Lane(who, _marks(turns[who], total_ms)) for who in turns if who in loudest)


def _extend(spans: list[Span], span: Span) -> None:
    if spans and span.start_ms - spans[-1].end_ms <= _TURN_GAP_MS:
        spans[-1] = Span(spans[-1].start_ms, max(spans[-1].end_ms, span.end_ms))
    else:
        spans.append(span)


def _marks(spans: Sequence[Span], total_ms: int) -> tuple[Mark, ...]:
    """Turns closer than a column of the picture are one, so that ten hours stay a small page."""
    column_ms = total_ms / _COLUMNS
    merged: list[Span] = []
    for span in spans:
        if merged and span.start_ms - merged[-1].end_ms < column_ms:
            merged[-1] = Span(merged[-1].start_ms, span.end_ms)
        else:
            merged.append(span)
    return tuple(mark(span, total_ms, 100 / _COLUMNS) for span in merged)


def _ticks(total_ms: int) -> tuple[Tick, ...]:
    total_s = total_ms / 1000
    step_s = next((s for s in _TICK_STEPS_S if total_s / s <= _MOST_TICKS), _TICK_STEPS_S[-1])
    count = int(total_s // step_s) + 1
    # The last label would run out of the picture when it stands at its very end.
    return tuple(
        Tick(round(100_000 * step_s * index / total_ms, 3), clock(step_s * index * 1000))
        for index in range(count)
        if step_s * index * 1000 <= total_ms * 0.97
    )


def _wave(signals: Signals, total_ms: int) -> str:
    """Loudness mirrored about the middle: the mean of each column, the loudest one full height."""
    if not signals.loudness_db:
        return ""
    count = len(signals.loudness_db)
    columns = min(_COLUMNS, count)
    edges = [count * index // columns for index in range(columns + 1)]
    means = [max(_FLOOR_DB, sum(signals.loudness_db[a:b]) / (b - a)) for a, b in pairwise(edges)]
    quiet, loud = max(_FLOOR_DB, min(means) - 3), max(means)
    heights = [max(0.03, (mean - quiet) / max(6.0, loud - quiet)) for mean in means]
    width = 1000 * min(1.0, signals.duration_ms / total_ms)
    xs = [width * (index + 0.5) / columns for index in range(columns)]
    upper = [f"{x:.1f},{50 - 50 * h:.1f}" for x, h in zip(xs, heights, strict=True)]
    lower = [f"{x:.1f},{50 + 50 * h:.1f}" for x, h in zip(xs, heights, strict=True)]
    return "M" + "L".join(upper + lower[::-1]) + "Z"
