"""Captions as drawn: text that cannot become a command, and frames that show what was planned."""

import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from goviral.engine.clips.captions import ass
from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.captions.typesetting import PlacedWord, Typesetter
from goviral.engine.clips.plans.plan import Captions, CaptionWord, Frame
from goviral.engine.transcripts.document import Word
from goviral.kit.timecode import Span, frame_at
from pictures import Burned, burn, small_frame

CLIP = Span(0, 3000)
# Odd times: none on a frame, one a rounding away from the next.
SAID = (("So", 133), ("the", 400), ("thing", 601), ("is", 999), ("easy.", 1334), ("Really", 1880))


def said(texts: tuple[tuple[str, int], ...] = SAID, end_ms: int = 2400) -> list[Word]:
    ends = [start for _, start in texts[1:]] + [end_ms]
    return [Word(text, start, end - 10) for (text, start), end in zip(texts, ends, strict=True)]


def planned(style: str, frame: Frame, words: list[Word], language: str = "en") -> Captions:
    return plan_captions(
        words, clip_span=CLIP, style=load_style(style), frame=frame, language=language
    )


def region(word: PlacedWord, baseline: float, em: float) -> tuple[slice, slice]:
    """The pixels of a word, capitals only: no neighbour's shadow reaches far into them."""
    rows = slice(round(baseline - 0.7 * em), round(baseline))
    return rows, slice(round(word.x), round(word.x + word.width))


def placed_words(captions: Captions, frame: Frame) -> list[tuple[PlacedWord, float, float, Span]]:
    setter = Typesetter(captions.style, frame, captions.language)
    return [
        (word, line.baseline, page.em, page.span)
        for page in map(setter.place, captions.pages)
        for line in page.lines
        for word in line.words
    ]


