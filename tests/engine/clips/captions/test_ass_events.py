"""The text of an ASS file: nothing said becomes a command, no time falls on the wrong frame."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions import ass_events as ass
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.plans.plan import Captions, Frame
from goviral.kit.timecode import frame_at


@given(st.text(alphabet="a{}\\Nnhbt&()1 \r\n\u200fש", max_size=20))
def test_no_text_becomes_a_command(text: str) -> None:
    escaped = ass.escape(text, rtl=True)
    assert "\n" not in escaped
    assert "\r" not in escaped
    assert not re.search(r"\\[Nnh]", escaped)
    assert not re.search(r"(?<!\\)[{}]", escaped)


@given(
    st.integers(0, 600_000),
    st.sampled_from([Fraction(24000, 1001), Fraction(25), Fraction(30), Fraction(60)]),
)
def test_an_edge_lies_between_its_frame_and_the_one_before(at_ms: int, fps: Fraction) -> None:
    edge, frame = ass.edge_ms(at_ms, fps), frame_at(at_ms, fps)
    assert edge % 10 == 0
    assert edge <= Fraction(frame * 1000) / fps
    assert frame == 0 or edge > Fraction((frame - 1) * 1000) / fps


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("en", "Language: en\n"),
        ("zh-Hans", "Language: zh\n"),
        ("und", ""),
        ("", ""),
        ("en\n[Events]", ""),
    ],
)
def test_a_language_is_told_to_the_shaper_and_nothing_else_is(code: str, line: str) -> None:
    frame = Frame(1080, 1920, Fraction(30))
    text = ass.ass_text((), Captions(load_style("clean"), (), code), frame, 1.0)
    assert text.count("[Events]") == 1
    assert "".join(re.findall(r"Language:.*\n", text)) == line
