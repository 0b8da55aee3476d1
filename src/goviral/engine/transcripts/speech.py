"""Where somebody speaks: Silero VAD over a source of any length, in bounded memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goviral.kit.errors import InputError

Pcm = NDArray[np.float32]

RATE_HZ = 16_000
BLOCK_MS = 60_000
_PER_MS = RATE_HZ // 1000
_CONTEXT = RATE_HZ
_SURE = 0.5


@dataclass(frozen=True, slots=True)
class Shape:
    """How speech is cut: at pauses of `pause_ms`, never longer than `longest_ms`.

    `join` puts neighbours and the pause between them into one stretch as long as it stays short
    enough: a model that always hears thirty seconds should get thirty.
    """

    pause_ms: int
    longest_ms: int
    pad_ms: int = 150
    join: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the source in which somebody speaks, with its sound: mono, 16 kHz."""

    start_ms: int
    samples: Pcm

    @property
    def end_ms(self) -> int:
        return self.start_ms + len(self.samples) // _PER_MS


def find_speech(blocks: Iterable[Pcm], shape: Shape) -> Iterator[Stretch]:
    """Stretches of speech in order, told while the blocks come in.

    The last stretch of a block waits for the next one, which may continue it; nothing older is kept.
    """
    held, offset = np.zeros(0, np.float32), 0
    for block, last in _marking_last(blocks):
        held = np.concatenate([held, block])
        spans = _spans(held, shape)
        ready = spans if last else [s for s in spans if _is_over(s, spans, len(held), shape)]
        for start, end in ready:
            yield Stretch((offset + start) // _PER_MS, held[start:end])
        waiting = spans[len(ready) :]
        keep_from = waiting[0][0] if waiting else max(0, len(held) - _CONTEXT)
        keep_from = max(keep_from, ready[-1][1] if ready else 0)
        held, offset = held[keep_from:], offset + keep_from


def no_speech(name: str) -> InputError:
    """What is said when a source has sound but nobody speaks."""
    return InputError(
        f"Nobody speaks in {name}.",
        remedy="Give a file with speech, or its transcript with --transcript.",
    )


def _is_over(
    span: tuple[int, int], spans: list[tuple[int, int]], length: int, shape: Shape
) -> bool:
    return span is not spans[-1] or length - span[1] > shape.longest_ms * _PER_MS


def _spans(samples: Pcm, shape: Shape) -> list[tuple[int, int]]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(
        samples,
        VadOptions(
            threshold=_SURE,
            min_silence_duration_ms=shape.pause_ms,
            max_speech_duration_s=shape.longest_ms / 1000,
            speech_pad_ms=shape.pad_ms,
        ),
    )
    spans = [
        (int(span["start"]), int(span["end"])) for span in found if span["end"] > span["start"]
    ]
    return _joined(spans, shape.longest_ms * _PER_MS) if shape.join else spans


def _joined(spans: list[tuple[int, int]], longest: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and end - joined[-1][0] <= longest:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _marking_last(blocks: Iterable[Pcm]) -> Iterator[tuple[Pcm, bool]]:
    waiting: Pcm | None = None
    for block in blocks:
        if waiting is not None:
            yield waiting, False
        waiting = block
    if waiting is not None:
        yield waiting, True
