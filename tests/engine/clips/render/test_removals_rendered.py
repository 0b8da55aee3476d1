"""Clips with stretches taken out, read back frame by frame and sample by sample."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.clips.slates import (
    FLASH_EVERY,
    FOLLOWED,
    View,
    click_times_ms,
    frames_of,
    plan_frames,
    read_slate,
    rendered,
    slate_film,
    slates,
    sound_of,
)
from engine.media.reels import RATE_HZ, Encoding, tone, write_film
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import ClipPlan, CropKey, Removal
from goviral.engine.clips.plans.played import timeline_of
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.timecode import Span, frame_start_ms

NTSC = Fraction(30000, 1001)


def tight_plan(media: MediaInfo, first: int, end: int, removed: list[tuple[int, int]]) -> ClipPlan:
    """Frames `first` to `end` of the source without the removed ones, which count from `first`."""
    plan = plan_frames(media, first, end)
    fps = plan.frame.fps
    cuts = (Span(frame_start_ms(one, fps), frame_start_ms(other, fps)) for one, other in removed)
    return replace(plan, removals=tuple(Removal(cut, "hand") for cut in cuts))


def kept_numbers(plan: ClipPlan, first: int) -> list[int]:
    return [first + frame for a, b in timeline_of(plan).kept for frame in range(a, b)]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("even.mp4", Encoding(Fraction(25))),
        ("ntsc.mkv", Encoding(NTSC, gop=60)),
        ("offset.ts", Encoding(Fraction(25), options={"preset": "veryfast"})),
        ("fast.mp4", Encoding(Fraction(60), gop=120)),
    ],
)
def test_exactly_the_kept_frames_are_there_and_clicks_stay_with_their_frames(
    tmp_path: Path, name: str, encoding: Encoding
) -> None:
    media = slate_film(tmp_path / name, frames=220, encoding=encoding)
    removed = [(0, 3), (20, 33), (40, 41), (71, 90), (120, 129), (131, 140), (190, 200)]
    plan = tight_plan(media, 17, 217, removed)
    clip = rendered(plan, tmp_path)
    numbers = [read_slate(frame, FOLLOWED) for frame in frames_of(clip.path)]
    assert numbers == kept_numbers(plan, 17)
    assert clip.findings == ()
    seen = [
        float(at * 1000 / encoding.fps)
        for at, number in enumerate(numbers)
        if number % FLASH_EVERY == 0
    ]
    assert click_times_ms(sound_of(clip.path)) == pytest.approx(seen, abs=8)


def test_a_hundred_cuts_do_not_add_up_to_anything(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4", frames=900, encoding=Encoding(NTSC))
    # Six of every nine frames, and no click (every 25th frame) cut in two.
    removed = [
        (at, at + 3) for at in range(6, 890, 9) if all((at + n - 1) % 25 > 1 for n in range(6))
    ]
    assert len(removed) > 60
    plan = tight_plan(media, 0, 900, removed)
    clip = rendered(plan, tmp_path)
    numbers = [read_slate(frame, FOLLOWED) for frame in frames_of(clip.path)]
    assert numbers == kept_numbers(plan, 0)
    seen = [float(at * 1000 / NTSC) for at, number in enumerate(numbers) if number % 25 == 0]
    assert click_times_ms(sound_of(clip.path)) == pytest.approx(seen, abs=8)
    assert clip.findings == ()


def test_a_cut_neither_clicks_nor_dips(tmp_path: Path) -> None:
    sound = tone(8, hertz=200, level=0.3)
    media = probe(
        write_film(tmp_path / "tone.mkv", slates(200), sound, Encoding(audio_codec="flac"))
    )
    plan = tight_plan(media, 0, 200, [(33, 50), (77, 88)])
    heard = sound_of(rendered(plan, tmp_path).path)
    cut = round(33 / 25 * RATE_HZ)
    around = heard[cut - 2400 : cut + 2400]
    # No step larger than the tone's own and the fade's, and never silent.
    assert np.abs(np.diff(around)).max() < 2 * 0.3 * 2 * np.pi * 200 / RATE_HZ
    levels = np.sqrt(np.square(around.reshape(-1, 480)).mean(axis=1))
    assert levels.max() < 0.3 * 1.45 / np.sqrt(2)


def test_without_removals_the_sound_is_not_touched(tmp_path: Path) -> None:
    from goviral.engine.clips.graph.filtergraph import render_command

    media = slate_film(tmp_path / "film.mp4")
    plan = tight_plan(media, 0, 50, [])
    arguments = " ".join(
        render_command(plan, None, tmp_path, tmp_path / "o.mp4", threads=1).arguments
    )
    assert not any(
        word in arguments
        for word in ("select", "asplit", "acrossfade", "amix", "apad=whole_len=96000,asplit")
    )


def test_sound_that_ends_before_the_picture_is_silence_behind_a_cut(tmp_path: Path) -> None:
    media = probe(
        write_film(tmp_path / "film.mkv", slates(150), tone(3), Encoding(audio_codec="flac"))
    )
    clip = rendered(tight_plan(media, 0, 140, [(50, 60), (90, 100)]), tmp_path)
    assert clip.findings == ()
    heard = sound_of(clip.path)
    assert np.abs(heard[round(2.7 * RATE_HZ) :]).max() < 0.01
    assert len(heard) == pytest.approx(round(120 / 25 * RATE_HZ), abs=1100)


def test_a_moving_crop_is_on_every_kept_frame_where_it_was(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4")
    path = (CropKey(0, 90, 0), CropKey(600, 90, 0), CropKey(1800, 140, 0), CropKey(2600, 110, 0))
    plan = tight_plan(media, 0, 75, [(10, 13), (20, 28), (40, 47), (60, 70)])
    plan = replace(plan, shots=(replace(plan.shots[0], path=path),))
    frames = frames_of(rendered(plan, tmp_path).path)
    for frame, number in zip(frames, kept_numbers(plan, 0), strict=True):
        left = round(corner_at(path, number * 40)[0])
        assert read_slate(frame, View(2.0, -2.0 * left)) == number
