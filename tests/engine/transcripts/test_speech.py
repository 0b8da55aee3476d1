from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.transcripts.engines.conftest import RATE_HZ, TALK
from goviral.engine.media.audio import read_pcm
from goviral.engine.transcripts.speech import Pcm, Shape, Stretch, find_speech
from goviral.kit.timecode import Span

SHORT = Shape(pause_ms=300, longest_ms=20_000)
JOINED = Shape(pause_ms=160, longest_ms=29_000, pad_ms=300, join=True)


@pytest.fixture(scope="module")
def sound() -> Pcm:
    """Twelve seconds of talk, thirty of silence, forty of talk."""
    silence = np.zeros(30 * RATE_HZ, np.float32)
    talk = [read_pcm(TALK, span=span) for span in (Span(0, 12_000), Span(60_000, 100_000))]
    return np.concatenate([talk[0], silence, talk[1]])


def blocks(sound: Pcm, seconds: float) -> list[Pcm]:
    size = int(seconds * RATE_HZ)
    return [sound[first : first + size] for first in range(0, len(sound), size)]


def found(sound: Pcm, shape: Shape, seconds: float = 600) -> list[Stretch]:
    return list(find_speech(blocks(sound, seconds), shape))


@pytest.mark.parametrize("shape", [SHORT, JOINED])
class TestFindSpeech:
    def test_silence_is_in_no_stretch(self, sound: Pcm, shape: Shape) -> None:
        for stretch in found(sound, shape):
            assert stretch.end_ms <= 12_500 or stretch.start_ms >= 41_000

    def test_stretches_are_sorted_apart_and_short_enough(self, sound: Pcm, shape: Shape) -> None:
        stretches = found(sound, shape)
        for before, after in pairwise(stretches):
            assert before.end_ms <= after.start_ms
        assert all(s.end_ms - s.start_ms <= shape.longest_ms + 100 for s in stretches)

    def test_samples_are_those_of_the_source(self, sound: Pcm, shape: Shape) -> None:
        for stretch in found(sound, shape, seconds=7):
            first = stretch.start_ms * RATE_HZ // 1000
            near = sound[first : first + len(stretch.samples)]
            assert abs(len(near) - len(stretch.samples)) <= RATE_HZ // 1000
            assert np.corrcoef(near, stretch.samples[: len(near)])[0, 1] > 0.9 or not near.any()

    @pytest.mark.parametrize("seconds", [3, 7.3, 20])
    def test_the_size_of_blocks_hardly_matters(
        self, sound: Pcm, shape: Shape, seconds: float
    ) -> None:
        def heard(stretches: list[Stretch]) -> set[int]:
            return {tenth for s in stretches for tenth in range(s.start_ms // 100, s.end_ms // 100)}

        whole, pieces = heard(found(sound, shape)), heard(found(sound, shape, seconds))
        assert len(whole & pieces) >= 0.93 * len(whole | pieces)


class TestNothing:
    def test_no_sound_has_no_speech(self) -> None:
        assert list(find_speech([], SHORT)) == []

    def test_neither_has_a_file_of_silence(self, tmp_path: Path) -> None:
        assert found(np.zeros(5 * RATE_HZ, np.float32), SHORT) == []
