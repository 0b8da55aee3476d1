"""The title over the first seconds: its lines, its time, its place."""

from dataclasses import dataclass
from fractions import Fraction

import pytest

from engine.clips.worded import worded
from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.clearance import Ground
from goviral.engine.clips.captions.hook import hook_captions, load_hook_style, plan_hook, shown_ms
from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.planning.editing import with_hook
from goviral.engine.clips.plans.plan import Captions, Frame, HookTitle
from goviral.engine.clips.plans.screen import Seen
from goviral.engine.transcripts.document import Word
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

FRAME = Frame(1080, 1920, Fraction(30))
CAPTIONS = plan_captions(
    [Word("hello", 0, 400), Word("there", 400, 900)],
    clip_span=Span(0, 20_000),
    style=load_style("punch"),
    frame=FRAME,
)


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


def titled(text: str, *avoid: Box, frame: Frame = FRAME) -> HookTitle:
    hook = plan_hook(
        text, frame=frame, clip_ms=20_000, captions=CAPTIONS, ground=Ground([Seen(0, avoid)])
    )
    assert hook is not None
    return hook


def band(hook: HookTitle, frame: Frame = FRAME) -> tuple[float, float]:
    """Top and bottom of its boxes."""
    setter = Typesetter(hook.style, frame)
    half = len(hook.lines) * hook.style.line_height * setter.em / 2
    return hook.center_y * frame.height - half, hook.center_y * frame.height + half


def caption_band(captions: Captions = CAPTIONS) -> tuple[float, float]:
    style = captions.style
    half = style.max_lines * style.line_height * style.size / 2
    return style.center_y * 1920 - half, style.center_y * 1920 + half


def test_a_title_is_set_in_even_lines_without_its_full_stop() -> None:
    assert titled("Why databases lose your data.").lines == ("Why databases", "lose your data")


def test_a_long_title_takes_three_lines_and_a_longer_one_is_not_set() -> None:
    text = "The chair with three legs and what it taught me about talks"
    assert len(titled(text).lines) == 3
    assert plan_hook(text * 4, frame=FRAME, clip_ms=20_000) is None
    assert plan_hook(" ", frame=FRAME, clip_ms=20_000) is None


def test_unspaced_writing_is_parted_between_its_characters() -> None:
    hook = titled("なぜ私たちは眠らなければならないのか")
    assert len(hook.lines) > 1
    assert "".join(hook.lines) == "なぜ私たちは眠らなければならないのか"


@pytest.mark.parametrize(
    ("text", "clip_ms", "shown"),
    [("Hi", 20_000, 3000), ("x" * 40, 20_000, 3700), ("x" * 90, 20_000, 5000), ("Hi", 900, 900)],
)
def test_it_is_shown_for_three_to_five_seconds_by_its_length(
    text: str, clip_ms: int, shown: int
) -> None:
    assert shown_ms(text, clip_ms) == shown


def test_it_stands_high_and_off_the_captions() -> None:
    top, bottom = band(titled("Why databases lose your data"))
    assert safe_area(FRAME).top - 1 <= top
    assert bottom < caption_band()[0]


def test_a_face_at_the_top_sends_it_elsewhere_but_never_onto_the_captions() -> None:
    face = Box(240, 260, 600, 560)
    top, bottom = band(titled("Why databases lose your data", face))
    low, high = caption_band()
    assert bottom <= face.y or top >= face.y + 0.88 * face.height
    assert bottom <= low or top >= high
    assert bottom <= safe_area(FRAME).bottom


@pytest.mark.parametrize("size", [(1080, 1080), (1080, 1350), (1920, 1080)])
def test_it_stays_in_every_frame(size: tuple[int, int]) -> None:
    frame = Frame(*size, Fraction(30))
    hook = titled("The chair with three legs and what it taught me", frame=frame)
    top, bottom = band(hook, frame)
    assert 0 <= top < bottom <= frame.height


def test_it_is_drawn_as_a_page_that_stays() -> None:
    captions = hook_captions(titled("Why databases lose your data"), "en")
    (page,) = captions.pages
    assert page.span.start_ms == 0
    assert [len(line) for line in page.lines] == [2, 3]
    assert {word.end_ms for line in page.lines for word in line} == {page.span.end_ms}
    assert load_hook_style().box_color == captions.style.box_color


def test_captions_make_room_between_a_high_face_and_themselves() -> None:
    face = Box(240, 330, 600, 560)
    plan = worded("clean", ground=Ground([Seen(0, (face,))]))
    assert plan.captions is not None
    assert plan.hook is not None
    assert plan.captions.style.center_y > 0.63
    top, bottom = band(plan.hook)
    low, high = caption_band(plan.captions)
    assert top >= face.y + 0.8 * face.height
    assert bottom < low
    assert high <= safe_area(FRAME).bottom


def test_captions_do_not_move_onto_another_face_for_the_title() -> None:
    faces = (Box(240, 330, 600, 560), Box(240, 1330, 600, 500))
    plan = worded("clean", ground=Ground([Seen(0, faces)]))
    assert plan.captions is not None
    assert caption_band(plan.captions)[1] <= 1330 + 60


@pytest.mark.parametrize("text", ["\U00012000!", "\U00012000 \U00012000 !", "«\U00012000»?"])
def test_a_title_of_which_only_punctuation_could_be_drawn_is_none(text: str) -> None:
    assert plan_hook(text, frame=FRAME, clip_ms=20_000, captions=CAPTIONS) is None
    with pytest.raises(InputError, match="no font here can draw it"):
        with_hook(worded(), text)


def test_a_title_that_loses_a_word_keeps_the_others() -> None:
    assert titled("So hot \U00012000!").lines == ("So hot \U00012000!",)
