"""Logo and watermark on the finished frames: where, how large, how strong."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.clips.slates import QUIET, colors_of, ffmpeg, middle_shot
from engine.media.reels import write_film
from goviral.engine.clips.captions.hook import load_hook_style
from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.graph.logo import first_frame, logo_boxes, logo_place
from goviral.engine.clips.plans.plan import ClipPlan, Frame, HookTitle, Logo
from goviral.engine.clips.plans.plan_json import fault_of
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.files import content_fingerprint
from goviral.kit.timecode import Span

Picture = NDArray[np.int16]
GRAY = 110
FRAME = (180, 320)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    gray = np.full((180, 320, 3), GRAY, np.uint8)
    gray[0, ::2] += 20  # not one flat colour
    return probe(write_film(tmp_path_factory.mktemp("film") / "film.mp4", [gray] * 12))


def plan(media: MediaInfo) -> ClipPlan:
    assert media.video is not None
    span = Span(0, 400)
    frame = Frame(*FRAME, media.video.fps)
    shots = (middle_shot(media, Span(0, 400)),)
    return ClipPlan("clip", "", source_of(media), span, frame, shots, loudness=QUIET)


def logo(folder: Path, color: str = "red", **fields: object) -> Logo:
    """A filled square, 200 pixels wide, transparent in its left half."""
    path = folder / f"{color}.png"
    picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    picture.paste(Image.new("RGBA", (100, 200), color), (100, 0))
    picture.save(path)
    found = Logo(str(path), content_fingerprint(path))
    return replace(found, **fields)  # type: ignore[arg-type]


def frames(made: ClipPlan, folder: Path) -> list[Picture]:
    clip = render_clip(made, folder / "clip.mp4", ffmpeg=ffmpeg(), threads=1)
    return [frame.astype(np.int16) for frame in colors_of(clip.path)]


def changed(picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is not the gray ground."""
    away = np.abs(picture[8:] - GRAY).max(axis=2) > 40
    rows, columns = np.flatnonzero(away.any(axis=1)), np.flatnonzero(away.any(axis=0))
    return int(columns[0]), int(rows[0]) + 8, int(columns[-1]) + 1, int(rows[-1]) + 9


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
def test_a_logo_stands_in_its_corner_on_every_frame(
    media: MediaInfo, tmp_path: Path, corner: str
) -> None:
    marked = replace(plan(media), logo=logo(tmp_path, corner=corner, width=0.2))
    shown = frames(marked, tmp_path)
    assert len(shown) == 10
    area = safe_area(Frame(*FRAME, marked.frame.fps))
    for picture in shown:
        left, top, right, bottom = changed(picture)
        # Only its right half is opaque: 36 pixels wide in all, 18 of them red.
        assert right - left == pytest.approx(18, abs=2)
        assert bottom - top == pytest.approx(36, abs=2)
        assert picture[(top + bottom) // 2, (left + right) // 2] == pytest.approx(
            (254, 0, 0), abs=14
        )
        assert area.top - 2 <= top
        assert bottom <= area.bottom + 2
        assert (right < FRAME[0] / 2) == corner.endswith("left")
        assert (bottom < FRAME[1] / 2) == corner.startswith("top")


def test_a_watermark_is_as_faint_as_it_is_wished(media: MediaInfo, tmp_path: Path) -> None:
    faint = logo(tmp_path, "white", corner="center", width=0.5, opacity=0.4)
    picture = frames(replace(plan(media), watermark=faint), tmp_path)[5]
    left, top, right, bottom = changed(picture)
    assert (left + right) / 2 == pytest.approx(FRAME[0] / 2 + 22, abs=3)
    assert (top + bottom) / 2 == pytest.approx(FRAME[1] / 2, abs=2)
    middle = picture[(top + bottom) // 2, (left + right) // 2]
    assert middle == pytest.approx([GRAY + 0.4 * (255 - GRAY)] * 3, abs=5)


def test_logo_and_watermark_go_together(media: MediaInfo, tmp_path: Path) -> None:
    both = replace(
        plan(media),
        logo=logo(tmp_path, "red", corner="top-left", width=0.2),
        watermark=logo(tmp_path, "white", corner="bottom-right", width=0.2),
    )
    picture = frames(both, tmp_path)[0]
    assert (picture[:160, :90, 0] - picture[:160, :90, 1] > 150).any()
    assert (picture[160:, 90:].min(axis=2) > 220).any()


def test_a_tall_picture_is_never_higher_than_the_frame(media: MediaInfo, tmp_path: Path) -> None:
    path = tmp_path / "tall.png"
    Image.new("RGB", (10, 400), "red").save(path)
    tall = Logo(str(path), content_fingerprint(path), corner="center", width=0.9)
    picture = frames(replace(plan(media), logo=tall), tmp_path)[0]
    left, _, right, bottom = changed(picture)
    assert bottom <= FRAME[1]
    assert right - left == pytest.approx(8, abs=3)


def test_a_logo_waits_for_a_title_in_its_place(media: MediaInfo, tmp_path: Path) -> None:
    title = HookTitle(("Why",), Span(0, 200), load_hook_style(), 0.16)
    marked = replace(plan(media), logo=logo(tmp_path, corner="top-left", width=0.2), hook=title)
    area = (slice(48, 72), slice(0, 60))

    def red(picture: Picture) -> bool:
        return bool(((picture[area][..., 0] - picture[area][..., 1]) > 150).any())

    shown = [red(picture) for picture in frames(marked, tmp_path)]
    assert shown == [False] * 5 + [True] * 5
    lower = replace(marked, hook=replace(title, center_y=0.5))
    assert first_frame(marked.logo or Logo("", ""), lower) == 0


def test_words_are_told_where_the_logo_is() -> None:
    frame = Frame(1080, 1920, Fraction(25))
    right = Logo("l.png", "f", "top-right", width=0.2, aspect=2.0)
    box = logo_boxes([right], frame)[0]
    assert (box.width, box.height) == (216, 108)
    assert box.x + box.width == 1080 - 54
    assert box.y == safe_area(frame).top
    low = logo_boxes([replace(right, corner="bottom-left")], frame)[0]
    assert low.y + low.height == safe_area(frame).bottom
    middle = logo_boxes([replace(right, corner="center")], frame)[0]
    assert middle.x + middle.width / 2 == 540


def test_the_place_is_even_so_that_colours_stay_sharp() -> None:
    x, y = logo_place(Logo("l.png", "f", "top-left"), Frame(1080, 1920, Fraction(25)))
    assert (int(x) % 2, int(y) % 2) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"corner": "middle"}, "logo.corner 'middle' is none of top-left"),
        ({"width": 0.0}, "logo.width 0 is not"),
        ({"width": 1.5}, "logo.width 1.5 is not"),
        ({"opacity": 2.0}, "logo.opacity 2 is not"),
    ],
)
def test_a_logo_that_cannot_be_drawn_is_a_fault(
    media: MediaInfo, tmp_path: Path, fields: dict[str, object], told: str
) -> None:
    assert told in fault_of(replace(plan(media), logo=logo(tmp_path, **fields)))
