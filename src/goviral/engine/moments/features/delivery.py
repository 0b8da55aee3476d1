"""How it is said and when: pace, pauses, position in the talk."""

import numpy as np

from goviral.engine.moments.tokens import Floats

_LONGEST_GAP_MS = 10_000


def delivery_columns(start_ms: Floats, end_ms: Floats, words: Floats) -> dict[str, Floats]:
    """Columns `dur rate gap_before gap_after pos pos2 early early10 late`, times from the first word."""
    lasting = np.maximum(200.0, end_ms - start_ms)
    gap = np.log1p(np.clip(start_ms[1:] - end_ms[:-1], 0, _LONGEST_GAP_MS) / 100)
    begin, end = start_ms[0], end_ms[-1]
    position = ((start_ms + end_ms) / 2 - begin) / max(1.0, end - begin)
    since_min = (start_ms - begin) / 60_000
    return {
        "dur": np.log(lasting),
        "rate": np.log((words + 0.5) / lasting * 1000),
        "gap_before": np.r_[0.0, gap],
        "gap_after": np.r_[gap, 0.0],
        "pos": position,
        "pos2": (position - 0.5) ** 2,
        "early": np.exp(-since_min / 3),
        "early10": np.exp(-since_min / 12),
        "late": np.exp(-(end - end_ms) / 180_000),
    }
