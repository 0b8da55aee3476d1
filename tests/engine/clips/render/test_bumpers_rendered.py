"""Intro, clip and outro in one file: every frame and sample where it has to be."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.clips.slates import (
    FOLLOWED,
    HEIGHT,
    QUIET,
    WHOLE,
    WIDTH,
    click_times_ms,
    colors_of,
    ffmpeg,
    frames_of,
    plan_frames,
    read_slate,
    rendered,
    slate,
    slate_film,
    sound_of,
)
from engine.media.reels import Encoding, texture, write_film
from goviral.engine.clips.graph.bumpers import around_frames, intro_ms
from goviral.engine.clips.plans.plan import Bumper, CropKey, Layout, Shot
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.check import check_clip
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.errors import InputError, NotFoundError


def bumper(path: Path, frames: int, encoding: Encoding = Encoding()) -> Bumper:
    return Bumper(source_of(slate_film(path, frames=frames, encoding=encoding)), QUIET)


def numbers(path: Path, intro: int, outro: int) -> list[int]:
    frames = frames_of(path)
    middle = len(frames) - outro
    return [
        read_slate(frame, FOLLOWED if intro <= index < middle else WHOLE)
        for index, frame in enumerate(frames)
    ]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    return slate_film(tmp_path_factory.mktemp("talk") / "talk.mp4")


def test_every_frame_of_intro_clip_and_outro_is_there_in_order(
    talk: MediaInfo, tmp_path: Path
) -> None:
    plan = replace(
        plan_frames(talk, 37, 61),
        intro=bumper(tmp_path / "intro.mp4", 30),
        outro=bumper(tmp_path / "outro.mp4", 20),
    )
    clip = rendered(plan, tmp_path)
    assert numbers(clip.path, 30, 20) == [*range(30), *range(37, 61), *range(20)]
    assert clip.findings == ()
    assert around_frames(plan) == 50
    assert intro_ms(plan) == 1200


@pytest.mark.parametrize("ends", ["intro", "outro"])
def test_one_of_them_is_enough(talk: MediaInfo, tmp_path: Path, ends: str) -> None:
    one = bumper(tmp_path / "one.mp4", 12)
    plan = replace(plan_frames(talk, 0, 20), **{ends: one})
    clip = rendered(plan, tmp_path)
    shown = numbers(clip.path, 12 * (ends == "intro"), 12 * (ends == "outro"))
    both = [*range(12), *range(20)] if ends == "intro" else [*range(20), *range(12)]
    assert shown == both


def test_sounds_stay_with_their_pictures(talk: MediaInfo, tmp_path: Path) -> None:
    plan = replace(
        plan_frames(talk, 40, 120),
        intro=bumper(tmp_path / "intro.mp4", 60),
        outro=bumper(tmp_path / "outro.mp4", 30),
    )
    clip = rendered(plan, tmp_path)
    # Clicks lie on every 25th frame of each film; the clip begins with its film's 40th.
    wanted = [0, 25, 50, *(60 + at - 40 for at in (50, 75, 100)), 140, 165]
    assert click_times_ms(sound_of(clip.path)) == pytest.approx([at * 40 for at in wanted], abs=8)


def test_a_bumper_of_another_rate_keeps_its_length(talk: MediaInfo, tmp_path: Path) -> None:
    ntsc = Encoding(Fraction(30000, 1001))
    intro = bumper(tmp_path / "intro.mp4", 60, ntsc)  # 2.002 s
    clip = rendered(replace(plan_frames(talk, 0, 10), intro=intro), tmp_path)
    shown = numbers(clip.path, 50, 0)
    assert len(shown) == 60
    assert shown[50:] == list(range(10))
    assert shown[:50] == pytest.approx([at * 1.2 for at in range(50)], abs=1)


def test_a_bumper_of_the_clips_shape_fills_the_frame(talk: MediaInfo, tmp_path: Path) -> None:
    red = np.zeros((360, 200, 3), np.uint8) + np.array([220, 20, 20], np.uint8)
    film = probe(write_film(tmp_path / "red.mp4", [red] * 10))
    plan = replace(plan_frames(talk, 0, 10), intro=Bumper(source_of(film)))
    first = next(iter(colors_of(rendered(plan, tmp_path).path))).astype(int)
    assert np.abs(first - np.array([220, 20, 20])).max() < 16


def test_a_silent_bumper_is_silence(talk: MediaInfo, tmp_path: Path) -> None:
    film = probe(write_film(tmp_path / "mute.mp4", [texture(1, WIDTH, HEIGHT)] * 25))
    plan = replace(plan_frames(talk, 0, 50), intro=Bumper(source_of(film)))
    clip = rendered(plan, tmp_path)
    assert clip.findings == ()
    assert click_times_ms(sound_of(clip.path)) == pytest.approx([1000, 2000], abs=8)


def test_a_clip_without_sound_has_a_mute_bumper(tmp_path: Path) -> None:
    film = (slate(number, texture(3, WIDTH, HEIGHT)) for number in range(30))
    mute = probe(write_film(tmp_path / "mute.mp4", film))
    plan = replace(plan_frames(mute, 0, 20), intro=bumper(tmp_path / "intro.mp4", 10))
    clip = rendered(plan, tmp_path)
    assert numbers(clip.path, 10, 0) == [*range(10), *range(20)]


def test_a_moving_crop_moves_in_the_clip_only(talk: MediaInfo, tmp_path: Path) -> None:
    plan = plan_frames(talk, 0, 40)
    path = (CropKey(0, 60, 0), CropKey(1500, 160, 0))
    moving = replace(plan, shots=(Shot(plan.shots[0].span, Layout.FOLLOW, 100, 180, path),))
    both = replace(
        moving, intro=bumper(tmp_path / "intro.mp4", 15), outro=bumper(tmp_path / "outro.mp4", 15)
    )
    alone = frames_of(render_clip(moving, tmp_path / "a.mp4", ffmpeg=ffmpeg(), threads=1).path)
    whole = frames_of(rendered(both, tmp_path).path)
    still = [read_slate(frame, WHOLE) for frame in (*whole[:15], *whole[-15:])]
    assert still == [*range(15), *range(15)]
    for one, other in zip(alone, whole[15:-15], strict=True):
        assert np.abs(one.astype(int) - other).mean() < 3


def test_without_bumpers_the_command_is_the_same(talk: MediaInfo, tmp_path: Path) -> None:
    from goviral.engine.clips.graph.filtergraph import render_command

    plan = plan_frames(talk, 0, 10)
    command = render_command(plan, None, tmp_path, tmp_path / "a.mp4", threads=1)
    graph = command.arguments[command.arguments.index("-filter_complex") + 1]
    assert "concat" not in graph
    assert command.arguments.count("-i") == 1


def test_a_bumper_that_is_gone_or_another_is_said(talk: MediaInfo, tmp_path: Path) -> None:
    intro = bumper(tmp_path / "intro.mp4", 10)
    plan = replace(plan_frames(talk, 0, 10), intro=intro)
    other = replace(intro.source, fingerprint="another")
    with pytest.raises(InputError, match=r"intro\.mp4, the intro of clip, is not the file"):
        rendered(replace(plan, intro=replace(intro, source=other)), tmp_path)
    Path(intro.source.path).unlink()
    with pytest.raises(NotFoundError, match="The intro of clip is gone"):
        rendered(plan, tmp_path)


def test_a_file_without_its_outro_fails_the_check(talk: MediaInfo, tmp_path: Path) -> None:
    plan = plan_frames(talk, 0, 30)
    clip = rendered(plan, tmp_path)
    wanted = replace(plan, outro=bumper(tmp_path / "outro.mp4", 10))
    assert [finding.check for finding in check_clip(clip.path, wanted).findings][:1] == ["duration"]
