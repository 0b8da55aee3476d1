"""Who speaks: lips, sound and the transcript's turns, made by numbers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clips.scenes import FULL_HD, VERTICAL, face, sighting
from goviral.engine.clips.framing.camera import MIN_HOLD_MS
from goviral.engine.clips.framing.camera_scenes import Scene
from goviral.engine.clips.framing.reframe import LayoutWish, choose_framing
from goviral.engine.clips.framing.speakers import Heard, Turn, heard_of, speaking_turns
from goviral.engine.clips.framing.subjects import Box, Track, find_tracks
from goviral.engine.media.look import LipMove, Look
from goviral.engine.media.signals import Levels
from goviral.engine.transcripts.document import Word
from goviral.kit.timecode import Span, frame_at

Said = tuple[int, int, int]
"""Who, from and until when."""

STILL, MOVING = 0.003, 0.017


def group(count: int = 2, seconds: float = 12) -> list[Track]:
    seen = [
        sighting(at, [face(300 + 600 * n, 400, 200, track=n) for n in range(count)])
        for at in range(0, round(seconds * 1000), 333)
    ]
    tracks = find_tracks(seen, 1080)
    return sorted(tracks, key=lambda track: track.ids)


def heard(
    said: Sequence[Said],
    *,
    count: int = 2,
    seconds: float = 12,
    rest: Callable[[int, int], float] = lambda _who, _at_ms: STILL,
    words: Sequence[Word] = (),
    seed: int = 1,
) -> Heard:
    """Lips of the one who speaks move five times as much; it is loud while somebody speaks."""
    random = np.random.default_rng(seed)
    end_ms = round(seconds * 1000)

    def who_at(at_ms: int) -> int | None:
        return next((who for who, start, end in said if start <= at_ms < end), None)

    lips = {
        person: [
            (
                at,
                float(random.gamma(2.0, 0.5))
                * (MOVING if who_at(at) == person else rest(person, at)),
            )
            for at in range(100, end_ms, 100)
        ]
        for person in range(count)
    }
    levels = [
        -60.0 if who_at(at) is None else -22.0 + float(random.normal(0, 3))
        for at in range(0, end_ms, 50)
    ]
    return Heard(lips, levels, -40.0, words)


def turns_of(said: Heard, count: int = 2, seconds: float = 12) -> tuple[Turn, ...]:
    scene = Scene(Span(0, round(seconds * 1000)), (), Box(0, 0, 1920, 1080))
    return speaking_turns(scene, group(count, seconds), said)


TALK: tuple[Said, ...] = ((0, 300, 3200), (1, 3500, 6500), (0, 6800, 8300), (1, 8600, 11_700))


def test_the_word_goes_where_the_lips_move() -> None:
    turns = turns_of(heard(TALK))
    assert [turn.who for turn in turns] == [0, 1, 0, 1]
    assert [turn.span.start_ms for turn in turns] == pytest.approx([0, 3350, 6650, 8450], abs=260)


@pytest.mark.parametrize("seed", range(8))
def test_the_speaker_has_the_word_in_95_of_100_voiced_moments(seed: int) -> None:
    turns = turns_of(heard(TALK, seed=seed))
    right = [
        next(turn.who for turn in turns if turn.span.contains(at)) == who
        for who, start, end in TALK
        for at in range(start, end, 40)
    ]
    assert np.mean(right) >= 0.95


def test_three_take_turns() -> None:
    said = ((2, 200, 4000), (0, 4200, 8000), (1, 8200, 11_800))
    assert [turn.who for turn in turns_of(heard(said, count=3), 3)] == [2, 0, 1]


def test_an_interjection_shorter_than_a_hold_is_not_followed() -> None:
    said = ((0, 200, 5000), (1, 5000, 5500), (0, 5500, 11_800))
    assert [turn.who for turn in turns_of(heard(said))] == [0]


def test_one_who_chews_all_the_time_does_not_speak() -> None:
    def chews(who: int, _at: int) -> float:
        return 0.012 if who == 1 else STILL

    said = ((0, 800, 5000), (0, 6600, 11_000))
    turns = turns_of(heard(said, rest=chews))
    assert {turn.who for turn in turns} == {0}


@pytest.mark.parametrize(
    "nothing",
    [
        heard(()),
        Heard({0: [(100, 0.1)], 1: [(100, 0.1)]}),
        Heard({}, [-20.0] * 240, -40.0),
        heard(TALK, rest=lambda _who, _at: MOVING),
    ],
)
def test_where_it_cannot_be_told_nobody_is_named(nothing: Heard) -> None:
    assert turns_of(nothing) == ()


def test_a_transcript_that_knows_the_speakers_settles_what_lips_leave_open() -> None:
    """Both mouths move, the speaker's only a little more: the labels say when the word changes."""

    def laughs(_who: int, _at: int) -> float:
        return MOVING * 0.72

    words = [
        Word("so", at, at + 200, speaker="AB"[who])
        for who, start, end in TALK
        for at in range(start, end - 200, 250)
    ]
    turns = turns_of(heard(TALK, rest=laughs, words=words))
    assert [turn.who for turn in turns] == [0, 1, 0, 1]


