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


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud a stretch of a source is, finely: RMS in dBFS every `step_ms`, from `start_ms` of the source.

    Below `quiet_db` nobody speaks: a line between the room's noise and the voice.
    """

    start_ms: int
    step_ms: int
    db: tuple[float, ...]
    quiet_db: float

    def quiet_spans(self, bridge_ms: int = 0) -> tuple[Span, ...]:
        """Stretches below the line, counted from `start_ms`; sounds up to `bridge_ms` do not part them."""
        found: list[Span] = []
        for index, level in enumerate(self.db):
            at_ms = index * self.step_ms
            if level >= self.quiet_db:
                continue
            if found and at_ms - found[-1].end_ms <= bridge_ms:
                at_ms = found.pop().start_ms
            found.append(Span(at_ms, (index + 1) * self.step_ms))
        return tuple(found)
