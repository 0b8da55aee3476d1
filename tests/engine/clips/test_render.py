"""Clips rendered from composed films, looked at frame by frame and sample by sample."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.clips.slates import (
    FLASH_EVERY,
    HEIGHT,
    QUIET,
    WIDTH,
    View,
    click_times_ms,
    ffmpeg,
    frames_of,
    middle_shot,
    read_slate,
    slate_film,
    small_frame,
    sound_of,
    source_of,
)
from engine.media.reels import Encoding
from goviral.engine.clips.plan import ClipPlan, CropKey, Layout, Shot
from goviral.engine.clips.planner import clip_rate
from goviral.engine.clips.render import RenderedClip, render_clip
from goviral.engine.media.probe import MediaInfo
from goviral.kit.timecode import Span, frame_start_ms

FOLLOWED = View(scale=2.0, x=-2.0 * (WIDTH - 100) / 2)
WHOLE = View(scale=200 / WIDTH, y=(360 - HEIGHT * 200 / WIDTH) / 2)


def plan_frames(media: MediaInfo, first: int, end: int) -> ClipPlan:
    """The source's frames `first` to `end`, in a resting crop, sound untouched."""
    assert media.video is not None
    fps = clip_rate(media.video)
    at = media.video.start_ms
    span = Span(at + frame_start_ms(first, fps), at + frame_start_ms(end, fps))
    return ClipPlan(
        name="clip",
        title="",
        source=source_of(media),
        span=span,
        frame=small_frame(fps),
        shots=(middle_shot(media, Span(0, span.duration_ms)),),
        loudness=QUIET if media.audio else None,
    )


def rendered(plan: ClipPlan, folder: Path) -> RenderedClip:
    return render_clip(plan, folder / "clip.mp4", ffmpeg=ffmpeg(), threads=1)


NTSC = Fraction(30000, 1001)
FILM = Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("even.mp4", Encoding(Fraction(25))),
        ("ntsc.mp4", Encoding(NTSC, gop=60, options={"preset": "veryfast", "bf": "3"})),
        ("milliseconds.mkv", Encoding(NTSC)),
        ("film.mov", Encoding(FILM, gop=250)),
        ("offset.ts", Encoding(Fraction(25), options={"preset": "veryfast"})),
        ("fast.mp4", Encoding(Fraction(60), gop=120)),
    ],
)
def test_the_first_and_the_last_frame_are_the_planned_ones(
    tmp_path: Path, name: str, encoding: Encoding
) -> None:
    media = slate_film(tmp_path / name, encoding=encoding)
    for first, end in ((0, 20), (37, 61), (100, 150)):
        clip = rendered(plan_frames(media, first, end), tmp_path)
        numbers = [read_slate(frame, FOLLOWED) for frame in frames_of(clip.path)]
        assert numbers == list(range(first, end))
        assert clip.findings == ()


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("even.mp4", Encoding(Fraction(25))),
        ("milliseconds.mkv", Encoding(NTSC)),
        ("offset.ts", Encoding(Fraction(25))),
    ],
)
def test_sound_and_picture_keep_together(tmp_path: Path, name: str, encoding: Encoding) -> None:
    media = slate_film(tmp_path / name, encoding=encoding)
    clip = rendered(plan_frames(media, 37, 140), tmp_path)
    heard = click_times_ms(sound_of(clip.path))
    seen = [
        float(at * 1000 / encoding.fps)
        for at, frame in enumerate(frames_of(clip.path))
        if read_slate(frame, FOLLOWED) % FLASH_EVERY == 0
    ]
    assert len(seen) == 4
    assert heard == pytest.approx(seen, abs=8)


def test_layouts_change_on_the_very_frame(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4")
    plan = plan_frames(media, 10, 110)
    whole = Shot(Span(0, 0), Layout.FIT, WIDTH, HEIGHT, (CropKey(0, 0, 0),))
    near = middle_shot(media, Span(0, 0), 60)
    near = replace(near, crop_height=108, path=(CropKey(0, 130, 36),))
    parts = [plan.shots[0], whole, near, whole, plan.shots[0]]
    views = [FOLLOWED, WHOLE, View(200 / 60, -130 * 200 / 60, -36 * 200 / 60), WHOLE, FOLLOWED]
    edges = [0, 21, 40, 41, 77, 100]
    shots = []
    for part, start, end in zip(parts, edges, edges[1:], strict=False):
        span = Span(start * 40, end * 40)
        corner = (replace(part.path[0], at_ms=span.start_ms),)
        shots.append(replace(part, span=span, path=corner))
    clip = rendered(replace(plan, shots=tuple(shots)), tmp_path)
    frames = frames_of(clip.path)
    for view, start, end in zip(views, edges, edges[1:], strict=False):
        read = [read_slate(frame, view) for frame in frames[start:end]]
        assert read == list(range(10 + start, 10 + end))
