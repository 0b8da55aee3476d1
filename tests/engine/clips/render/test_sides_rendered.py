"""Clips of sources whose sound is on one side only, heard as a listener with two ears hears them."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.clips.slates import ffmpeg, plan_frames, rendered, slates
from engine.media.reels import Encoding, speechlike, tone, write_film
from goviral.engine.clips.brand.brand_media import read_bumper
from goviral.engine.clips.pace.music_bed import read_bed
from goviral.engine.clips.plans.plan import ClipPlan, Music
from goviral.engine.clips.plans.source import loudness_of
from goviral.engine.clips.render.played_loudness import played_loudness
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.loudness import loudness_gain, measure_loudness
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

PCM = Encoding(audio_codec="pcm_s16le")
VOICE, OTHER = speechlike(8, level=0.05)[0], speechlike(8, level=0.05, seed=5)[0]
SILENT = np.zeros_like(VOICE)
SPAN = Span(0, 7000)


def film(folder: Path, left: NDArray[np.float32], right: NDArray[np.float32]) -> MediaInfo:
    return probe(write_film(folder / "talk.mov", slates(200), np.stack([left, right]), PCM))


_SAME_DB = -15
"""AAC makes noise anew for each side, so even a sound that is the same on both differs a little."""


def plan_of(media: MediaInfo) -> ClipPlan:
    loudness = loudness_of(loudness_gain(ffmpeg(), media.path, SPAN))
    return replace(plan_frames(media, 0, 175), loudness=loudness)


def sides_of(path: Path) -> NDArray[np.float32]:
    """Both channels, from the first frame on."""
    with av.open(str(path)) as clip:
        return np.concatenate([frame.to_ndarray() for frame in clip.decode(audio=0)], axis=1)


def difference_db(sides: NDArray[np.float32]) -> float:
    """How far the difference of the two is below them."""
    power = float((sides**2).mean())
    return 10 * float(np.log10(max(float(((sides[0] - sides[1]) ** 2).mean()) / power, 1e-12)))


@pytest.mark.parametrize(
    ("side", "channels"), [("left", [VOICE, SILENT]), ("right", [SILENT, VOICE])]
)
def test_a_voice_in_one_channel_is_heard_on_both_sides(
    tmp_path: Path, side: str, channels: list[NDArray[np.float32]]
) -> None:
    plan = plan_of(film(tmp_path, *channels))
    assert plan.loudness is not None
    assert plan.loudness.side == side
    clip = rendered(plan, tmp_path)
    assert clip.findings == ()
    assert difference_db(sides_of(clip.path)) < _SAME_DB
    reading = measure_loudness(ffmpeg(), clip.path, SPAN)
    assert reading.integrated_lufs == pytest.approx(-14, abs=0.5)
    assert reading.true_peak_dbtp <= -1.0


def test_true_stereo_stays_as_it_is(tmp_path: Path) -> None:
    plan = plan_of(film(tmp_path, VOICE, OTHER))
    assert plan.loudness is not None
    assert plan.loudness.side == ""
    left, right = sides_of(rendered(plan, tmp_path).path)[:, : len(VOICE)]

    def alike(heard: NDArray[np.float32], said: NDArray[np.float32]) -> float:
        return float(np.corrcoef(heard[20_000:300_000], said[20_000:300_000])[0, 1])

    assert alike(left, VOICE) > 0.95 > 0.5 > abs(alike(left, OTHER))
    assert alike(right, OTHER) > 0.95 > 0.5 > abs(alike(right, VOICE))


def test_music_keeps_its_two_sides_under_a_voice_put_on_both(tmp_path: Path) -> None:
    sound = np.stack([tone(8, hertz=300)[0], tone(8, hertz=500)[0]])
    bed = read_bed(ffmpeg(), write_film(tmp_path / "music.wav", (), sound, PCM))
    music = Music(bed.path, bed.fingerprint, gain_db=-30.0, duck_db=0.0)
    plan = replace(plan_of(film(tmp_path, VOICE, SILENT)), music=music)
    plan = replace(plan, loudness=played_loudness(ffmpeg(), plan))
    clip = rendered(plan, tmp_path)
    assert clip.findings == ()
    sides = sides_of(clip.path)
    assert difference_db(sides) < -5
    spectrum = np.abs(np.fft.rfft(sides[0] - sides[1]))
    hertz = np.fft.rfftfreq(sides.shape[1], 1 / 48_000)
    usual = np.median(spectrum[(hertz > 200) & (hertz < 900)])
    for tone_hertz in (300, 500):
        assert spectrum[abs(hertz - tone_hertz) < 2].max() > 20 * usual


def test_an_intro_with_one_silent_side_is_heard_on_both_too(tmp_path: Path) -> None:
    first = write_film(tmp_path / "in.mov", slates(50), np.stack([SILENT, OTHER])[:, :96_000], PCM)
    intro = read_bumper(first, "intro", ffmpeg())
    plan = replace(plan_of(film(tmp_path, VOICE, SILENT)), intro=intro)
    clip = rendered(plan, tmp_path)
    assert difference_db(sides_of(clip.path)[:, :90_000]) < _SAME_DB


def test_a_side_written_by_hand_that_is_none_is_refused_and_one_of_mono_is_harmless(
    tmp_path: Path,
) -> None:
    mono = Encoding(audio_codec="pcm_s16le", layout="mono")
    media = probe(write_film(tmp_path / "mono.mov", slates(200), VOICE[None], mono))
    plan = plan_of(media)
    assert plan.loudness is not None
    right = replace(plan, loudness=replace(plan.loudness, side="right"))
    assert rendered(right, tmp_path).findings == ()
    wrong = replace(plan, loudness=replace(plan.loudness, side="middle"))
    with pytest.raises(InputError, match=r"loudness\.side is 'middle'"):
        render_clip(wrong, tmp_path / "w.mp4", ffmpeg=ffmpeg(), threads=1)
