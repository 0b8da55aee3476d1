"""A piece with what stands around it, in units of its own talk.

Every feature is taken over several stretches of time around each piece, then centred and scaled over the
talk, so that a weight means the same in a fast and in a slow one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goviral.engine.moments.features.table import Table
from goviral.engine.moments.tokens import Floats, Ints

_SMOOTHING_WORDS = 8.0
_LIMIT = 4.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time around a piece: itself, after its end, or about its middle.

    What stands before a piece was tried too and added nothing.
    """

    name: str
    before_ms: int = 0
    after_ms: int = 0


ITSELF = Stretch("itself")
AFTER = Stretch("after", after_ms=12_000)
AROUND = Stretch("around", 20_000, 20_000)
WIDE = Stretch("wide", 90_000, 90_000)
STRETCHES = (ITSELF, AFTER, AROUND, WIDE)


def in_context(table: Table, stretches: Sequence[Stretch] = STRETCHES) -> NDArray[np.float32]:
    """Pieces x (stretch, feature): all features over the first stretch, then over the second ..."""
    return np.concatenate([_scaled(_over(table, stretch)) for stretch in stretches], axis=1)


def column_names(table: Table, stretches: Sequence[Stretch] = STRETCHES) -> tuple[str, ...]:
    """`feature@stretch` of every column of `in_context`."""
    return tuple(f"{name}@{stretch.name}" for stretch in stretches for name in table.names)


def _over(table: Table, stretch: Stretch) -> Floats:
    first, last = _reach(table, stretch)
    if stretch is ITSELF:
        counts = np.where(table.is_count, table.values, 0.0)
        return np.where(table.is_count, np.log1p(counts), table.values)
    lasting = np.maximum(1.0, table.end_ms - table.start_ms)
    weights = np.where(table.is_count, 1.0, lasting[:, None])
    sums = _sums(table.values * weights, first, last)
    words = _sums(table.words[:, None], first, last)
    time = np.maximum(200.0, _sums(lasting[:, None], first, last))
    rates = np.sqrt(np.maximum(sums, 0) / (words + _SMOOTHING_WORDS))
    return np.where(table.is_count, rates, sums / time)


def _reach(table: Table, stretch: Stretch) -> tuple[Ints, Ints]:
    """First piece and the one after the last, for each piece."""
    start, end = table.start_ms, table.end_ms
    if stretch.before_ms:
        middle = (start + end) / 2
        first = np.searchsorted(middle, middle - stretch.before_ms)
        return first, np.searchsorted(middle, middle + stretch.after_ms, side="right")
    own = np.arange(len(start))
    return own + 1, np.maximum(np.searchsorted(start, end + stretch.after_ms), own + 1)


def _sums(values: Floats, first: Ints, last: Ints) -> Floats:
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    sums: Floats = total[last] - total[first]
    return sums


def _scaled(columns: Floats) -> NDArray[np.float32]:
    """Centred and scaled over the talk, cut at four deviations; a constant column is zero."""
    centred = columns - columns.mean(axis=0)
    spread = columns.std(axis=0)
    scaled = np.where(spread > 1e-9, centred / np.maximum(spread, 1e-9), 0.0)
    return np.clip(scaled, -_LIMIT, _LIMIT).astype(np.float32)
