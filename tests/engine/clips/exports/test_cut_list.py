"""The cut an editor is given: the very frames that are played, framed as they are shown."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clips.exports.plans import clip_plan, follow, split
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.exports.cut_list import cut_clip
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import (
    Bumper,
    CropKey,
    HookTitle,
    Insert,
    Layout,
    Music,
    Removal,
    Shot,
    Source,
    Zoom,
)
from goviral.engine.clips.plans.played import played_spans
from goviral.kit.timecode import Span, frame_start_ms


def test_a_resting_shot_is_one_piece_with_one_key() -> None:
    (piece,) = cut_clip(clip_plan()).pieces
    assert (piece.start, piece.source_start, piece.frames) == (0, 250, 100)
    (layer,) = piece.layers
    assert not layer.moves
    assert layer.keys[0].crop.center == (960.0, 540.0)


def test_pieces_follow_each_other_without_gap_and_change_with_the_layout() -> None:
    shots = (follow(0, 1000, 100), follow(1000, 2500, 900), Shot(Span(2500, 4000), Layout.FIT))
    pieces = cut_clip(clip_plan(shots=shots)).pieces
    assert [(p.start, p.source_start, p.frames) for p in pieces] == [
        (0, 250, 25), (25, 275, 37), (62, 312, 38),
    ]  # fmt: skip
    assert [p.layout for p in pieces] == [Layout.FOLLOW, Layout.FOLLOW, Layout.FIT]


def test_a_removal_is_skipped_in_the_source_and_closed_up_in_the_clip() -> None:
    plan = clip_plan(removals=(Removal(Span(1000, 2000), "silence"),))
    pieces = cut_clip(plan).pieces
    assert [(p.start, p.source_start, p.frames) for p in pieces] == [(0, 250, 25), (25, 300, 50)]


@given(st.lists(st.tuples(st.integers(0, 3900), st.integers(1, 900)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_pieces_are_what_is_played(cuts: list[tuple[int, int]]) -> None:
    removals = tuple(Removal(Span(at, min(4000, at + length)), "hand") for at, length in cuts)
    plan = clip_plan(shots=(follow(0, 1500, 100), follow(1500, 4000, 900)), removals=removals)
    spans = played_spans(plan)
    if not spans:
        return
    clip = cut_clip(plan)
    frames = [
        frame for p in clip.pieces for frame in range(p.source_start, p.source_start + p.frames)
    ]
    fps = plan.frame.fps
    played = [
        frame
        for span in spans
        for frame in range(round(span.start_ms * fps / 1000), round(span.end_ms * fps / 1000))
    ]
    assert frames == played
    assert [p.start for p in clip.pieces] == [
        sum(q.frames for q in clip.pieces[:i]) for i in range(len(clip.pieces))
    ]


def test_a_move_has_keys_on_its_curve() -> None:
    path = (CropKey(0, 0, 0), CropKey(400, 0, 0), CropKey(2000, 800, 0))
    shot = Shot(Span(0, 4000), Layout.FOLLOW, 608, 1080, path)
    ((layer,),) = (p.layers for p in cut_clip(clip_plan(shots=(shot,))).pieces)
    keys = {key.frame: key.crop.x for key in layer.keys}
    assert keys[0] == keys[10] == 0
    assert keys[30] == pytest.approx(400)
    assert keys[50] == keys[99] == 800
    for frame, x in keys.items():
        assert x == pytest.approx(corner_at(path, frame * 40)[0], abs=0.01)
    far = max(abs(_between(keys, frame) - corner_at(path, frame * 40)[0]) for frame in range(100))
    assert far < 0.01 * 800


def _between(keys: dict[int, float], frame: int) -> float:
    before = max(at for at in keys if at <= frame)
    after = min(at for at in keys if at >= frame)
    share = 0 if before == after else (frame - before) / (after - before)
    return keys[before] + (keys[after] - keys[before]) * share


def test_faces_in_cells_are_layers_of_one_piece() -> None:
    (piece,) = cut_clip(clip_plan(shots=(split(),))).pieces
    assert [layer.place.y for layer in piece.layers] == [0, 960]


def test_a_picture_shown_whole_keeps_its_shape() -> None:
    (piece,) = cut_clip(clip_plan(shots=(Shot(Span(0, 4000), Layout.FIT),))).pieces
    (layer,) = piece.layers
    assert (layer.keys[0].crop.width, layer.keys[0].crop.height) == (1920, 1080)
    assert layer.place.width / layer.place.height == pytest.approx(16 / 9, rel=0.01)


def test_a_punch_in_is_a_tighter_crop() -> None:
    plan = clip_plan(zooms=(Zoom(Span(1000, 2000), 1.25),))
    widths = [piece.layers[0].keys[0].crop.width for piece in cut_clip(plan).pieces]
    assert len(set(widths)) >= 2
    assert min(widths) < 608


def test_what_cannot_be_laid_in_is_marked() -> None:
    hook = HookTitle(("Nobody", "tells you"), Span(0, 3000), load_style("punch"), 0.2)
    plan = clip_plan(
        hook=hook,
        inserts=(Insert(Span(1000, 2000), "/media/city.mp4", "x"),),
        music=Music("/media/song.mp3", "x", -18.0, 8.0),
        intro=Bumper(Source("/media/hello.mp4", "x", 2000)),
        outro=Bumper(Source("/media/bye.mp4", "x", 2000)),
    )
    marks = {mark.text: (mark.frame, mark.frames) for mark in cut_clip(plan).marks}
    assert marks["Title: Nobody tells you"] == (0, 75)
    assert marks["B-roll (full): city.mp4"] == (25, 25)
    assert "Music: song.mp3 at -18 dB" in marks
    assert marks["Intro before this: hello.mp4"] == (0, 1)
    assert marks["Outro after this: bye.mp4"] == (99, 1)


def test_a_source_that_starts_late_is_counted_from_its_first_picture() -> None:
    plan = clip_plan()
    late = replace(plan, source=replace(plan.source, start_offset_ms=400))
    assert cut_clip(late).pieces[0].source_start == 240


def test_sound_alone_is_counted_from_its_start() -> None:
    plan = clip_plan(shots=(Shot(Span(0, 4000), Layout.CANVAS),))
    source = replace(plan.source, video_stream=None, start_offset_ms=400, width=0, height=0)
    piece = cut_clip(replace(plan, source=source)).pieces[0]
    assert (piece.source_start, piece.layers) == (250, ())


def test_rates_that_are_no_whole_numbers_stay_exact() -> None:
    fps = Fraction(30000, 1001)
    plan = clip_plan(fps=fps)
    start = frame_start_ms(300, fps)
    plan = replace(plan, span=Span(start, start + plan.span.duration_ms))
    clip = cut_clip(plan)
    assert clip.pieces[0].source_start == 300
    assert clip.frames == 120
