"""Fonts: found by name, chosen by what they hold, never replaced."""

from pathlib import Path

import pytest

from goviral.engine.clips.fonts import fonts
from goviral.engine.clips.fonts.face import Shape, open_face
from goviral.engine.clips.fonts.own_fonts import make_static
from goviral.kit.errors import DependencyError, InputError
from goviral.kit.settings import load_settings


def test_a_face_knows_what_libass_will_ask() -> None:
    face = fonts.find_face("Manrope", 800)
    assert face.name == "Manrope ExtraBold"
    assert face.line == pytest.approx((2132 + 600) / 2000)
    assert face.cap_height == pytest.approx(0.72)


def test_the_nearest_weight_is_taken() -> None:
    assert fonts.find_face("Roboto", 850).name == "Roboto Black"
    assert fonts.find_face("Fredoka One", 900).name == "Fredoka One"


def test_an_unknown_family_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"Comic Sans.*Fredoka One, Manrope, Roboto"):
        fonts.find_face("Comic Sans", 400)


def test_a_font_package_that_is_gone_is_a_missing_dependency() -> None:
    with pytest.raises(DependencyError, match="font-nobody-made"):
        fonts._packaged("font_nobody_made", "a.ttf")
    with pytest.raises(DependencyError, match="font-roboto"):
        fonts._packaged("font_roboto", "files/no-such-file.ttf")


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("hello", "FredokaOne"),
        ("Привет", "Manrope"),
        ("مرحبا", "Noto-Sans-Arabic"),
        ("नमस्ते", "Noto-Sans-Devanagari"),
        ("日本語", "NotoSansCJKjp"),
        ("안녕", "NotoSansCJKjp"),
    ],
)
def test_text_is_drawn_whole_in_the_first_face_that_holds_it(text: str, family: str) -> None:
    ((run, face),) = fonts.split_by_face(text, fonts.find_face("Fredoka One", 400))
    assert run == text
    assert face is not None
    assert face.path.name.startswith(family)


def test_a_character_no_font_holds_is_told_apart() -> None:
    runs = fonts.split_by_face("a\U00012000b", fonts.find_face("Manrope", 800))
    assert [(text, face is None) for text, face in runs] == [
        ("a", False),
        ("\U00012000", True),
        ("b", False),
    ]


def test_a_joiner_needs_no_glyph() -> None:
    assert fonts.find_face("Manrope", 800).holds("a\u200db\ufe0f")


def test_a_variable_font_is_pinned_to_a_weight_under_its_own_name() -> None:
    ((_, face),) = fonts.split_by_face("नमस्ते", fonts.find_face("Manrope", 800))
    assert face is not None
    assert face.name == "Noto Sans Devanagari 800"
    assert face.path.is_relative_to(load_settings().cache_dir)


def test_pinning_makes_the_letters_bold(tmp_path: Path) -> None:
    source = fonts._packaged(*fonts._VARIABLE["Noto Sans Devanagari"])
    make_static(source, tmp_path / "bold.ttf", "Bold One", {"wght": 800, "wdth": 100})
    bold, regular = open_face(tmp_path / "bold.ttf"), open_face(source)
    assert bold.shape("नमस्ते").advance > 1.03 * regular.shape("नमस्ते").advance
    assert list(tmp_path.iterdir()) == [tmp_path / "bold.ttf"]


def test_kerning_counts() -> None:
    face = fonts.find_face("Manrope", 800)
    apart = face.shape("A").advance + face.shape("V").advance
    assert face.shape("AV").advance < apart


def test_nothing_measures_nothing() -> None:
    assert fonts.find_face("Manrope", 800).shape("") == Shape(0.0, 0.0)
