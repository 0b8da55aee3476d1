"""Words corrected in a plan: what was said changes, when it was said does not."""

from dataclasses import replace

import pytest

from engine.clips.worded import said, worded
from goviral.engine.clips.captions.masking import NO_MASK, Mask
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.exports.subtitles import clip_srt
from goviral.engine.clips.planning import editing
from goviral.engine.clips.plans.plan import (
    CaptionMove,
    ClipPlan,
    Removal,
    ThumbnailPlan,
    ThumbnailVariant,
)
from goviral.engine.clips.plans.plan_json import dump_plan, fault_of
from goviral.engine.clips.thumbnails.packs.packs import find_pack
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

PLAN = worded()


def times(plan: ClipPlan) -> list[tuple[int, int]]:
    assert plan.captions is not None
    words = (w for page in plan.captions.pages for line in page.lines for w in line)
    return [(word.start_ms, word.end_ms) for word in words]


def test_as_many_words_keep_their_times_their_lines_and_their_light() -> None:
    done = editing.with_page_text(PLAN, 1, "Nobody warned me.")
    assert said(done)[0] == "NOBODY WARNED ME"
    assert times(done) == times(PLAN)
    assert said(done)[1:] == said(PLAN)[1:]
    assert "Nobody warned me." in clip_srt(done)


def test_more_words_share_the_time_of_the_page() -> None:
    assert PLAN.captions is not None
    page = PLAN.captions.pages[0]
    done = editing.with_page_text(PLAN, 1, "Not one single soul ever told me about it.")
    assert done.captions is not None
    grown = len(done.captions.pages) - len(PLAN.captions.pages)
    assert grown >= 1
    new = done.captions.pages[: grown + 1]
    assert (new[0].span.start_ms, new[-1].span.end_ms) == (page.span.start_ms, page.span.end_ms)
    assert " ".join(said(done)[: grown + 1]) == "NOT ONE SINGLE SOUL EVER TOLD ME ABOUT IT"
    assert done.captions.pages[grown + 1 :] == PLAN.captions.pages[1:]
    assert fault_of(done) == ""


def test_an_empty_text_takes_the_page_away() -> None:
    assert said(editing.with_page_text(PLAN, 1, " ")) == said(PLAN)[1:]


@pytest.mark.parametrize("number", [0, 99])
def test_a_page_there_is_not_is_named(number: int) -> None:
    with pytest.raises(InputError, match=f"no page {number}"):
        editing.with_page_text(PLAN, number, "x")


@pytest.mark.parametrize("words", ["word " * 250, "x" * 1001])
def test_a_text_longer_than_can_be_shown_is_refused(words: str) -> None:
    with pytest.raises(InputError, match="more than the 1000"):
        editing.with_page_text(PLAN, 1, words)
    with pytest.raises(InputError, match="more than the 1000"):
        editing.with_replacement(PLAN, "dollars", words)


def test_so_is_a_hook_title_before_it_is_set() -> None:
    with pytest.raises(InputError, match="10000000 characters, more than 300"):
        editing.with_hook(PLAN, "x" * 10_000_000)


def test_a_mask_covers_words_titles_and_stills_and_moves_nothing() -> None:
    still = ThumbnailVariant("A", 0, "Five dollars", find_pack("S1").style)
    thumbnail = ThumbnailPlan(0, variants=(still,))
    hooked = editing.with_hook(
        replace(PLAN, title="Dollars", thumbnail=thumbnail), "Dollars, so what"
    )
    done = editing.with_mask(hooked, Mask(frozenset({"dollars"})))
    assert "dollars" in dump_plan(hooked).lower()
    assert "dollars" not in dump_plan(done).lower()
    assert "d*****s" in clip_srt(done)
    assert times(done) == times(PLAN)
    assert done.title == "D*****s"
    assert done.hook is not None
    assert done.hook.lines[0].startswith("D*****s")


def test_nothing_changes_without_one() -> None:
    assert editing.with_mask(PLAN, NO_MASK) == PLAN


def test_a_word_is_replaced_wherever_it_is_said_with_its_marks() -> None:
    done = editing.with_replacement(PLAN, "DOLLARS", "euros")
    assert "euros," in clip_srt(done)
    assert times(done) == times(PLAN)


