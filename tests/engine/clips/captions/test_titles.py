"""Titles on stills: wrapped evenly, drawn inside the safe area."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.captions.titles import draw_title, load_title_style, set_title
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.fonts.fonts import emoji_font_path
from goviral.engine.clips.plans.plan import Captions, Frame

FRAME = Frame(1080, 1920, Fraction(30))


def lines(captions: Captions) -> list[str]:
    return [" ".join(word.text for word in line) for line in captions.pages[0].lines]


def titled(text: str, language: str = "en") -> Captions:
    return set_title(text, load_title_style(), FRAME, language)


def test_a_short_title_is_one_line() -> None:
    assert lines(titled("Sleep")) == ["SLEEP"]


def test_a_long_title_is_wrapped_evenly() -> None:
    shown = lines(titled("Why your brain cleans itself at night"))
    assert 3 <= len(shown) <= 4
    widths = [len(line) for line in shown]
    assert max(widths) <= 2 * min(widths)


def test_no_line_is_wider_than_there_is_room() -> None:
    setter = Typesetter(load_title_style(), FRAME)
    assert all(
        setter.fits(line.split()) for line in lines(titled("The one habit that ruins it all"))
    )


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["a", "talk", "about", "incomprehensibilities"]), min_size=1))
def test_every_word_of_a_title_is_kept_in_order(words: list[str]) -> None:
    captions = titled(" ".join(words))
    assert " ".join(lines(captions)).lower().split() == words
    assert len(captions.pages[0].lines) <= load_title_style().max_lines


@pytest.mark.parametrize(
    ("text", "language"), [("Why we sleep", "en"), ("لماذا ننام؟", "ar"), ("なぜ 眠る", "ja")]
)
def test_a_title_is_drawn_inside_the_safe_area(text: str, language: str) -> None:
    plain = Image.new("RGB", (540, 960), (90, 110, 100))
    frame = Frame(540, 960, Fraction(30))
    drawn = draw_title(plain, set_title(text, load_title_style(), frame, language))
    changed = np.abs(np.asarray(drawn, np.int16) - np.asarray(plain, np.int16)).max(axis=2) > 60
    rows, columns = np.nonzero(changed)
    area = safe_area(frame)
    assert area.top <= rows.min()
    assert rows.max() <= area.bottom
    assert area.left <= columns.min()
    assert columns.max() <= area.right
    assert np.asarray(drawn)[changed].max() > 240


@pytest.mark.skipif(emoji_font_path() is None, reason="no Noto Color Emoji here")
def test_an_emoji_in_a_title_is_a_picture() -> None:
    frame = Frame(540, 960, Fraction(30))
    plain = Image.new("RGB", (540, 960), (90, 110, 100))
    drawn = np.asarray(draw_title(plain, set_title("🔥", load_title_style(), frame)), np.int16)
    assert ((drawn[..., 0] > 230) & (drawn[..., 2] < 90)).sum() > 200
