"""Every clip a talk could give, and the best of them that do not overlap. Pure, n log n."""

from bisect import bisect_left, insort
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goviral.engine.moments.tokens import Floats, Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Windows:
    """Clip `w` runs from the start of piece `first[w]` to the end of piece `last[w]`."""

    first: Ints
    last: Ints
    start_ms: Floats
    end_ms: Floats

    @property
    def lasting_ms(self) -> Floats:
        """Length of each."""
        return self.end_ms - self.start_ms

    def __len__(self) -> int:
        return len(self.first)


def windows_of(start_ms: Floats, end_ms: Floats, min_ms: int, max_ms: int) -> Windows:
    """Every run of pieces that lasts `min_ms` to `max_ms`.

    Where there is none, the whole talk if it is short enough, else (it comes in scattered stretches) the
    longest run from each piece; a piece longer than `max_ms` gives none.
    """
    own = np.arange(len(start_ms))
    # Where two speak at once, the later sentence may end first: a clip ends when both have.
    end_ms = np.maximum.accumulate(end_ms)
    beyond = np.searchsorted(end_ms, start_ms + max_ms, side="right")
    least = np.maximum(np.searchsorted(end_ms, start_ms + min_ms), own)
    if not (beyond > least).any():
        if end_ms[-1] - start_ms[0] <= max_ms:
            return Windows(own[:1], own[-1:], start_ms[:1], end_ms[-1:])
        least = np.maximum(beyond - 1, own)
    choices = np.maximum(0, beyond - least)
    first = np.repeat(own, choices)
    nth = np.arange(len(first)) - np.repeat(np.cumsum(choices) - choices, choices)
    last = np.repeat(least, choices) + nth
    return Windows(first, last, start_ms[first], end_ms[last])


def choose(windows: Windows, value: Floats, count: int) -> list[int]:
    """The `count` best windows that do not overlap, best first; the earlier and shorter of equals."""
    order = np.lexsort((windows.last, windows.first, -value))
    taken: list[tuple[int, int]] = []
    chosen: list[int] = []
    first, last = windows.first.tolist(), windows.last.tolist()
    for place in order.tolist():
        run = (first[place], last[place])
        at = bisect_left(taken, run)
        if at > 0 and taken[at - 1][1] >= run[0]:
            continue
        if at < len(taken) and taken[at][0] <= run[1]:
            continue
        insort(taken, run)
        chosen.append(place)
        if len(chosen) == count:
            break
    return chosen
