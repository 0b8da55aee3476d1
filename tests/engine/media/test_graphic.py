"""Pictures made to be read, told from filmed ones."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from engine.media.faces import wall, with_face
from engine.media.reels import texture
from goviral.engine.media.content import Box, is_graphic

WHOLE = Box(0, 0, 640, 360)
LINES = ("Light in the evening", "Coffee after noon", "Screens in bed", "No fixed rhythm")
Color = tuple[int, int, int]


def slide(ground: Color, ink: Color) -> NDArray[np.uint8]:
    picture = Image.new("RGB", (1280, 720), ground)
    pen = ImageDraw.Draw(picture)
    pen.text((80, 60), "Why we sleep badly", font=ImageFont.load_default(72), fill=ink)
    for row, text in enumerate(LINES):
        pen.text((120, 220 + 90 * row), text, font=ImageFont.load_default(44), fill=ink)
    return np.asarray(picture.resize((640, 360), Image.Resampling.BOX), np.uint8)


@pytest.mark.parametrize(
    ("ground", "ink"),
    [
        ((255, 255, 255), (20, 20, 40)),
        ((18, 22, 40), (240, 240, 240)),
        ((40, 80, 160), (255, 255, 255)),
    ],
)
@pytest.mark.parametrize("has_faces", [True, False])
def test_a_slide_is_graphic(ground: Color, ink: Color, has_faces: bool) -> None:
    assert is_graphic(slide(ground, ink), WHOLE, has_faces=has_faces)


def test_a_slide_with_the_speaker_in_a_corner_is_graphic() -> None:
    picture, _ = with_face(slide((255, 255, 255), (20, 20, 40)), 520, 240, 60)
    assert is_graphic(picture, WHOLE, has_faces=True)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_filmed_is_not(seed: int) -> None:
    assert not is_graphic(texture(seed, 640, 360), WHOLE, has_faces=False)
    picture, _ = with_face(wall(640, 360, seed), 270, 90, 120)
    assert not is_graphic(picture, WHOLE, has_faces=True)


def test_a_head_before_a_black_wall_is_not() -> None:
    picture, _ = with_face(np.full((360, 640, 3), 8, np.uint8), 270, 90, 110)
    assert not is_graphic(picture, WHOLE, has_faces=True)


def test_bars_do_not_count_as_even_ground() -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[:, 220:420] = np.random.default_rng(1).integers(0, 255, (360, 200, 3), dtype=np.uint8)
    assert not is_graphic(picture, Box(220, 0, 200, 360), has_faces=False)


def test_nothing_is_not_graphic() -> None:
    assert not is_graphic(np.zeros((360, 640, 3), np.uint8), Box(0, 0, 0, 0), has_faces=False)
    assert not is_graphic(np.full((360, 640, 3), 90, np.uint8), WHOLE, has_faces=False)
