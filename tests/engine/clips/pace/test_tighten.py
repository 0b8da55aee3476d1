"""Silences and fillers found in composed sound whose speech is known to the millisecond."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.media.reels import Encoding, hush, joined, tone, write_film
from goviral.engine.clips.pace.fillers import find_fillers
from goviral.engine.clips.pace.tighten import (
    NARROWEST_GUARD_MS,
    SILENCE_MS,
    TAIL_MS,
    WIDEST_GUARD_MS,
    find_removals,
)
from goviral.engine.media.audio import span_levels
from goviral.engine.media.signals import Levels
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span, frame_at, frame_start_ms

FPS = Fraction(30000, 1001)
RATES = [Fraction(24000, 1001), Fraction(25), FPS, Fraction(30), Fraction(50), Fraction(60)]


def heard(length_ms: int, *speech: tuple[int, int], start_ms: int = 0) -> Levels:
    """A voice at -20 dB in a room at -60."""
    loud = [any(start <= at < end for start, end in speech) for at in range(0, length_ms, 10)]
    return Levels(start_ms, 10, tuple(-20.0 if each else -60.0 for each in loud), -40.0)


def said(*words: tuple[str, int, int], language: str = "en", estimated: bool = False) -> Transcript:
    parts = tuple(Word(*word) for word in words)
    sentence = Sentence(0, " ".join(w.text for w in parts), parts[0].start_ms, parts[-1].end_ms)
    return Transcript((sentence,), parts, language, words_estimated=estimated)


def spans(transcript: Transcript, levels: Levels, fps: Fraction = FPS) -> list[tuple[str, Span]]:
    span = Span(levels.start_ms, levels.start_ms + len(levels.db) * 10)
    return [(cut.reason, cut.span) for cut in find_removals(transcript, levels, span, fps)]


class TestSilences:
    words = said(("So", 200, 700), ("what", 2000, 2400), ("now", 2900, 3300))
    levels = heard(3600, (200, 700), (2000, 2400), (2900, 3300))

    @pytest.mark.parametrize("fps", RATES)
    def test_a_long_one_goes_and_a_guard_stays_beside_the_speech(self, fps: Fraction) -> None:
        ((reason, cut),) = spans(self.words, self.levels, fps)
        assert reason == "silence"
        allowed = WIDEST_GUARD_MS + (2 if fps < 25 else 1)
        assert NARROWEST_GUARD_MS <= cut.start_ms - 700 <= allowed
        assert NARROWEST_GUARD_MS <= 2000 - cut.end_ms <= allowed
        assert frame_start_ms(frame_at(cut.start_ms, fps), fps) == cut.start_ms
        assert frame_start_ms(frame_at(cut.end_ms, fps), fps) == cut.end_ms

    def test_one_of_just_six_tenths_stays(self) -> None:
        words = said(("So", 200, 700), ("what", 1300, 1700))
        assert spans(words, heard(2000, (200, 700), (1300, 1700))) == []

    def test_a_soft_word_is_no_silence(self) -> None:
        words = said(("So", 200, 700), ("psst", 1200, 1500), ("now", 2000, 2400))
        assert spans(words, heard(2600, (200, 700), (2000, 2400))) == []

    def test_a_word_stretched_over_the_pause_behind_it_does_not_save_the_pause(self) -> None:
        words = said(("So", 200, 1990), ("what", 2000, 2400))
        ((_, cut),) = spans(words, heard(2600, (200, 500), (2000, 2400)))
        assert cut.duration_ms > 1300

    def test_laughter_without_words_stays(self) -> None:
        words = said(("So", 200, 700), ("what", 3000, 3400))
        assert spans(words, heard(3600, (200, 3400))) == []

    def test_a_click_of_the_lips_does_not_part_it(self) -> None:
        words = said(("So", 200, 700), ("what", 2000, 2400))
        ((_, cut),) = spans(words, heard(2600, (200, 700), (1300, 1330), (2000, 2400)))
        assert cut.duration_ms > 1000

    def test_a_clip_keeps_the_rest_after_its_last_word(self) -> None:
        words = said(("So", 0, 700), ("what", 800, 1200))
        ((_, cut),) = spans(words, heard(3000, (0, 1200)), Fraction(25))
        assert cut == Span(1560, 3000)
        assert cut.start_ms - 1200 >= TAIL_MS

    def test_times_are_those_of_the_clip_wherever_it_lies(self) -> None:
        moved = said(("So", 60_200, 60_700), ("what", 62_000, 62_400), ("now", 62_900, 63_300))
        there = replace(self.levels, start_ms=60_000)
        assert spans(moved, there) == spans(self.words, self.levels)

    def test_words_that_were_timed_by_guess_are_not_asked(self) -> None:
        words = said(("So", 200, 1500), ("what", 1500, 2400), estimated=True)
        assert len(spans(words, heard(2600, (200, 700), (2000, 2400)))) == 1


class TestFillers:
    def test_one_between_pauses_goes_with_them(self) -> None:
        words = said(("So", 200, 700), ("um,", 1000, 1300), ("what", 1600, 2000))
        levels = heard(2300, (200, 700), (1000, 1300), (1600, 2000))
        (removal,) = find_removals(words, levels, Span(0, 2300), FPS)
        assert (removal.reason, removal.text) == ("filler", "um,")
        assert NARROWEST_GUARD_MS <= removal.span.start_ms - 700 <= WIDEST_GUARD_MS
        assert NARROWEST_GUARD_MS <= 1600 - removal.span.end_ms <= WIDEST_GUARD_MS

    def test_its_times_may_be_a_tenth_of_a_second_off(self) -> None:
        words = said(("So", 200, 850), ("um", 850, 1180), ("what", 1500, 2000))
        levels = heard(2300, (200, 700), (1000, 1300), (1600, 2000))
        (removal,) = find_removals(words, levels, Span(0, 2300), FPS)
        assert removal.reason == "filler"
        assert removal.span.start_ms >= 760
        assert removal.span.end_ms <= 1540

    @pytest.mark.parametrize(
        "speech",
        [
            [(200, 1300), (1600, 2000)],  # run together with the word before
            [(200, 700), (1000, 2000)],  # with the word after
            [(200, 2000)],  # with both
        ],
    )
    def test_one_that_runs_into_a_word_stays(self, speech: list[tuple[int, int]]) -> None:
        words = said(("So", 200, 700), ("um", 1000, 1300), ("what", 1600, 2000))
        assert spans(words, heard(2300, *speech)) == []

    def test_with_long_silences_about_it_everything_goes_in_one(self) -> None:
        words = said(("So", 200, 700), ("um", 1700, 2000), ("what", 3000, 3400))
        (removal,) = find_removals(
            words, heard(3600, (200, 700), (1700, 2000), (3000, 3400)), Span(0, 3600), FPS
        )
        assert (removal.reason, removal.text) == ("filler", "um")
        assert removal.span.duration_ms > 2000

    def test_words_timed_by_guess_are_never_cut(self) -> None:
        words = said(("So", 200, 700), ("um", 1000, 1300), ("what", 1600, 2000), estimated=True)
        assert spans(words, heard(2300, (200, 700), (1000, 1300), (1600, 2000))) == []


def listed(text: str, language: str = "en", pause_ms: int = 40) -> list[str]:
    words, at = [], 0
    for part in text.split():
        words.append(Word(part, at, at + 200))
        at += 200 + pause_ms
    return [filler.text for filler in find_fillers(words, language)]


class TestWhatIsAFiller:
    @pytest.mark.parametrize(
        ("text", "language", "found"),
        [
            ("So um, we uh... go Erm there", "en", ["um,", "uh...", "Erm"]),
            ("er hat äh gesagt, ähm, dass", "de", ["äh", "ähm,"]),
            ("et euh voilà", "fr-CA", ["euh"]),
            ("um die Ecke", "de", []),
            ("so um what", "und", []),
            ("so um what", "xx", []),
            ("it was, you know, hard", "en", ["you know,"]),
            ("it was, you know what, hard", "en", []),
            ("Did you know, it was hard", "en", []),
            ("It was hard. You know, I left", "en", []),
            ("do you know him", "en", []),
            ("hard, you know", "en", []),
        ],
    )
    def test_by_language_and_place(self, text: str, language: str, found: list[str]) -> None:
        assert listed(text, language) == found

    def test_pauses_set_a_phrase_off_as_commas_do(self) -> None:
        assert listed("it was you know hard", pause_ms=200) == ["you know"]

    def test_a_change_of_speaker_does_not(self) -> None:
        words = [Word("no,", 0, 200, speaker="A")]
        words += [Word("you", 300, 400, speaker="B"), Word("know,", 400, 500, speaker="B")]
        words += [Word("yes", 600, 700, speaker="B")]
        assert find_fillers(words, "en") == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(60, 1500), st.integers(100, 700), st.sampled_from(["um", "go", "now,"])
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(RATES),
)
def test_no_word_is_ever_touched(parts: list[tuple[int, int, str]], fps: Fraction) -> None:
    words, at = [], 0
    for pause, length, text in parts:
        at += pause // 10 * 10
        words.append((text, at, at + length // 10 * 10))
        at += length // 10 * 10
    levels = heard(at + 700, *((start, end) for _, start, end in words))
    transcript = said(*words)
    cuts = find_removals(transcript, levels, Span(0, len(levels.db) * 10), fps)
    for one, other in pairwise(cuts):
        assert one.span.end_ms < other.span.start_ms
    for text, start, end in words:
        for cut in cuts:
            if text != "um":
                assert cut.span.end_ms <= start - NARROWEST_GUARD_MS + 1 or (
                    cut.span.start_ms >= end + NARROWEST_GUARD_MS
                )
    for (_, _, end), (_, start, _) in pairwise(words):
        if start - end > SILENCE_MS:
            assert any(cut.span.overlap_ms(Span(end, start)) for cut in cuts)


def test_levels_tell_speech_from_the_room(tmp_path: Path) -> None:
    room = np.random.default_rng(1).normal(0, 0.001, (2, 48000 * 4)).astype(np.float32)
    sound = joined(hush(1), tone(0.5), hush(1.2), tone(0.6), hush(0.7)) + room
    path = write_film(tmp_path / "t.wav", (), sound, Encoding(audio_codec="pcm_s16le"))
    levels = span_levels(path, Span(500, 3800))
    assert (levels.start_ms, levels.step_ms, len(levels.db)) == (500, 10, 330)
    quiet = levels.quiet_spans()
    assert len(quiet) == 3
    for found, true in zip(quiet, (Span(0, 500), Span(1000, 2200), Span(2800, 3300)), strict=True):
        assert abs(found.start_ms - true.start_ms) <= 10
        assert abs(found.end_ms - true.end_ms) <= 10


def test_a_sharp_s_is_heard_and_the_hum_of_an_old_tape_is_not(tmp_path: Path) -> None:
    hum = tone(3, hertz=60, level=0.1)
    hiss = np.random.default_rng(1).normal(0, 0.0005, hum.shape).astype(np.float32)
    speech = joined(hush(1), tone(0.4, hertz=700), tone(0.3, hertz=6500, level=0.03), hush(1.3))
    path = write_film(
        tmp_path / "t.wav", (), hum + hiss + speech, Encoding(audio_codec="pcm_s16le")
    )
    before, after = span_levels(path, Span(0, 3000)).quiet_spans()
    assert abs(before.end_ms - 1000) <= 10
    assert abs(after.start_ms - 1700) <= 10


class TestQuietSpans:
    def test_a_short_sound_that_stands_alone_does_not_part_them(self) -> None:
        levels = heard(1000, (500, 530))
        assert levels.quiet_spans(40) == (Span(0, 1000),)
        assert levels.quiet_spans() == (Span(0, 500), Span(530, 1000))

    def test_short_sounds_one_after_the_other_do(self) -> None:
        levels = heard(1000, *((at, at + 30) for at in range(300, 700, 80)))
        assert levels.quiet_spans(40)[0] == Span(0, 300)
        assert levels.quiet_spans(40)[-1] == Span(650, 1000)
