"""Places of words: centred, apart, in the area, in reading order."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.captions.typesetting import PlacedPage, Typesetter
from goviral.engine.clips.plans.plan import CaptionPage, CaptionWord, Frame
from goviral.kit.timecode import Span

FRAME = Frame(1080, 1920, Fraction(30))


def page(*lines: str) -> CaptionPage:
    return CaptionPage(
        Span(0, 1000), tuple(tuple(CaptionWord(w, 0, 500) for w in line.split()) for line in lines)
    )


def placed(*lines: str, style: str = "clean", language: str = "und") -> PlacedPage:
    return Typesetter(load_style(style), FRAME, language).place(page(*lines))


def test_lines_are_centred() -> None:
    for line in placed("one two", "three").lines:
        assert line.x + line.width / 2 == pytest.approx(540)


def test_words_follow_each_other_with_a_space() -> None:
    (line,) = placed("one two").lines
    first, second = line.words
    assert second.x > first.x + first.width + 10


def test_right_to_left_words_follow_each_other_to_the_left() -> None:
    (line,) = placed("שלום לכם", language="he").lines
    first, second = line.words
    assert first.x > second.x + second.width


def test_unspaced_words_touch() -> None:
    (line,) = placed("日本 語").lines
    first, second = line.words
    assert second.x == pytest.approx(first.x + first.width)


def test_a_line_that_is_too_wide_makes_the_page_smaller() -> None:
    setter = Typesetter(load_style("punch"), FRAME)
    small = setter.place(page("INTERNATIONALIZATIONS", "NOW"))
    assert small.em < setter.em
    widest = max(line.width for line in small.lines)
    assert widest <= setter.max_width


def test_a_word_that_cannot_be_drawn_leaves_no_hole() -> None:
    setter = Typesetter(load_style("clean"), FRAME)
    (line,) = setter.place(page("one \U00012000 two")).lines
    (other,) = setter.place(page("one two")).lines
    assert line.width == pytest.approx(other.width)
    assert setter.missing == {"\U00012000"}


LOST = pytest.mark.parametrize("lost", ["\U00012000", "🔥"])
"""What no font here draws: of a script nobody has, or an emoji where there is no font for any."""


def without_emoji() -> Typesetter:
    return Typesetter(load_style("clean"), FRAME, emoji=lambda _text: None)


@LOST
def test_punctuation_goes_with_the_word_that_it_belonged_to(lost: str) -> None:
    setter = without_emoji()
    (line,) = setter.place(page(f"one {lost}! “{lost}?” two")).lines
    assert [word.word.text for word in line.words] == ["one", "two"]
    assert setter.missing == {lost}


@LOST
@pytest.mark.parametrize("text", ["{}!", "{} {} !", "({}) – {}?"])
def test_a_page_of_which_nothing_but_punctuation_is_left_is_not_drawn(lost: str, text: str) -> None:
    setter = without_emoji()
    assert setter.place(page(text.replace("{}", lost))).lines == ()
    assert setter.missing == {lost}


@LOST
@pytest.mark.parametrize("text", ["{} no!", "{} 100 %", "{} ♪"])
def test_words_figures_and_signs_beside_what_is_lost_stay(lost: str, text: str) -> None:
    setter = without_emoji()
    (line,) = setter.place(page(text.format(lost))).lines
    assert [word.word.text for word in line.words] == text.split()[1:]


def test_punctuation_that_somebody_wrote_alone_is_drawn() -> None:
    (line,) = placed("?! …").lines
    assert [word.word.text for word in line.words] == ["?!", "…"]


def test_an_emoji_keeps_its_punctuation_where_there_is_a_font_for_it() -> None:
    setter = Typesetter(load_style("clean"), FRAME, emoji=lambda text: f"a picture of {text}")
    (line,) = setter.place(page("🔥!")).lines
    assert setter.missing == set()
    assert [part.part.text for part in line.words[0].parts] == ["🔥", "!"]


def test_a_word_in_two_scripts_is_one_place() -> None:
    (line,) = placed("xשy z").lines
    first, second = line.words
    assert len(first.parts) == 3 or len(first.parts) == 1
    assert second.x > first.x + first.width


def test_a_neighbour_on_the_line_need_not_be_one_in_speech() -> None:
    (line,) = placed("שלום iPhone Pro עולם", language="he").lines
    hello, phone, pro, world = line.words
    assert world.x < phone.x < pro.x < hello.x


@pytest.mark.parametrize("name", STYLE_NAMES)
@pytest.mark.parametrize("centre", [0.0, 0.3, 0.63, 1.0])
def test_the_block_stays_in_the_safe_area(name: str, centre: float) -> None:
    style = replace(load_style(name), center_y=centre)
    setter = Typesetter(style, FRAME)
    shown = setter.place(page("Ä gy", "Ç py"))
    area = safe_area(FRAME)
    assert shown.lines[0].baseline - shown.em * 0.95 >= area.top
    assert shown.lines[-1].baseline + shown.em * 0.32 <= area.bottom


words = st.lists(
    st.sampled_from(["a", "word", "שלום", "日本", "7", "longerword"]), min_size=1, max_size=6
)


@given(words, st.sampled_from(STYLE_NAMES))
def test_words_never_overlap_nor_leave_the_area(texts: list[str], name: str) -> None:
    setter = Typesetter(load_style(name), FRAME)
    (line,) = setter.place(page(" ".join(texts))).lines
    places = sorted((word.x, word.x + word.width) for word in line.words)
    assert all(one[1] <= other[0] + 0.01 for one, other in pairwise(places))
    assert places[0][0] >= setter.area.left - 0.01
    assert places[-1][1] <= setter.area.right + 0.01