def test_a_phrase_over_two_pages_is_replaced() -> None:
    done = editing.with_replacement(PLAN, "told me. we lost", "saw us lose")
    assert "Nobody saw us lose three" in clip_srt(done)
    assert times(done)[0] == times(PLAN)[0]


def test_a_word_replaced_by_nothing_is_gone() -> None:
    assert "shit" not in clip_srt(editing.with_replacement(PLAN, "shit", ""))


def test_a_word_that_is_not_said_is_named() -> None:
    with pytest.raises(InputError, match="xylophone"):
        editing.with_replacement(PLAN, "xylophone", "drum")


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_another_style_is_what_the_clip_would_have_had_from_the_start(name: str) -> None:
    assert said(editing.with_style(PLAN, load_style(name))) == said(worded(name))


def test_a_style_keeps_the_words_edited_and_the_height() -> None:
    edited = editing.with_replacement(PLAN, "Ada", "Grace")
    assert edited.captions is not None
    low = replace(
        edited,
        captions=replace(edited.captions, style=replace(edited.captions.style, center_y=0.5)),
    )
    done = editing.with_style(low, load_style("clean"))
    assert done.captions is not None
    assert done.captions.style.center_y == 0.5
    assert any("Grace" in page for page in said(done))


def test_moves_of_the_captions_stay_with_other_words_or_another_style() -> None:
    assert PLAN.captions is not None
    moves = (CaptionMove(2_000, 0.5), CaptionMove(4_000))
    plan = replace(PLAN, captions=replace(PLAN.captions, moves=moves))
    for done in (
        editing.with_page_text(plan, 2, "Quite a few other and longer words than there were"),
        editing.with_style(plan, load_style("clean")),
    ):
        assert done.captions is not None
        assert done.captions.moves == moves


def test_captions_can_be_hidden_and_shown_again() -> None:
    hidden = editing.with_style(PLAN, None)
    assert hidden.captions is not None
    assert not hidden.captions.drawn
    shown = editing.with_style(hidden, load_style("punch"))
    assert shown.captions is not None
    assert shown.captions.drawn
    assert said(shown) == said(PLAN)


def test_a_long_word_in_pieces_is_one_word_again_in_another_style() -> None:
    text = "Donaudampfschifffahrtsgesellschaftskapitän"
    pieces = editing.with_page_text(PLAN, 1, text)
    assert said(pieces)[0] != text.upper()
    assert "-" in said(pieces)[0]
    assert text in clip_srt(pieces)
    small = replace(load_style("clean"), size=24)
    assert said(editing.with_style(pieces, small))[0].startswith(text)


def test_a_title_is_replaced_in_place_and_taken_away() -> None:
    done = editing.with_hook(PLAN, "Another one")
    assert done.hook is not None
    assert PLAN.hook is not None
    assert done.hook.lines == ("Another one",)
    assert done.hook.center_y == PLAN.hook.center_y
    assert editing.with_hook(done, None).hook is None
    assert editing.with_hook(worded(None), "One more").hook is not None
    with pytest.raises(InputError, match="three lines"):
        editing.with_hook(PLAN, "much too long " * 20)


def test_removals_are_put_back_one_or_all() -> None:
    one, other = Removal(Span(0, 500), "silence"), Removal(Span(900, 1500), "filler", "um")
    plan = replace(PLAN, removals=(one, other))
    assert editing.with_removals_restored(plan, 1).removals == (other,)
    assert editing.with_removals_restored(plan).removals == ()
    with pytest.raises(InputError, match="no removal 3"):
        editing.with_removals_restored(plan, 3)


def test_a_plan_without_words_says_so() -> None:
    with pytest.raises(InputError, match="no captions"):
        editing.with_style(replace(PLAN, captions=None), load_style("clean"))


def test_a_line_that_was_drawn_smaller_may_stay_so() -> None:
    wide = editing.with_page_text(PLAN, 1, "Who warned you?")
    again = editing.with_page_text(wide, 1, "Who called you?")
    assert wide.captions is not None
    assert again.captions is not None
    setter = Typesetter(wide.captions.style, wide.frame, "en")
    (line,) = wide.captions.pages[0].lines
    assert setter.size_on_line([word.text for word in line]) < 1
    assert said(again)[0] == "WHO CALLED YOU?"
    assert len(again.captions.pages[0].lines) == 1
    assert times(again) == times(wide)
