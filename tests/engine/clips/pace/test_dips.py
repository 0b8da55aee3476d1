"""A filler that runs into the word beside it, in composed sound whose dips are known to the millisecond."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.media.reels import Encoding, hush, joined, tone, write_film
from goviral.engine.clips.pace.dips import dip_after
from goviral.engine.clips.pace.tighten import find_removals
from goviral.engine.clips.plans.plan import Removal
from goviral.engine.media.audio import span_levels
from goviral.engine.media.signals import Levels
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span, frame_start_ms

RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(60)]
WORDS = (Word("so", 200, 700), Word("um", 1000, 1300), Word("the", 1300, 1800))
TALK = Transcript((Sentence(0, "so um the", 200, 1800),), WORDS, "en")


def voice(*dips: tuple[int, int, float], length_ms: int = 2100) -> Levels:
    """`so` to 700 ms, `um the` from 1000 to 1800 at -20 dB, softer by so much in each dip."""
    db = []
    for at in range(0, length_ms, 10):
        spoken = 200 <= at < 700 or 1000 <= at < 1800
        softer = next((by for start, end, by in dips if start <= at < end), 0.0)
        db.append(-20.0 - softer if spoken else -60.0)
    return Levels(0, 10, tuple(db), -50.0)


def cut_of(levels: Levels, fps: Fraction = Fraction(25)) -> Removal | None:
    return next(iter(find_removals(TALK, levels, Span(0, 2100), fps)), None)


@pytest.mark.parametrize("fps", RATES)
def test_it_is_cut_off_in_a_clear_dip_between_them(fps: Fraction) -> None:
    removal = cut_of(voice((1270, 1340, 15.0)), fps)
    assert removal is not None
    assert (removal.reason, removal.text) == ("filler", "um")
    assert removal.span.end_ms - 10 >= 1270
    assert removal.span.end_ms + 10 <= 1340
    assert 760 <= removal.span.start_ms <= 802


@pytest.mark.parametrize("fps", RATES)
def test_the_recogniser_may_be_off_by_half_a_tenth(fps: Fraction) -> None:
    for off in (-50, -20, 20):
        removal = cut_of(voice((1250 + off, 1320 + off, 15.0)), fps)
        assert removal is not None
        assert 1250 + off <= removal.span.end_ms <= 1320 + off


@pytest.mark.parametrize(
    "dips",
    [
        [],
        [(1270, 1340, 9.0)],  # not clear
        [(1340, 1420, 15.0)],  # inside the next word
        [(1290, 1310, 15.0)],  # too short for a cross-fade on a whole frame
    ],
)
def test_without_a_clear_dip_it_stays(dips: list[tuple[int, int, float]]) -> None:
    assert cut_of(voice(*dips)) is None


def test_of_two_dips_the_one_nearer_to_the_filler_is_taken() -> None:
    """The other is inside the word: a filler has none."""
    removal = cut_of(voice((1230, 1290, 15.0), (1300, 1350, 20.0)))
    assert removal is not None
    assert removal.span.end_ms == 1240


def test_a_phrase_is_not_cut_off_it_may_have_stops_inside() -> None:
    words = (Word("so", 200, 700), Word("you", 1000, 1150), Word("know,", 1150, 1300), WORDS[2])
    talk = Transcript((Sentence(0, "so you know, the", 200, 1800),), words, "en")
    assert find_removals(talk, voice((1270, 1340, 15.0)), Span(0, 2100), Fraction(25)) == ()


def test_a_gap_too_short_for_a_pause_is_a_dip() -> None:
    removal = cut_of(voice((1260, 1310, 40.0)))
    assert removal is not None
    assert removal.span.end_ms == 1280


def test_one_that_runs_into_the_word_before_it_stays() -> None:
    """Words end in stops and soft sounds: what is behind a dip there is theirs more often than not."""
    talk = Transcript(
        (Sentence(0, "so um the", 200, 1800),),
        (Word("so", 200, 1000), WORDS[1], WORDS[2]),
        "en",
    )
    loud = [200 <= at < 1800 for at in range(0, 2100, 10)]
    soft = [970 <= at < 1040 or 1270 <= at < 1340 for at in range(0, 2100, 10)]
    db = (-60.0 if not a else -36.0 if b else -20.0 for a, b in zip(loud, soft, strict=True))
    assert find_removals(talk, Levels(0, 10, tuple(db), -50.0), Span(0, 2100), Fraction(25)) == ()


def test_a_word_that_is_no_filler_is_never_cut_off() -> None:
    words = (Word("so", 200, 700), Word("go", 1000, 1300), Word("the", 1300, 1800))
    talk = Transcript((Sentence(0, "so go the", 200, 1800),), words, "en")
    assert find_removals(talk, voice((1270, 1340, 15.0)), Span(0, 2100), Fraction(25)) == ()


def test_in_real_sound_the_word_after_is_whole(tmp_path: Path) -> None:
    room = np.random.default_rng(1).normal(0, 0.0005, (2, int(48000 * 2.1))).astype(np.float32)
    soft = tone(0.07, hertz=400, level=0.03)
    sound = joined(
        hush(0.2), tone(0.5), hush(0.3), tone(0.27, hertz=400), soft, tone(0.46), hush(0.3)
    )
    path = write_film(tmp_path / "t.wav", (), sound + room, Encoding(audio_codec="pcm_s16le"))
    levels = span_levels(path, Span(0, 2100))
    removal = cut_of(levels)
    assert removal is not None
    assert 1280 <= removal.span.end_ms <= 1330  # the softer sound is from 1270 to 1340
    steady = sound.copy()
    steady[:, int(48000 * 1.27) : int(48000 * 1.34)] = tone(0.07, hertz=400)
    path = write_film(tmp_path / "u.wav", (), steady + room, Encoding(audio_codec="pcm_s16le"))
    assert cut_of(span_levels(path, Span(0, 2100))) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(110, 135), st.integers(1, 9), st.integers(0, 20), st.sampled_from(RATES))
def test_the_frame_found_is_inside_the_dip(at: int, length: int, by: int, fps: Fraction) -> None:
    start_ms, end_ms = at * 10, (at + length) * 10
    frame = dip_after(voice((start_ms, end_ms, float(by))), Span(1000, 1300), fps)
    if frame is not None:
        assert by >= 12
        assert start_ms <= frame_start_ms(frame, fps) <= end_ms
