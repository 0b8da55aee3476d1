"""Text keeps clear of faces, and where it cannot, hides what matters least."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions.clearance import Ground, clear_of, hidden_share
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import Frame
from goviral.engine.clips.plans.screen import Seen

FRAME = Frame(1080, 1920, Fraction(30))


@dataclass(frozen=True)
class Face:
    x: float
    y: float
    width: float
    height: float


def block(*faces: Face, style: str = "clean", lines: int = 2) -> tuple[float, float]:
    """Top and bottom of the text, in pixels."""
    setter = Typesetter(load_style(style), FRAME)
    half = lines * setter.style.line_height * setter.em / 2
    middle = clear_of(Ground([Seen(0, faces)]), setter, FRAME, lines).center_y * FRAME.height
    return middle - half, middle + half


def test_without_faces_nothing_moves() -> None:
    setter = Typesetter(load_style("clean"), FRAME)
    assert clear_of(Ground(), setter, FRAME, 2) == setter.style


def test_text_moves_below_a_chin() -> None:
    top, _ = block(Face(200, 700, 680, 480))
    assert top >= 700 + 0.88 * 480


def test_text_stays_when_a_face_is_elsewhere() -> None:
    assert block(Face(300, 300, 400, 400)) == block()


def test_a_time_with_small_faces_counts_as_much_as_one_with_large_ones() -> None:
    setter = Typesetter(load_style("clean"), FRAME)
    large, small = Face(100, 200, 880, 880), Face(500, 1000, 100, 100)
    assert hidden_share([Seen(0, (small,))], 1000, 1100) > 2
    both = [Seen(0, (large,)), Seen(500, (small,))]
    assert hidden_share(both, 1000, 1100) > 1
    middle = clear_of(Ground(both), setter, FRAME, 2).center_y * FRAME.height
    half = setter.style.line_height * setter.em
    assert middle - half >= small.y + 0.88 * small.height


def test_text_keeps_clear_of_a_logo_it_would_meet_and_passes_by_another() -> None:
    logo = Face(800, 1150, 200, 200)
    ground = Ground(marks=[logo])
    assert ground.met_by(700, FRAME).marks == [logo]
    assert ground.met_by(400, FRAME).marks == []
    setter = Typesetter(load_style("clean"), FRAME)
    half = setter.style.line_height * setter.em
    middle = clear_of(ground, setter, FRAME, 2).center_y * FRAME.height
    assert middle + half <= logo.y or middle - half >= logo.y + logo.height


def test_a_logo_is_hidden_rather_than_a_mouth() -> None:
    face = Seen(0, (Face(200, 500, 680, 600),))
    over_the_logo, on_the_mouth = (1200.0, 1420.0), (880.0, 1100.0)
    ground = Ground([face], [Face(800, 1200, 200, 200)])
    assert 0 < ground.hidden(over_the_logo) < ground.hidden(on_the_mouth)


def test_a_time_without_faces_does_not_count() -> None:
    face = Seen(0, (Face(100, 200, 880, 880),))
    assert hidden_share([face, Seen(300, ())], 300, 400) == hidden_share([face], 300, 400)


def test_a_chin_is_hidden_rather_than_a_mouth_and_a_mouth_rather_than_eyes() -> None:
    face = Face(60, 560, 910, 900)
    assert block(face)[0] > face.y + 0.7 * face.height


@pytest.mark.parametrize("style", STYLE_NAMES)
@given(
    st.lists(
        st.builds(
            Face, st.just(0.0), st.floats(-500, 1900), st.floats(1, 1080), st.floats(1, 1920)
        ),
        max_size=4,
    )
)
def test_text_never_leaves_the_safe_area(style: str, faces: list[Face]) -> None:
    top, bottom = block(*faces, style=style)
    assert top >= 240
    assert bottom <= 1500
