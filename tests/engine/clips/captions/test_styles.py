"""Caption styles: data that is whole and can be drawn."""

import re

import pytest

from goviral.engine.clips.captions.styles import DEFAULT_STYLE, STYLE_NAMES, load_style, parse_style
from goviral.engine.clips.captions.titles import load_title_style
from goviral.engine.clips.fonts.fonts import find_face
from goviral.kit.errors import InputError

COLOR = re.compile(r"#[0-9A-F]{6}([0-9A-F]{2})?")


def test_there_are_styles_and_one_is_the_default() -> None:
    assert len(STYLE_NAMES) >= 3
    assert DEFAULT_STYLE in STYLE_NAMES


@pytest.mark.parametrize("name", STYLE_NAMES)
class TestEveryStyle:
    """The contract of a style file."""

    def test_names_itself_after_its_file(self, name: str) -> None:
        assert load_style(name).name == name

    def test_uses_a_packaged_font_in_exactly_that_weight(self, name: str) -> None:
        style = load_style(name)
        assert find_face(style.font, style.weight).name

    def test_writes_colours_in_one_form(self, name: str) -> None:
        style = load_style(name)
        needed = (style.color, style.active_color, style.outline_color, style.shadow_color)
        optional = (style.box_color, style.upcoming_color, style.emphasis_color)
        assert all(COLOR.fullmatch(color) for color in needed)
        assert all(COLOR.fullmatch(color) for color in optional if color)

    def test_promises_only_what_can_be_drawn(self, name: str) -> None:
        style = load_style(name)
        assert style.highlight in ("color", "box", "pop", "none")
        assert style.punctuation in ("keep", "light")
        assert 2 <= style.max_words <= 7
        assert 1 <= style.max_lines <= 2
        assert (style.highlight == "pop") == (style.active_scale != 1)
        assert not (style.highlight == "box" and not style.box_color)

    def test_shows_the_spoken_word(self, name: str) -> None:
        style = load_style(name)
        base = style.upcoming_color or style.color
        assert style.highlight in ("box", "pop") or style.active_color != base


def test_an_unknown_style_is_told_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        load_style("../plan")
    assert all(name in caught.value.remedy for name in STYLE_NAMES)


def test_a_misspelt_field_is_named() -> None:
    with pytest.raises(InputError, match="colour"):
        parse_style({"colour": "#FFFFFF"}, "mine")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InputError, match="font"):
        parse_style({"size": 80}, "mine")


def test_the_title_style_is_whole() -> None:
    assert load_title_style().max_lines >= 3
