"""Times that make no sense, made to make sense. Pure.

What comes in is any list of cues; what goes out is sorted, does not overlap, and has
`start_ms < end_ms` everywhere. Every pass is linear but the sort.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from goviral.engine.transcripts.cue import Cue
from goviral.kit.errors import InputError

_LETTER_MS = 65
"""Speaking time of a letter at about 150 English words a minute."""
_SHORTEST_MS = 120
_ABSURD_MS = 1000 * 3_600_000
"""No source is a thousand hours long: such a time is a mistake, so it counts as missing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A cue whose times can be trusted: whole milliseconds, `start_ms < end_ms`."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str | None
    probability: float | None
    turn: bool


def mend(cues: Sequence[Cue], noun: str) -> tuple[list[Placed], list[str]]:
    """Place `cues` in time and say in words what had to be mended; `noun` is their plural.

    Raises `InputError` when no cue has text, or when no two times differ.
    """
    spoken = [cue for cue in cues if cue.text.strip()]
    if not spoken:
        raise InputError(
            "The transcript is empty.", remedy="Give one with text, or leave --transcript away."
        )
    starts, ends, warnings = _known_times(spoken, noun)
    spoken, starts, ends = _from_zero_on(spoken, starts, ends, noun, warnings)
    order = sorted(range(len(spoken)), key=starts.__getitem__)
    if any(a > b for a, b in pairwise(order)):
        warnings.append(f"The {noun} were not in order of time: sorted.")
    starts, ends, overlaps = _apart([starts[i] for i in order], [ends[i] for i in order])
    if overlaps:
        warnings.append(f"{counted(overlaps, noun)} overlapped the next: cut where it begins.")
    placed = [
        Placed(c.text, start, end, c.speaker, c.probability, c.turn)
        for c, start, end in zip((spoken[i] for i in order), starts, ends, strict=True)
    ]
    return placed, warnings


def counted(count: int, noun: str) -> str:
    """`1 word`, `2 words`: `noun` is the plural."""
    return f"{count} {noun if count != 1 else noun.removesuffix('s')}"


def speaking_ms(text: str) -> int:
    """How long `text` takes to say, roughly: what a cue without an end is given."""
    return max(_SHORTEST_MS, _LETTER_MS * len(text))


def _known_times(cues: Sequence[Cue], noun: str) -> tuple[list[int], list[int], list[str]]:
    starts = [_whole(cue.start_ms) for cue in cues]
    ends = [_whole(cue.end_ms) for cue in cues]
    _refuse_timeless([t for t in (*starts, *ends) if t is not None], len(cues))
    warnings = []
    unknown = starts.count(None)
    known_starts = _fill_starts(cues, starts, ends)
    if unknown:
        warnings.append(f"{counted(unknown, noun)} had no time: placed between the neighbours.")
    endless = 0
    known_ends: list[int] = []
    for cue, start, end in zip(cues, known_starts, ends, strict=True):
        lasts = end is not None and end > start
        endless += not lasts
        known_ends.append(end if end is not None and lasts else start + speaking_ms(cue.text))
    if endless > unknown:
        warnings.append(
            f"{counted(endless - unknown, noun)} had no length: given the time they take to say."
        )
    return known_starts, known_ends, warnings


def _whole(time_ms: float | None) -> int | None:
    usable = time_ms is not None and math.isfinite(time_ms) and abs(time_ms) < _ABSURD_MS
    return round(time_ms) if usable and time_ms is not None else None


def _refuse_timeless(times: list[int], count: int) -> None:
    if not times or (min(times) == max(times) and (count > 1 or times[0] == 0)):
        raise InputError(
            "The transcript has no times: all are missing or the same.",
            remedy="Export it with times (SRT, VTT or JSON), or let an engine transcribe the media.",
        )


def _fill_starts(
    cues: Sequence[Cue], starts: list[int | None], ends: list[int | None]
) -> list[int]:
    """Share the gap between known neighbours among a run of cues without a start."""
    filled = [start or 0 for start in starts]
    index = 0
    while index < len(cues):
        if starts[index] is not None:
            index += 1
            continue
        after = next((j for j in range(index, len(cues)) if starts[j] is not None), len(cues))
        left = _end_before(index, filled, ends, cues)
        right = filled[after] if after < len(cues) else None
        for position, cue in enumerate(cues[index:after]):
            filled[index + position] = left
            step = speaking_ms(cue.text)
            if right is not None:
                step = max(0, right - left) // (after - index - position)
            left += step
        index = after
    return filled


def _end_before(index: int, filled: list[int], ends: list[int | None], cues: Sequence[Cue]) -> int:
    if index == 0:
        return 0
    end = ends[index - 1]
    start = filled[index - 1]
    return end if end is not None and end > start else start + speaking_ms(cues[index - 1].text)


def _from_zero_on(
    cues: Sequence[Cue], starts: list[int], ends: list[int], noun: str, warnings: list[str]
) -> tuple[list[Cue], list[int], list[int]]:
    early = sum(start < 0 for start in starts)
    if not early:
        return list(cues), starts, ends
    kept = [i for i, end in enumerate(ends) if end > 0]
    warnings.append(
        f"{counted(early, noun)} began before zero: cut, or left out where they ended before it."
    )
    if not kept:
        raise InputError(
            "Every time in the transcript is negative.", remedy="Shift its times and try again."
        )
    return (
        [cues[i] for i in kept],
        [max(0, starts[i]) for i in kept],
        [ends[i] for i in kept],
    )


def _apart(starts: list[int], ends: list[int]) -> tuple[list[int], list[int], int]:
    """Cut each span where the next begins; spans that begin together share their time."""
    if all(end <= start for end, start in zip(ends, starts[1:], strict=False)):
        return starts, ends, 0
    overlaps = 0
    first = 0
    while first < len(starts):
        last = first
        while last + 1 < len(starts) and starts[last + 1] == starts[first]:
            last += 1
        limit = starts[last + 1] if last + 1 < len(starts) else max(ends[first : last + 1])
        until = min(max(ends[first : last + 1]), limit)
        overlaps += last - first + (max(ends[first : last + 1]) > limit)
        _share(starts, ends, first, last, until)
        first = last + 1
    return (*_strictly_forward(starts, ends), overlaps)


def _share(starts: list[int], ends: list[int], first: int, last: int, until: int) -> None:
    begin, count = starts[first], last - first + 1
    for position in range(count):
        starts[first + position] = begin + (until - begin) * position // count
        ends[first + position] = begin + (until - begin) * (position + 1) // count


def _strictly_forward(starts: list[int], ends: list[int]) -> tuple[list[int], list[int]]:
    """Push crowded spans on by single milliseconds, until each has at least one of its own."""
    reached = 0
    for index, start in enumerate(starts):
        starts[index] = max(start, reached)
        ends[index] = max(ends[index], starts[index] + 1)
        reached = ends[index]
    return starts, ends
