"""Sound of known samples, read back."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.media.reels import RATE_HZ, Encoding, hush, joined, numbered, tone, write_film
from goviral.engine.media.audio import iter_pcm, listen, read_pcm, signals_of
from goviral.kit.errors import InputError
from goviral.kit.progress import SilentProgress
from goviral.kit.timecode import Span


@pytest.fixture(scope="module")
def beeps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds; a beep of 100 ms at the start of each second, with pictures."""
    path = tmp_path_factory.mktemp("sound") / "beeps.mp4"
    second = joined(tone(0.1, level=0.5), hush(0.9))
    return write_film(path, numbered(50) * 3, joined(*[second] * 6))


def onset_ms(samples: np.ndarray, rate: int = 16000) -> float:
    return float(np.flatnonzero(np.abs(samples) > 0.15)[0] * 1000 / rate)


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


class TestReadPcm:
    def test_it_is_mono_float_at_the_rate_asked_for(self, beeps):
        samples = read_pcm(beeps, sample_rate_hz=16000)
        assert samples.dtype == np.float32
        assert samples.ndim == 1
        assert len(samples) == pytest.approx(6 * 16000, abs=16000 * 0.03)
        assert len(read_pcm(beeps, sample_rate_hz=8000)) == pytest.approx(6 * 8000, abs=300)

    def test_sample_times_are_source_times(self, beeps):
        samples = read_pcm(beeps)
        for second in range(6):
            assert onset_ms(samples[second * 16000 :]) == pytest.approx(0, abs=4)

    @pytest.mark.parametrize("start_ms", [0, 250, 1000, 2950, 4600])
    def test_a_span_is_cut_to_the_sample(self, beeps, start_ms):
        part = read_pcm(beeps, span=Span(start_ms, start_ms + 1200))
        whole = read_pcm(beeps)[start_ms * 16 : (start_ms + 1200) * 16]
        assert len(part) == 1200 * 16
        # Half a sample of another phase of the resampler.
        assert float(np.abs(part - whole).max()) < 0.06

    def test_past_the_end_is_silence(self, beeps):
        part = read_pcm(beeps, span=Span(5500, 7500))
        assert len(part) == 2000 * 16
        assert rms(part[700 * 16 :]) == 0

    def test_blocks_are_the_same_samples(self, beeps):
        blocks = list(iter_pcm(beeps, block_ms=700))
        assert {len(block) for block in blocks[:-1]} == {700 * 16}
        assert np.array_equal(np.concatenate(blocks), read_pcm(beeps))

    def test_two_channels_become_their_mean(self, tmp_path):
        sound = tone(1, level=0.4)
        sound[1] = 0
        encoding = Encoding(audio_codec="pcm_s16le")
        samples = read_pcm(write_film(tmp_path / "lr.wav", (), sound, encoding))
        assert rms(samples[800:-800]) == pytest.approx(0.2 / np.sqrt(2), rel=0.02)

    def test_the_center_of_surround_sound_is_heard_and_does_not_clip(self, tmp_path):
        sound = np.zeros((6, RATE_HZ), np.float32)
        sound[2] = tone(1, level=0.9)[0]
        encoding = Encoding(audio_codec="pcm_s16le", layout="5.1")
        samples = read_pcm(write_film(tmp_path / "s.wav", (), sound, encoding))
        assert rms(samples[800:-800]) > 0.1
        assert float(np.abs(samples).max()) <= 1.0

    @pytest.mark.parametrize(
        "codec", [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.mka", "libopus")]
    )
    def test_codecs_of_the_wild_are_read(self, tmp_path, codec):
        name, audio_codec = codec
        path = write_film(tmp_path / name, (), tone(2), Encoding(audio_codec=audio_codec))
        samples = read_pcm(path)
        assert len(samples) / 16000 == pytest.approx(2, abs=0.08)
        assert rms(samples[3000:-3000]) == pytest.approx(0.25 / np.sqrt(2), rel=0.05)

    def test_sound_that_starts_late_is_silent_before(self, tmp_path):
        encoding = Encoding(sound_starts_ms=700)
        path = write_film(tmp_path / "late.mkv", numbered(60), tone(1.5, level=0.5), encoding)
        samples = read_pcm(path)
        assert onset_ms(samples) == pytest.approx(700, abs=6)
        assert onset_ms(read_pcm(path, span=Span(600, 1600))) == pytest.approx(100, abs=6)

    def test_a_hole_in_the_middle_keeps_what_follows_in_place(self, tmp_path):
        import av

        whole = write_film(tmp_path / "w.mkv", (), joined(tone(2), hush(1), tone(1, level=0.5)))
        holed = tmp_path / "h.mkv"
        with av.open(str(whole)) as source, av.open(str(holed), "w") as out:
            stream = out.add_stream_from_template(source.streams.audio[0])
            for packet in source.demux(audio=0):
                if packet.pts is not None and not 500 <= packet.pts < 1500:
                    packet.stream = stream
                    out.mux(packet)
        samples = read_pcm(holed)
        assert rms(samples[600 * 16 : 1400 * 16]) < 0.01
        assert onset_ms(np.where(np.arange(len(samples)) > 2400 * 16, samples, 0)) == pytest.approx(
            3000, abs=30
        )

    def test_a_file_cut_off_in_the_middle_is_read_as_far_as_it_goes(self, tmp_path):
        whole = write_film(tmp_path / "w.mp3", (), tone(4), Encoding(audio_codec="libmp3lame"))
        cut = tmp_path / "cut.mp3"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        assert 1.5 < len(read_pcm(cut)) / 16000 < 2.5

    def test_damage_is_skipped(self, tmp_path):
        whole = write_film(tmp_path / "w.mp3", (), tone(4), Encoding(audio_codec="libmp3lame"))
        content = bytearray(whole.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 3000] = b"\x00" * 3000
        broken = tmp_path / "b.mp3"
        broken.write_bytes(content)
        samples = read_pcm(broken)
        assert 3 < len(samples) / 16000 < 4.2
        assert rms(samples[-16000:-4000]) > 0.1

    def test_a_clock_that_jumps_does_not_make_hours_of_silence(self, tmp_path):
        import av

        whole = write_film(tmp_path / "w.mkv", (), tone(3))
        jumpy = tmp_path / "j.nut"
        with av.open(str(whole)) as source, av.open(str(jumpy), "w") as out:
            stream = out.add_stream_from_template(source.streams.audio[0])
            for packet in source.demux(audio=0):
                if packet.pts is not None:
                    packet.stream = stream
                    packet.pts = packet.dts = packet.pts + (90_000_000 if packet.pts > 1500 else 0)
                    out.mux(packet)
        assert len(read_pcm(jumpy)) / 16000 == pytest.approx(3, abs=0.1)

    def test_a_clock_that_wraps_does_not_make_hours_of_silence(self, tmp_path):
        # The encoder's lead-in lies before 0: the first stamp is 2^33 - 1920.
        path = write_film(tmp_path / "w.ts", numbered(60), tone(2.4))
        assert len(read_pcm(path)) / 16000 == pytest.approx(2.4, abs=0.1)

    def test_without_sound_it_is_an_input_error(self, tmp_path):
        path = write_film(tmp_path / "mute.mp4", numbered(5))
        with pytest.raises(InputError, match="no audio"):
            read_pcm(path)


class TestListen:
    def test_loudness_is_the_level_of_each_tenth_of_a_second(self, tmp_path):
        sound = joined(tone(1, level=0.5), hush(1), tone(1, level=0.05))
        path = write_film(tmp_path / "l.wav", (), sound, Encoding(audio_codec="pcm_s16le"))
        signals = listen(path)
        assert signals.step_ms == 100
        assert signals.duration_ms == pytest.approx(3000, abs=100)
        assert signals.loudness_db[5] == pytest.approx(-9.03, abs=0.2)
        assert signals.loudness_db[15] == -90
        assert signals.loudness_db[25] == pytest.approx(-29.03, abs=0.2)

    def test_pauses_are_found_where_they_are(self, beeps):
        pauses = listen(beeps).pauses
        assert len(pauses) == 6
        for second, pause in enumerate(pauses[:5]):
            assert pause.start_ms == pytest.approx(second * 1000 + 100, abs=45)
            assert pause.end_ms == pytest.approx(second * 1000 + 1000, abs=45)

    @pytest.mark.parametrize("voice", [0.5, 0.02])
    def test_pauses_do_not_depend_on_the_recording_level(self, tmp_path, voice):
        room = np.random.default_rng(0).normal(0, voice / 60, (2, RATE_HZ * 6)).astype(np.float32)
        talk = joined(*[joined(tone(1.2, level=voice), hush(0.8))] * 3) + room
        path = write_film(tmp_path / "t.wav", (), talk, Encoding(audio_codec="pcm_s16le"))
        pauses = listen(path).pauses
        assert [round(p.duration_ms, -2) for p in pauses] == [800, 800, 800]

    def test_steady_noise_has_no_pauses(self):
        noise = np.random.default_rng(0).normal(0.01, 0.0005, 500).astype(np.float32)
        assert signals_of(noise).pauses == ()

    def test_complete_silence_is_one_pause(self, tmp_path):
        path = write_film(tmp_path / "s.wav", (), hush(2), Encoding(audio_codec="pcm_s16le"))
        assert listen(path).pauses == (Span(0, 2000),)

    def test_progress_is_told_and_may_cancel(self, beeps):
        from goviral.kit.errors import CancelledError

        class Stopped(SilentProgress):
            def advance(self, stage: str, done: float) -> None:
                raise CancelledError("Stopped.")

        with pytest.raises(CancelledError):
            listen(beeps, Stopped())

    def test_memory_does_not_grow_with_length(self, tmp_path):
        encoding = Encoding(audio_codec="libmp3lame", layout="mono")
        peaks = []
        for length in (15, 45):
            path = write_film(tmp_path / f"{length}.mp3", (), tone(length, channels=1), encoding)
            tracemalloc.start()
            listen(path)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < 1.3 * peaks[0]

    @given(st.lists(st.floats(0, 1, width=32), max_size=200))
    def test_signals_are_well_formed_whatever_is_heard(self, levels):
        signals = signals_of(np.array(levels, np.float32))
        assert all(-90 <= level <= 0 for level in signals.loudness_db)
        ends = [edge for pause in signals.pauses for edge in (pause.start_ms, pause.end_ms)]
        assert ends == sorted(ends)
        assert all(end <= len(levels) * 20 for end in ends)
