"""Speech for recognisers: a stretch of the project's own sample talk, and sounds that are none."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from goviral.engine.media.audio import read_pcm
from goviral.kit.timecode import Span

TALK = Path(__file__).parents[4] / "examples" / "talk.mp4"
RATE_HZ = 16_000

Speech = Callable[[Span], NDArray[np.float32]]


@pytest.fixture(scope="session")
def speech() -> Speech:
    """The sample talk's sound in a span."""
    return lambda span: read_pcm(TALK, sample_rate_hz=RATE_HZ, span=span)


def write_wave(path: Path, samples: NDArray[np.float32]) -> Path:
    """A mono 16 kHz WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path
