"""How much louder a piece is than the talk around it."""

import numpy as np

from goviral.engine.media.signals import Signals
from goviral.engine.moments.features.table import Table
from goviral.engine.moments.tokens import Floats

_LOUDEST = 0.9
_LIMIT = 3.0


def burst_of(table: Table, signals: Signals) -> Floats:
    """Deviations by which the loud tenth of a piece stands above that of the talk's pieces; 0 without sound."""
    level = np.array(signals.loudness_db, dtype=np.float64)
    if not len(level):
        return np.zeros(len(table.words))
    first = np.clip(table.start_ms // signals.step_ms, 0, len(level) - 1).astype(int)
    last = np.clip(table.end_ms // signals.step_ms, first + 1, len(level)).astype(int)
    loud = np.array([np.quantile(level[a:b], _LOUDEST) for a, b in zip(first, last, strict=True)])
    spread = float(loud.std())
    if spread < 1e-9:
        return np.zeros(len(loud))
    above: Floats = np.clip((loud - loud.mean()) / spread, 0, _LIMIT)
    return above
