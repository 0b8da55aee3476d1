"""What is heard besides words, as plain numbers: the only thing moments know of media."""

from dataclasses import dataclass
from itertools import groupby

from goviral.kit.timecode import Span

_ALONE_MS = 100


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
    """How loud speech in a stretch of a source is: RMS in dB every `step_ms`, from `start_ms` of the source.

    Below `quiet_db` nobody speaks: a line between the room's noise and the voice. Only comparable
    within a recording: high tones count more than low ones.
    """

    start_ms: int
    step_ms: int
    db: tuple[float, ...]
    quiet_db: float

    def quiet_spans(self, bridge_ms: int = 0) -> tuple[Span, ...]:
        """Stretches below the line, counted from `start_ms`.

        A sound of up to `bridge_ms` does not part them if it stands alone: quiet for 100 ms on either
        side. One after the other they are speech, however short each is.
        """
        runs = self._quiet_runs()
        found: list[Span] = []
        for at, run in enumerate(runs):
            before = runs[at - 1] if at else None
            if (
                before
                and run.start_ms - before.end_ms <= bridge_ms
                and min(before.duration_ms, run.duration_ms) >= _ALONE_MS
            ):
                found[-1] = Span(found[-1].start_ms, run.end_ms)
            else:
                found.append(run)
        return tuple(found)

    def _quiet_runs(self) -> list[Span]:
        edges = [level < self.quiet_db for level in self.db]
        runs: list[Span] = []
        at = 0
        for quiet, group in groupby(edges):
            length = sum(1 for _ in group)
            if quiet:
                runs.append(Span(at * self.step_ms, (at + length) * self.step_ms))
            at += length
        return runs