@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize("start_ms", [3000, 4030, 5050])
def test_a_turn_just_long_enough_to_be_told_is_still_held_on_whole_frames(
    start_ms: int, seed: int
) -> None:
    for end_ms in range(start_ms + 700, start_ms + 1000, 50):
        said = heard(((0, 0, start_ms), (1, start_ms, end_ms), (0, end_ms, 12_000)), seed=seed)
        for turn in turns_of(said):
            assert turn.span.duration_ms >= MIN_HOLD_MS + 1000 / 24


@pytest.mark.parametrize(("seen_ms", "told"), [((4000, 4600), False), ((4000, 6000), True)])
def test_lips_seen_for_less_than_a_hold_tell_nothing_however_long_the_sound(
    seen_ms: tuple[int, int], told: bool
) -> None:
    # As where the picture begins late, or the mouths were hidden most of the time.
    said = heard(((0, 300, 11_000),))
    first, last = seen_ms
    lips = {
        track: [seen for seen in seen_lips if first <= seen[0] < last]
        for track, seen_lips in said.lips.items()
    }
    assert bool(turns_of(replace(said, lips=lips))) is told


def test_only_one_face_needs_no_telling() -> None:
    scene = Scene(Span(0, 12_000), (), Box(0, 0, 1920, 1080))
    assert speaking_turns(scene, group(1), heard(TALK)) == ()


def test_what_is_heard_counts_from_the_clip() -> None:
    levels = Levels(10_000, 10, (-60.0,) * 5 + (-20.0,) * 495, -40.0)
    look = Look(Span(10_000, 15_000), 333, lips=(LipMove(11_000, 7, 0.5),), levels=levels)
    words = (Word("a", 11_000, 11_200, speaker="A"), Word("b", 11_300, 11_400))
    found = heard_of(look, Span(10_000, 15_000), words)
    assert found.lips == {7: [(1000, 0.5)]}
    assert found.levels_db[:2] == [-60.0, -20.0]
    assert [(word.start_ms, word.end_ms) for word in found.words] == [(1000, 1200)]


said_by = st.lists(
    st.tuples(st.integers(0, 2), st.integers(100, 3000), st.integers(0, 900)), max_size=8
)


@settings(max_examples=40)
@given(said_by, st.integers(0, 999))
def test_turns_have_no_gaps_and_none_is_shorter_than_a_hold(
    parts: list[tuple[int, int, int]], seed: int
) -> None:
    said: list[Said] = []
    at_ms = 0
    for who, length, pause in parts:
        said.append((who, at_ms, at_ms + length))
        at_ms += length + pause
    turns = turns_of(heard(said, count=3, seed=seed), 3)
    if not turns:
        return
    assert (turns[0].span.start_ms, turns[-1].span.end_ms) == (0, 12_000)
    assert all(one.span.end_ms == other.span.start_ms for one, other in pairwise(turns))
    assert all(one.who != other.who for one, other in pairwise(turns))
    # Cuts lie on whole frames: the turns must leave room for that.
    assert all(turn.span.duration_ms >= MIN_HOLD_MS + 1000 / 24 for turn in turns)


@settings(max_examples=40)
@given(
    said_by,
    st.integers(0, 999),
    st.sampled_from([Fraction(30000, 1001), Fraction(24), Fraction(25)]),
)
def test_in_the_clip_too_on_whole_frames_each_speaker_is_held(
    parts: list[tuple[int, int, int]], seed: int, fps: Fraction
) -> None:
    said: list[Said] = []
    at_ms = 0
    for who, length, pause in parts:
        said.append((who % 2, at_ms, at_ms + length))
        at_ms += length + pause
    found = heard(said, seed=seed)
    sightings = tuple(
        sighting(at, [face(300 + 1200 * n, 400, 200, track=n) for n in (0, 1)])
        for at in range(0, 12_000, 333)
    )
    lips = tuple(
        LipMove(at, track, moved) for track, seen in found.lips.items() for at, moved in seen
    )
    seen = Look(
        Span(0, 12_000), 333, sightings, (), lips, Levels(0, 50, tuple(found.levels_db), -40.0)
    )
    source, frame = replace(FULL_HD, fps=fps), replace(VERTICAL, fps=fps)
    for wish in (LayoutWish.FOLLOW, LayoutWish.SCREEN):
        shots = choose_framing(seen, source, frame, seen.span, wish).shots
        for shot in shots:
            frames = frame_at(shot.span.end_ms - 1, fps) + 1 - frame_at(shot.span.start_ms, fps)
            assert frames * 1000 / fps >= MIN_HOLD_MS
