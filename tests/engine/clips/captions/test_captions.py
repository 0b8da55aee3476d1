"""Captions of a clip: which words, as drawn, where."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.clearance import Ground
from goviral.engine.clips.captions.lines import SMALLEST
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import Captions, CaptionStyle, Frame
from goviral.engine.clips.plans.screen import Seen
from goviral.engine.transcripts.document import Word
from goviral.engine.transcripts.formats import read_transcript
from goviral.kit.timecode import Span

FRAME = Frame(1080, 1920, Fraction(30))
CLIP = Span(10_000, 40_000)
CLEAN = load_style("clean")


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


def words(*texts: str, start_ms: int = 10_000, each_ms: int = 400) -> list[Word]:
    return [
        Word(text, start_ms + index * each_ms, start_ms + (index + 1) * each_ms - 20)
        for index, text in enumerate(texts)
    ]


def planned(said: list[Word], style: CaptionStyle = CLEAN, language: str = "en") -> Captions:
    return plan_captions(said, clip_span=CLIP, style=style, frame=FRAME, language=language)


def drawn(captions: Captions) -> list[str]:
    return [word.text for page in captions.pages for line in page.lines for word in line]


def test_times_count_from_the_start_of_the_clip() -> None:
    captions = planned(words("hello", "there", start_ms=12_500))
    assert captions.pages[0].span.start_ms == 2500
    assert captions.pages[0].lines[0][0].start_ms == 2500


def test_only_words_of_the_clip_are_captioned() -> None:
    said = [Word("before", 9000, 9900), *words("inside"), Word("after", 40_000, 40_500)]
    assert drawn(planned(said)) == ["inside"]


def test_a_last_word_ends_with_the_clip() -> None:
    captions = planned([Word("long", 39_000, 45_000)])
    assert captions.pages[0].span == Span(29_000, 30_000)


def test_no_words_no_pages() -> None:
    assert planned([]).pages == ()


def test_text_is_one_clean_line() -> None:
    assert drawn(planned([Word(" a\n\tb\x00\u200b ", 10_000, 10_500)])) == ["a b"]


def test_a_word_of_nothing_is_left_out() -> None:
    assert drawn(planned(words("a", " \n", "b"))) == ["a", "b"]


def test_upper_case_follows_the_language() -> None:
    style = load_style("punch")
    assert drawn(planned(words("istanbul"), style, "tr")) == ["İSTANBUL"]
    assert drawn(planned(words("Μιλήσουμε"), style, "el")) == ["ΜΙΛΗΣΟΥΜΕ"]
    assert drawn(planned(words("istanbul"), style, "en")) == ["ISTANBUL"]


def test_light_punctuation_drops_stops_but_still_breaks_at_them() -> None:
    style = replace(CLEAN, punctuation="light")
    captions = planned(words("Yes,", "it", "does.", "Really?", "3.5", "well,"), style)
    assert drawn(captions) == ["Yes,", "it", "does", "Really?", "3.5", "well"]
    assert [len(page.lines[0]) for page in captions.pages][:2] == [3, 1]


def test_a_change_of_speaker_starts_a_page() -> None:
    one, other = words("yes", "no")
    captions = planned([replace(one, speaker="A"), replace(other, speaker="B")])
    assert len(captions.pages) == 2


def test_a_word_stays_lit_over_a_short_gap_and_not_over_a_long_one() -> None:
    said = [
        Word("one", 10_000, 10_200),
        Word("two", 10_400, 10_600),
        Word("three", 11_050, 11_200),
    ]
    one, two, _ = (w for page in planned(said).pages for line in page.lines for w in line)
    assert (one.end_ms, two.end_ms) == (400, 600)


def test_overlapping_unsorted_words_get_times_of_their_own() -> None:
    said = [Word("two", 10_300, 10_900), Word("one", 10_000, 10_800)]
    one, two = (w for page in planned(said).pages for line in page.lines for w in line)
    assert (one.text, one.end_ms, two.start_ms) == ("one", 300, 300)


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_an_endless_word_is_cut_into_pieces_that_fit(name: str) -> None:
    style = load_style(name)
    text = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
    captions = planned([Word(text, 10_000, 13_000)], style, "de")
    pieces = drawn(captions)
    setter = Typesetter(style, FRAME, "de")
    assert all(setter.fits([piece]) for piece in pieces)
    assert "".join(piece.removesuffix("-") for piece in pieces).lower() == text.lower()
    assert all(piece.endswith("-") for piece in pieces[:-1])
    assert captions.pages[-1].lines[-1][-1].end_ms == 3000


def test_a_word_a_little_too_wide_is_kept_whole() -> None:
    style = load_style("punch")
    text = "INTERNATIONALE"
    setter = Typesetter(style, FRAME)
    assert setter.line_width([text]) > setter.max_width
    assert drawn(planned(words(text), style)) == [text]


def test_unspaced_text_is_cut_at_its_commas_first() -> None:
    text = "这是一个没有空格的中文句子，需要被分成很多段落才能显示。"
    pieces = drawn(planned([Word(text, 10_000, 16_000)], language="zh"))
    assert "".join(pieces) == text
    assert any(piece.endswith("，") for piece in pieces)
    assert not any(piece[0] in "，。" for piece in pieces)


def test_captions_move_off_a_face_and_stay_in_the_safe_area() -> None:
    chin = Box(200, 1000, 680, 330)
    free = planned(words("hello", "there")).style.center_y
    moved = plan_captions(
        words("hello", "there"),
        clip_span=CLIP,
        style=CLEAN,
        frame=FRAME,
        ground=Ground([Seen(0, (chin,))]),
    ).style.center_y
    half = CLEAN.line_height * CLEAN.size / 1920
    assert free == CLEAN.center_y
    assert moved - half >= (chin.y + chin.height) / 1920 - 0.01 or moved + half <= chin.y / 1920
    assert moved - half >= 240 / 1920
    assert moved + half <= 1500 / 1920


def centre_beside(box: Box) -> float:
    captions = plan_captions(
        words("hello", "there"),
        clip_span=CLIP,
        style=CLEAN,
        frame=FRAME,
        ground=Ground([Seen(0, (box,))]),
    )
    return captions.style.center_y


def test_a_face_that_fills_the_frame_moves_captions_no_further_than_the_safe_area() -> None:
    half = CLEAN.line_height * CLEAN.size / 1920
    assert 0.63 <= centre_beside(Box(0, 0, 1080, 1920)) <= 1500 / 1920 - half


def test_a_chin_is_hidden_rather_than_a_mouth_and_a_mouth_rather_than_eyes() -> None:
    face = Box(60, 560, 910, 900)
    top = centre_beside(face) - CLEAN.line_height * CLEAN.size / 1920
    assert top * 1920 > face.y + 0.7 * face.height


@given(
    st.lists(
        st.tuples(st.text(max_size=24), st.integers(9_000, 41_000), st.integers(-50, 2000)),
        max_size=12,
    ),
    st.sampled_from(STYLE_NAMES),
)
def test_whatever_was_said_the_captions_are_sound(
    said: list[tuple[str, int, int]], name: str
) -> None:
    captions = planned(
        [Word(text, start, start + length) for text, start, length in said], load_style(name)
    )
    before_ms = 0
    for page in captions.pages:
        assert before_ms <= page.span.start_ms < page.span.end_ms <= CLIP.duration_ms
        assert 1 <= len(page.lines) <= 2
        for word in (word for line in page.lines for word in line):
            assert word.text == word.text.strip() != ""
            assert "\n" not in word.text
            assert page.span.start_ms <= word.start_ms < word.end_ms
        before_ms = page.span.end_ms


def test_a_word_of_several_clauses_is_cut_where_they_end() -> None:
    text = "https://example.org/very/long;and-much-longer-than-any-line;could-ever-be"
    pieces = drawn(planned([Word(text, 10_000, 16_000)]))
    assert len(pieces) >= 3
    assert any(piece.endswith(";") for piece in pieces)


def test_one_letter_wider_than_a_line_is_drawn_smaller() -> None:
    huge = replace(CLEAN, size=3000)
    assert drawn(planned(words("WW"), huge)) == ["W", "W"]


TALK = Path(__file__).parents[4] / "examples" / "talk.json"


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_a_whole_talk_is_set_in_lines_that_can_be_read(name: str) -> None:
    """At most 20 characters a second, or one line of a few words; two to seven words a line, fewer only
    where two do not fit or the breath has no more."""
    talk, style = read_transcript(TALK), load_style(name)
    span = Span(0, talk.duration_ms)
    captions = plan_captions(talk.words, clip_span=span, style=style, frame=FRAME, language="en")
    setter = Typesetter(style, FRAME, "en")
    lonely, lines = 0, 0
    for page, following in pairwise((*captions.pages, None)):
        assert page is not None
        until_ms = following.span.start_ms if following else page.span.end_ms
        read = sum(len(word.text) for line in page.lines for word in line)
        if read * 1000 / (min(until_ms, page.span.end_ms) - page.span.start_ms) > 20.5:
            assert [len(line) <= 3 for line in page.lines] == [True]
        for line in page.lines:
            lines += 1
            lonely += len(line) == 1
            assert len(line) <= 7
            texts = [word.text for word in line]
            assert len(line) == 1 or setter.size_on_line(texts) >= SMALLEST
    assert lonely <= 0.025 * lines
