"""What can be wrong with a finished clip."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. An `error` makes a clip unfit to be delivered."""

    check: str
    message: str
    severity: Severity = "error"


def stretch(start_s: float, end_s: float) -> str:
    """`from 4.0 to 8.0 s`."""
    return f"from {start_s:.1f} to {end_s:.1f} s"
