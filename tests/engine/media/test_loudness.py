"""Loudness measured on encoded files, as a platform would."""

import math
from pathlib import Path

import numpy as np
import pytest

from engine.media.reels import RATE_HZ, Encoding, hush, joined, speechlike, tone, write_film
from goviral.engine.media.audio import read_pcm
from goviral.engine.media.container import media_url
from goviral.engine.media.ffmpeg import Ffmpeg, find_ffmpeg, input_arguments, run_ffmpeg
from goviral.engine.media.loudness import (
    MAX_GAIN_DB,
    SILENT_LUFS,
    TRUE_PEAK_DBTP,
    LoudnessReading,
    loudness_filters,
    loudness_gain,
    measure_loudness,
)
from goviral.kit.errors import InputError
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span, seconds

PCM = Encoding(audio_codec="pcm_s16le")


@pytest.fixture(scope="module")
def ffmpeg() -> Ffmpeg:
    return find_ffmpeg(Settings())


def rendered(ffmpeg: Ffmpeg, path: Path, span: Span, filters: str, out: Path) -> LoudnessReading:
    """What the span sounds like after the filters and AAC at the bit rate of a clip."""
    run_ffmpeg(
        ffmpeg,
        [
            *("-ss", seconds(span.start_ms), "-t", seconds(span.duration_ms)),
            *input_arguments(path),
            *("-map", "0:a:0", "-af", filters, "-c:a", "aac", "-b:a", "160k", media_url(out)),
        ],
        timeout_s=60,
    )
    return measure_loudness(ffmpeg, out, Span(0, span.duration_ms))


class TestMeasureLoudness:
    def test_a_tone_measures_by_the_standard(self, ffmpeg, tmp_path):
        # EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS peak is -23 LUFS.
        sound = tone(10, hertz=1000, level=10 ** (-23 / 20))
        path = write_film(tmp_path / "t.wav", (), sound, PCM)
        reading = measure_loudness(ffmpeg, path, Span(0, 10_000))
        assert reading.integrated_lufs == pytest.approx(-23, abs=0.15)
        assert reading.true_peak_dbtp == pytest.approx(-23, abs=0.3)

    def test_only_the_span_is_measured(self, ffmpeg, tmp_path):
        sound = joined(tone(4, level=0.5), tone(4, level=0.05))
        path = write_film(tmp_path / "t.wav", (), sound, PCM)
        loud = measure_loudness(ffmpeg, path, Span(0, 4000))
        quiet = measure_loudness(ffmpeg, path, Span(4000, 8000))
        assert loud.integrated_lufs - quiet.integrated_lufs == pytest.approx(20, abs=0.3)

    def test_filters_come_before_the_meter(self, ffmpeg, tmp_path):
        path = write_film(tmp_path / "t.wav", (), tone(4), PCM)
        span = Span(0, 4000)
        plain = measure_loudness(ffmpeg, path, span)
        quieter = measure_loudness(ffmpeg, path, span, "volume=-6dB")
        assert plain.integrated_lufs - quieter.integrated_lufs == pytest.approx(6, abs=0.15)

    def test_silence_has_no_peak(self, ffmpeg, tmp_path):
        path = write_film(tmp_path / "s.wav", (), hush(3), PCM)
        reading = measure_loudness(ffmpeg, path, Span(0, 3000))
        assert reading.is_silent
        assert reading.true_peak_dbtp == -math.inf

    def test_without_sound_it_is_an_input_error(self, ffmpeg, tmp_path):
        from engine.media.reels import numbered

        path = write_film(tmp_path / "mute.mp4", numbered(5))
        with pytest.raises(InputError):
            measure_loudness(ffmpeg, path, Span(0, 200))


def _surround() -> np.ndarray:
    sound = np.zeros((6, RATE_HZ * 8), np.float32)
    sound[2] = speechlike(8)[0]
    sound[:2] = speechlike(8, level=0.02, seed=3)
    return sound


