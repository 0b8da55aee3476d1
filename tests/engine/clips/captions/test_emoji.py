"""Emoji: whole pictures, in their place, or left out with a note."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.clips.worded import worded
from goviral.engine.clips.captions.ass import draw_captions, draw_words
from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.emoji import emoji_image
from goviral.engine.clips.captions.hook import FADE_MS
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.fonts.fonts import emoji_font_path
from goviral.engine.clips.planning.editing import with_hook
from goviral.engine.clips.plans.plan import Captions, Frame
from goviral.engine.transcripts.document import Word
from goviral.kit.timecode import Span
from pictures import burn, small_frame

needs_font = pytest.mark.skipif(emoji_font_path() is None, reason="no Noto Color Emoji here")
FRAME = Frame(540, 960, Fraction(30))


def captions(text: str, frame: Frame = FRAME) -> Captions:
    words = [Word(token, 200 * i, 200 * i + 190) for i, token in enumerate(text.split())]
    return plan_captions(
        words, clip_span=Span(0, 3000), style=load_style("clean"), frame=frame, language="en"
    )


@needs_font
@pytest.mark.parametrize("text", ["🔥", "👍🏽", "👨‍👩‍👧", "🇫🇷", "1️⃣"])
def test_a_sequence_is_one_picture_of_its_own(text: str) -> None:
    picture = emoji_image(text)
    assert picture is not None
    assert picture.getchannel("A").getextrema() == (0, 255)
    alone = emoji_image(text[0])
    assert len(text) == 1 or alone is None or alone.tobytes() != picture.tobytes()


@needs_font
def test_an_emoji_is_drawn_in_its_place_on_the_line(tmp_path: Path) -> None:
    planned = captions("hot 🔥 now")
    burned = burn(planned, FRAME, tmp_path, count=12)
    (line,) = Typesetter(planned.style, FRAME, "en").place(planned.pages[0]).lines
    fire = line.words[1]
    picture = burned.frames[10]
    orange = (picture[..., 0] > 200) & (picture[..., 2] < 110) & (picture[..., 1] < 190)
    columns = np.nonzero(orange.any(axis=0))[0]
    assert fire.x - 1 <= columns.min()
    assert columns.max() <= fire.x + fire.width + 1
    assert len(columns) > fire.width / 2


@needs_font
def test_emoji_come_and_go_with_their_page(tmp_path: Path) -> None:
    frame = small_frame()
    burned = burn(captions("🔥", frame), frame, tmp_path, count=60)
    (overlay,) = burned.assets.overlays
    assert burned.changed(0).any()
    last = int(overlay.end_ms * 30 / 1000)
    assert burned.changed(last).any()
    assert not burned.changed(last + 1).any()


@needs_font
def test_emoji_of_a_title_that_fades_do_not_outlast_its_words(tmp_path: Path) -> None:
    plan = with_hook(worded(style=None), "Nobody told me 🔥")
    assets = draw_words(plan, tmp_path)
    assert plan.hook is not None
    assert assets is not None
    (overlay,) = assets.overlays
    assert plan.hook.span.end_ms - FADE_MS < overlay.end_ms < plan.hook.span.end_ms - FADE_MS / 4


@needs_font
def test_all_emoji_of_a_page_are_one_overlay(tmp_path: Path) -> None:
    assets = draw_captions(captions("🔥 and 🎉 end. then ✨"), FRAME, tmp_path)
    assert len(assets.overlays) == 2
    assert all(overlay.png_path.exists() for overlay in assets.overlays)


@needs_font
def test_emoji_are_never_text(tmp_path: Path) -> None:
    assets = draw_captions(captions("so🔥hot"), FRAME, tmp_path)
    assert "🔥" not in assets.ass_path.read_text("utf-8")
    assert assets.notes == ()


@needs_font
def test_an_emoji_the_font_does_not_know_is_left_out_with_a_note(tmp_path: Path) -> None:
    unknown = "\U0001faff"
    if emoji_image(unknown) is not None:
        pytest.skip("this font knows it")
    assets = draw_captions(captions(f"so {unknown} hot"), FRAME, tmp_path)
    assert assets.overlays == ()
    assert unknown in assets.notes[0]
