"""What is heard besides words, as plain numbers: the only thing moments know of media."""

from dataclasses import dataclass

from goviral.kit.timecode import Span


@dataclass(frozen=True)
class Signals:
    """Sound of a whole source, sampled evenly.

    `loudness_db[i]` is the RMS level in dBFS of `[i * step_ms, (i + 1) * step_ms)`, floored at -90.
    `pauses` are stretches of silence, sorted. Empty for a transcript without media.
    """

    step_ms: int = 100
    loudness_db: tuple[float, ...] = ()
    pauses: tuple[Span, ...] = ()

    @property
    def duration_ms(self) -> int:
        return len(self.loudness_db) * self.step_ms


SILENT = Signals()
