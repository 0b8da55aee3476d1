"""Fonts of one's own on finished frames: the very letters of the file, whatever it calls itself."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont

from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.fonts.fonts import find_face
from goviral.engine.clips.plans.plan import CaptionPage, Captions, CaptionWord, Frame
from goviral.kit.timecode import Span
from pictures import burn

FRAME = Frame(540, 960, Fraction(10))


def captions(font: str, weight: int = 700) -> Captions:
    style = replace(load_style("clean"), font=font, weight=weight, shadow=0, shadow_blur=0)
    word = CaptionWord("Hamburg", 0, 1000)
    return Captions(style, (CaptionPage(Span(0, 1000), ((word,),)),))


def test_a_file_that_calls_itself_like_another_draws_its_own_letters(tmp_path: Path) -> None:
    """Manrope's letters in a file that says it is Roboto Black: libass goes by names."""
    font = TTFont(find_face("Manrope", 800).path)
    for name_id, value in ((1, "Roboto"), (4, "Roboto Black"), (6, "Roboto-Black")):
        font["name"].setName(value, name_id, 3, 1, 0x409)
    font.save(tmp_path / "mine.ttf")
    font.close()
    own = burn(captions(str(tmp_path / "mine.ttf")), FRAME, tmp_path / "a", count=1)
    manrope = burn(captions("Manrope", 800), FRAME, tmp_path / "b", count=1)
    roboto = burn(captions("Roboto", 900), FRAME, tmp_path / "c", count=1)
    assert np.abs(own.frames[0] - manrope.frames[0]).max() <= 2
    assert np.abs(own.frames[0] - roboto.frames[0]).max() > 100


def test_a_font_with_postscript_outlines_is_drawn(tmp_path: Path) -> None:
    import noto_cjk_sans_jp_bold

    folder = Path(next(iter(noto_cjk_sans_jp_bold.__path__)))
    (tmp_path / "mine.otf").write_bytes((folder / "NotoSansCJKjp-Bold.otf").read_bytes())
    own = burn(captions(str(tmp_path / "mine.otf")), FRAME, tmp_path / "a", count=1)
    other = burn(captions("Roboto"), FRAME, tmp_path / "b", count=1)
    assert own.changed(0).any()
    assert "Own" in own.log
    assert np.abs(own.frames[0] - other.frames[0]).max() > 100
