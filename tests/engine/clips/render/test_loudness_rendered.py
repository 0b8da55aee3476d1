"""How loud clips are, measured in the file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.clips.slates import ffmpeg, frames_of, plan_frames, rendered, slates
from engine.media.reels import RATE_HZ, Encoding, joined, speechlike, write_film
from engine.media.reels import ffmpeg as run_tool
from goviral.engine.clips.plans.plan import Loudness
from goviral.engine.clips.render.played_loudness import played_loudness
from goviral.engine.media.loudness import loudness_filters, loudness_gain, measure_loudness
from goviral.engine.media.probe import probe
from goviral.kit.timecode import Span


def test_a_clip_reaches_its_loudness_and_keeps_below_the_true_peak(tmp_path: Path) -> None:
    pictures = (frame for frame in slates(300))
    sound = speechlike(12, level=0.05)
    media = probe(write_film(tmp_path / "talk.mp4", pictures, sound))
    span = Span(1000, 11_000)
    gain = loudness_gain(ffmpeg(), media.path, span)
    loudness = Loudness(-14.0, gain.gain_db, gain.limit_dbfs, gain.measured_lufs)
    clip = rendered(replace(plan_frames(media, 25, 275), loudness=loudness), tmp_path)
    reading = measure_loudness(ffmpeg(), clip.path, Span(0, 10_000))
    assert reading.integrated_lufs == pytest.approx(-14.0, abs=0.5)
    assert reading.true_peak_dbtp <= -1.0
    assert clip.findings == ()


def test_what_the_encoder_takes_from_a_noise_is_made_up_for(tmp_path: Path) -> None:
    noise = np.random.default_rng(7).normal(0, 0.05, (2, 8 * RATE_HZ)).astype(np.float32)
    encoding = Encoding(audio_codec="pcm_s16le")
    media = probe(write_film(tmp_path / "rain.mov", slates(200), noise, encoding))
    plan = plan_frames(media, 0, 175)
    gain = played_loudness(ffmpeg(), plan)
    clip = rendered(replace(plan, loudness=gain), tmp_path)
    once = tmp_path / "once.m4a"
    leveled = loudness_filters(gain.gain_db, gain.limit_dbfs)
    run_tool("-t", "7", "-i", media.path, "-vn", "-af", leveled, "-b:a", "160k", once)
    assert measure_loudness(ffmpeg(), once, Span(0, 7000)).integrated_lufs < -14.5
    assert measure_loudness(ffmpeg(), clip.path, Span(0, 7000)).integrated_lufs == (
        pytest.approx(-14.0, abs=0.5)
    )
    assert clip.findings == ()


def test_a_gain_measured_on_another_sound_is_set_right_and_the_picture_stays(
    tmp_path: Path,
) -> None:
    sound = joined(speechlike(4, level=0.2), speechlike(8, level=0.02))
    media = probe(write_film(tmp_path / "talk.mp4", (frame for frame in slates(300)), sound))
    first = played_loudness(ffmpeg(), plan_frames(media, 0, 90))
    moved = plan_frames(media, 120, 280)
    clip = rendered(replace(moved, loudness=first), tmp_path)
    reading = measure_loudness(ffmpeg(), clip.path, Span(0, 7000))
    assert reading.integrated_lufs == pytest.approx(-14.0, abs=0.5)
    assert reading.true_peak_dbtp <= -1.0
    pictures = frames_of(clip.path)
    silent = rendered(moved, tmp_path / "as-it-was")
    assert np.array_equal(pictures, frames_of(silent.path))