def _knocked(sound: np.ndarray) -> np.ndarray:
    """With a knock of 10 ms each second, far louder than the voice."""
    knock = 0.1 * tone(0.01, hertz=900, level=1.0)
    for second in range(1, sound.shape[1] // RATE_HZ):
        sound[:, second * RATE_HZ :][:, : knock.shape[1]] += knock
    return sound


SOUNDS = {
    "quiet": (speechlike(8, level=0.004), "stereo"),
    "usual": (speechlike(8, level=0.05), "stereo"),
    "peaky": (speechlike(8, level=0.12, seed=5), "stereo"),
    "loud": (np.clip(speechlike(8, level=0.9, seed=2), -1, 1), "stereo"),
    "mono": (speechlike(8)[:1], "mono"),
    "surround": (_surround(), "5.1"),
    "whisper with knocks": (_knocked(speechlike(8, level=0.004)), "stereo"),
    "far above full scale": (speechlike(8, level=40.0), "stereo"),
    "square": (np.sign(tone(6, hertz=300)) * 0.99, "stereo"),
}


class TestLoudnessGain:
    @pytest.mark.parametrize("name", SOUNDS)
    def test_the_encoded_result_meets_target_and_peak(self, ffmpeg, tmp_path, name):
        sound, layout = SOUNDS[name]
        codec = "pcm_f32le" if np.abs(sound).max() > 1 else "pcm_s16le"
        encoding = Encoding(audio_codec=codec, layout=layout)
        path = write_film(tmp_path / "s.wav", (), sound.astype(np.float32), encoding)
        span = Span(500, 500 + (sound.shape[1] * 1000 // RATE_HZ) - 1000)
        gain_db, limit_dbfs, *_ = loudness_gain(ffmpeg, path, span)
        filters = loudness_filters(gain_db, limit_dbfs)
        result = rendered(ffmpeg, path, span, filters, tmp_path / "out.m4a")
        assert result.integrated_lufs == pytest.approx(-14, abs=0.5)
        assert result.true_peak_dbtp <= -1.0

    def test_the_sound_is_not_delayed(self, ffmpeg, tmp_path):
        sound = hush(2)
        sound[:, RATE_HZ : RATE_HZ + 10] = 0.9
        path = write_film(tmp_path / "click.wav", (), sound, PCM)
        out = tmp_path / "out.wav"
        arguments = [*input_arguments(path), "-af", loudness_filters(6, -2), media_url(out)]
        run_ffmpeg(ffmpeg, arguments, timeout_s=30)
        samples = read_pcm(out, sample_rate_hz=RATE_HZ)
        assert int(np.abs(samples).argmax()) == pytest.approx(RATE_HZ, abs=48)
        assert len(samples) == pytest.approx(2 * RATE_HZ, abs=48)

    def test_a_peak_that_lies_between_the_samples_is_limited(self, ffmpeg, tmp_path):
        """Three dB above them, and all else so even that no sample comes near the limit."""
        at = np.arange(6 * RATE_HZ)
        sound = 0.1 * np.sin(2 * np.pi * 997 * at / RATE_HZ)
        sound[RATE_HZ : RATE_HZ + 480] = 0.49 * np.sin(np.pi / 2 * at[:480] + np.pi / 4)
        path = write_film(tmp_path / "s.wav", (), np.stack([sound, sound]).astype(np.float32), PCM)
        gain_db, limit_dbfs, *_ = loudness_gain(ffmpeg, path, Span(0, 6000))
        assert 20 * math.log10(np.abs(sound).max()) + gain_db < TRUE_PEAK_DBTP - 1
        filters = loudness_filters(gain_db, limit_dbfs)
        heard = measure_loudness(ffmpeg, path, Span(0, 6000), filters)
        assert heard.true_peak_dbtp <= TRUE_PEAK_DBTP
        assert heard.integrated_lufs == pytest.approx(-14, abs=0.5)

    @pytest.mark.parametrize("level", [0.02, 0.3])
    def test_one_channel_is_measured_as_both_would_be(self, ffmpeg, tmp_path, level):
        sound = Encoding(audio_codec="pcm_s16le", layout="mono")
        path = write_film(tmp_path / "s.wav", (), speechlike(6, level=level)[:1], sound)
        one, both = (
            loudness_gain(ffmpeg, path, Span(0, 6000), mono=mono) for mono in (True, False)
        )
        assert one.gain_db == pytest.approx(both.gain_db, abs=0.1)
        assert one.limit_dbfs == pytest.approx(both.limit_dbfs, abs=0.1)
        assert one.measured_lufs == both.measured_lufs

    def test_silence_is_left_alone(self, ffmpeg, tmp_path):
        path = write_film(tmp_path / "s.wav", (), hush(3), PCM)
        gain = loudness_gain(ffmpeg, path, Span(0, 3000))
        assert gain.gain_db == 0
        assert gain.measured_lufs <= SILENT_LUFS

    def test_a_sound_too_quiet_says_what_it_reaches(self, ffmpeg, tmp_path):
        encoding = Encoding(audio_codec="pcm_f32le")
        path = write_film(tmp_path / "s.wav", (), speechlike(6, level=0.001), encoding)
        gain = loudness_gain(ffmpeg, path, Span(0, 6000))
        assert gain.gain_db == MAX_GAIN_DB
        filters = loudness_filters(gain.gain_db, gain.limit_dbfs)
        heard = measure_loudness(ffmpeg, path, Span(0, 6000), filters).integrated_lufs
        assert gain.reaches_lufs == pytest.approx(heard, abs=0.1)
        assert gain.reaches_lufs < -16

    def test_the_same_span_gets_the_same_gain(self, ffmpeg, tmp_path):
        path = write_film(tmp_path / "s.wav", (), speechlike(6), PCM)
        assert loudness_gain(ffmpeg, path, Span(0, 6000)) == loudness_gain(
            ffmpeg, path, Span(0, 6000)
        )

    def test_another_target_is_met_too(self, ffmpeg, tmp_path):
        path = write_film(tmp_path / "s.wav", (), speechlike(6), PCM)
        span = Span(0, 6000)
        gain_db, limit_dbfs, *_ = loudness_gain(
            ffmpeg, path, span, target_lufs=-23, true_peak_dbtp=-3
        )
        out = rendered(
            ffmpeg, path, span, loudness_filters(gain_db, limit_dbfs), tmp_path / "o.m4a"
        )
        assert out.integrated_lufs == pytest.approx(-23, abs=0.5)
        assert out.true_peak_dbtp <= -3
