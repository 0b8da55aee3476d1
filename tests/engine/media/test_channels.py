"""Which side of a sound is silent."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.clips.slates import ffmpeg
from engine.media.reels import Encoding, joined, speechlike, write_film
from goviral.engine.media.loudness import loudness_gain
from goviral.kit.timecode import Span

PCM = Encoding(audio_codec="pcm_f32le")
VOICE, OTHER = speechlike(4)[0], speechlike(4, seed=5)[0]
HISS = np.random.default_rng(1).normal(0, 1e-4, len(VOICE)).astype(np.float32)
SILENT = np.zeros_like(VOICE)


def side_of(folder: Path, *channels: NDArray[np.float32], layout: str = "stereo") -> str:
    encoding = Encoding(audio_codec=PCM.audio_codec, layout=layout)
    path = write_film(folder / "s.wav", (), np.stack(channels), encoding)
    return loudness_gain(ffmpeg(), path, Span(0, 4000)).side


@pytest.mark.parametrize("silent", [SILENT, HISS], ids=["silent", "hissing"])
def test_a_voice_in_one_channel_is_on_that_side(
    tmp_path: Path, silent: NDArray[np.float32]
) -> None:
    assert side_of(tmp_path, VOICE, silent) == "left"
    assert side_of(tmp_path, silent, VOICE) == "right"


def test_two_voices_and_a_voice_that_is_softer_on_one_side_are_true_stereo(tmp_path: Path) -> None:
    assert side_of(tmp_path, VOICE, OTHER) == ""
    assert side_of(tmp_path, VOICE, VOICE * 0.03) == ""


def test_silence_mono_and_surround_have_no_side(tmp_path: Path) -> None:
    assert side_of(tmp_path, SILENT, SILENT) == ""
    assert side_of(tmp_path, VOICE, layout="mono") == ""
    centre = [SILENT, SILENT, VOICE, SILENT, SILENT, SILENT]
    assert side_of(tmp_path, *centre, layout="5.1") == ""


def test_only_the_span_is_heard(tmp_path: Path) -> None:
    one_sided = np.stack([VOICE, SILENT])
    path = write_film(tmp_path / "s.wav", (), joined(speechlike(4), one_sided), PCM)
    assert loudness_gain(ffmpeg(), path, Span(0, 4000)).side == ""
    assert loudness_gain(ffmpeg(), path, Span(4000, 8000)).side == "left"


def test_the_gain_is_that_of_a_sound_on_both_sides(tmp_path: Path) -> None:
    span = Span(0, 4000)
    one = write_film(tmp_path / "one.wav", (), np.stack([SILENT, VOICE]), PCM)
    both = write_film(tmp_path / "both.wav", (), np.stack([VOICE, VOICE]), PCM)
    found, usual = loudness_gain(ffmpeg(), one, span), loudness_gain(ffmpeg(), both, span)
    assert found == usual._replace(side="right")
    assert usual.side == ""