def moved(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """How much of a region changed its colour."""
    return float((np.abs(one - other).max(axis=-1) > 40).mean())


RATES = (Fraction(30000, 1001), Fraction(25), Fraction(60))


@pytest.mark.parametrize(
    ("style", "rate"),
    [(name, Fraction(30)) for name in STYLE_NAMES] + [("spotlight", rate) for rate in RATES],
)
def test_words_light_up_on_their_frame_and_stay_put(
    style: str, rate: Fraction, tmp_path: Path
) -> None:
    frame = small_frame(rate)
    captions = planned(style, frame, said())
    burned = burn(captions, frame, tmp_path, count=frame_at(2600, rate))
    for word, baseline, em, page in placed_words(captions, frame):
        at = region(word, baseline, em)
        on = frame_at(word.word.start_ms, rate)
        shown = frame_at(page.start_ms, rate)
        assert moved(burned.frames[on - 1][at], burned.frames[on][at]) > 0.05, word.word.text
        if on > shown:
            before = [burned.frames[index][at] for index in range(shown, on)]
            still = [moved(one, other) for one, other in pairwise(before)]
            # A growing neighbour may touch the edge of this word; nothing else changes before its time.
            assert max(still, default=0.0) < 0.04, word.word.text


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_a_page_appears_with_its_first_word_and_then_leaves(style: str, tmp_path: Path) -> None:
    frame = small_frame()
    captions = planned(style, frame, said())
    burned = burn(captions, frame, tmp_path, count=90)
    first, last = frame_at(133, frame.fps), captions.pages[-1].span.end_ms
    assert not burned.changed(first - 1).any()
    assert burned.changed(first).any()
    assert burned.changed(frame_at(last, frame.fps) - 1).any()
    assert not burned.changed(frame_at(last, frame.fps)).any()


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_nothing_is_drawn_outside_the_safe_area(style: str, tmp_path: Path) -> None:
    frame = small_frame()
    texts = (("Wide", 0), ("WWWWWW", 300), ("words", 600), ("Ägypten.", 900), ("W" * 40, 1500))
    captions = planned(style, frame, said(texts))
    for centre in (0.0, 1.0):
        moved_there = replace(captions, style=replace(captions.style, center_y=centre))
        burned = burn(moved_there, frame, tmp_path / str(centre), count=70)
        area = safe_area(frame)
        for index in range(0, 70, 5):
            rows, columns = np.nonzero(burned.changed(index, threshold=40))
            if len(rows):
                assert area.top - 1 <= rows.min()
                assert rows.max() <= area.bottom + 1
                assert area.left - 1 <= columns.min()
                assert columns.max() <= area.right + 1


def test_a_page_shows_at_most_two_lines(tmp_path: Path) -> None:
    frame = small_frame()
    captions = planned("punch", frame, said())
    captions = replace(captions, style=replace(captions.style, outline=0, shadow=0))
    burned = burn(captions, frame, tmp_path, count=70)
    most = 0
    for index in range(0, 70, 3):
        inked = burned.changed(index, threshold=60).any(axis=1).astype(int)
        most = max(most, int((np.diff(inked) == 1).sum()))
    assert most == 2


TEXTS = {
    "en": "AVATAR {\\b1}x \\N\\h C:\\new} 100%",
    "ar": "مرحبا في ينظف، ورحمة (هذا) 2024 iPhone",
    "he": "שלום לכם, 2024",
    "hi": "नमस्ते क्षत्रिय मस्तिष्क हिंदी",
    "ja": "日本 語 の 字幕 です",
    "ko": "안녕하세요 여러분",
    "ru": "Привет, ёжик",
    "vi": "Ấn tượng",
}


@pytest.mark.parametrize("language", TEXTS)
def test_every_script_is_drawn_where_it_was_placed(language: str, tmp_path: Path) -> None:
    """Measured by HarfBuzz, drawn by libass: each word's ink must lie in its own place, none in the
    gaps. A replaced font, a box for a missing glyph or a wrong order would not fit."""
    frame = Frame(540, 960, Fraction(30))
    tokens = TEXTS[language].split(" ")
    words = [Word(token, 200 * i, 200 * i + 190) for i, token in enumerate(tokens)]
    captions = planned("clean", frame, words, language)
    flat = replace(captions.style, outline=0, shadow=0, shadow_blur=0, active_color="#FFFFFF")
    captions = replace(captions, style=flat)
    burned = burn(captions, frame, tmp_path, count=6 * len(tokens) + 1)
    if "left out" in " ".join(burned.assets.notes):
        pytest.skip("no system font for this script here")
    for word, baseline, em, page in placed_words(captions, frame):
        picture = burned.changed(frame_at(page.start_ms, frame.fps) + 1, threshold=60)
        rows = slice(round(baseline - 1.0 * em), round(baseline + 0.45 * em))
        left, right = word.x, word.x + word.width
        ink = np.nonzero(picture[rows, round(left - em * 0.12) : round(right + em * 0.12)])[1]
        assert len(ink), word.word.text
        assert ink.min() - em * 0.12 < 0.2 * em, word.word.text
        assert ink.max() - em * 0.12 > word.width - 0.2 * em, word.word.text
    assert_no_font_was_replaced(burned)


def assert_no_font_was_replaced(burned: Burned) -> None:
    wanted = set(re.findall(r"\\fn([^\\}]+)", burned.assets.ass_path.read_text("utf-8")))
    chosen = dict(re.findall(r"fontselect: \(([^,]+), \d+, \d+\) -> ([^,]+),", burned.log))
    for name in wanted:
        assert re.sub(r"\W", "", name) in re.sub(
            r"\W", "", chosen[name] + burned.log.split(name)[-1]
        )
    assert "Glyph 0x" not in burned.log
    assert "failed to find any fallback" not in burned.log


def test_a_character_without_a_font_is_left_out_with_a_note(tmp_path: Path) -> None:
    frame = small_frame()
    words = [Word("\U00012000\U00012001", 0, 1000)]
    burned = burn(planned("clean", frame, words), frame, tmp_path, count=10)
    assert not burned.changed(5).any()
    assert "\U00012000" in burned.assets.notes[0]


def test_a_missing_character_leaves_its_neighbours(tmp_path: Path) -> None:
    frame = small_frame()
    words = [Word("a\U00012000b", 0, 1000)]
    burned = burn(planned("clean", frame, words), frame, tmp_path, count=10)
    assert burned.changed(5).any()
    assert_no_font_was_replaced(burned)


def test_only_our_own_fonts_can_be_chosen(tmp_path: Path) -> None:
    frame = small_frame()
    assets = ass.draw_captions(planned("clean", frame, said()), frame, tmp_path)
    assert [path.name for path in assets.fonts_dir.iterdir()] == ["Manrope-ExtraBold.ttf"]
    config = Path(assets.environment["FONTCONFIG_FILE"]).read_text("utf-8")
    assert re.findall("<dir>(.*?)</dir>", config) == [str(assets.fonts_dir)]


def test_a_folder_with_any_name_works(tmp_path: Path) -> None:
    frame = small_frame()
    folder = tmp_path / "a & b <c>"
    assets = ass.draw_captions(planned("clean", frame, said()), frame, folder)
    assert "a &amp; b &lt;c&gt;" in Path(assets.environment["FONTCONFIG_FILE"]).read_text("utf-8")


def test_the_same_captions_are_the_same_file(tmp_path: Path) -> None:
    frame = small_frame()
    captions = planned("punch", frame, said())
    one = ass.draw_captions(captions, frame, tmp_path / "one").ass_path.read_bytes()
    assert one == ass.draw_captions(captions, frame, tmp_path / "other").ass_path.read_bytes()


def test_an_emphasised_word_has_its_own_colour(tmp_path: Path) -> None:
    frame = small_frame()
    captions = planned("punch", frame, said((("alpha", 0), ("omega", 1000)), 2000))
    first, second = (word for line in captions.pages[0].lines for word in line)
    strong = replace(captions.pages[0], lines=((first,), (replace(second, emphasis=True),)))
    text = ass.draw_captions(replace(captions, pages=(strong,)), frame, tmp_path)
    assert "\\1c&H6BE637&" in text.ass_path.read_text("utf-8")


def test_a_line_box_lies_behind_the_words(tmp_path: Path) -> None:
    frame = small_frame()
    captions = planned("clean", frame, said())
    boxed = replace(captions.style, box_color="#101010", box_radius=12, box_padding=20)
    burned = burn(replace(captions, style=boxed), frame, tmp_path, count=12)
    dark = (burned.frames[10].max(axis=2) < 60).sum()
    assert dark > 4000


def test_an_empty_page_draws_nothing(tmp_path: Path) -> None:
    frame = small_frame()
    captions = planned("clean", frame, said())
    gone = replace(captions.pages[0], lines=((CaptionWord("\u200d", 0, 100),),))
    text = ass.draw_captions(replace(captions, pages=(gone,)), frame, tmp_path).ass_path
    assert "Dialogue" not in text.read_text("utf-8")


def test_a_folder_used_twice_keeps_its_fonts(tmp_path: Path) -> None:
    frame = small_frame()
    captions = planned("clean", frame, said())
    one, other = (ass.draw_captions(captions, frame, tmp_path) for _ in range(2))
    assert one == other
