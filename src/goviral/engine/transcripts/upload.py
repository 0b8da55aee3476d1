"""Sound made small for an upload: pieces cut in silence, each an mp3 below the server's limit."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from goviral.engine.transcripts.speech import RATE_HZ, Pcm

BITS_PER_S = 48_000
"""Mono speech at 16 kHz loses nothing a recogniser hears at this rate: 3.6 MB in ten minutes."""
_LEVEL_MS = 20
_QUIET_MS = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the source ready for upload."""

    start_ms: int
    duration_ms: int
    mp3: bytes


def pieces(blocks: Iterable[Pcm], *, longest_ms: int) -> Iterator[Piece]:
    """The whole source in pieces of at most `longest_ms`, cut where it is quietest.

    The cut is looked for in the last third of a piece, so that pieces stay long. One piece is held
    in memory at a time.
    """
    longest, held, start = longest_ms * RATE_HZ // 1000, np.zeros(0, np.float32), 0
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) > longest:
            cut = quietest(held[:longest], from_sample=2 * longest // 3)
            yield _piece(held[:cut], start)
            held, start = held[cut:], start + cut
    if len(held):
        yield _piece(held, start)


def quietest(samples: Pcm, *, from_sample: int) -> int:
    """Middle of the quietest 300 ms after `from_sample`."""
    size = RATE_HZ * _LEVEL_MS // 1000
    tail = samples[from_sample:]
    tail = tail[: len(tail) // size * size]
    width = _QUIET_MS // _LEVEL_MS
    if len(tail) < size * width:
        return len(samples)
    energy = np.square(tail.reshape(-1, size)).mean(axis=1)
    smooth = np.convolve(energy, np.ones(width), mode="valid")
    return from_sample + (int(np.argmin(smooth)) + width // 2) * size


def _piece(samples: Pcm, start: int) -> Piece:
    start_ms = start * 1000 // RATE_HZ
    return Piece(start_ms, len(samples) * 1000 // RATE_HZ, encode_mp3(samples))


def encode_mp3(samples: Pcm) -> bytes:
    """Mono 16 kHz samples in [-1, 1] as an mp3 file."""
    import av

    target = io.BytesIO()
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
        stream.bit_rate = BITS_PER_S
        whole = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
        for first in range(0, len(whole), RATE_HZ):
            frame = av.AudioFrame.from_ndarray(
                whole[None, first : first + RATE_HZ], format="s16", layout="mono"
            )
            frame.rate, frame.pts = RATE_HZ, first
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()
