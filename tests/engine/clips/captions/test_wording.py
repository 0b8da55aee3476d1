"""What is written on a clip, as wished; and its subtitles."""

from dataclasses import replace

import pytest

from engine.clips.worded import said, worded
from goviral.engine.clips.captions.wording import WordWishes, bar_for
from goviral.engine.clips.exports.subtitles import clip_srt, clip_transcript
from goviral.engine.clips.plans.plan import CaptionMove, ClipPlan, ProgressBar, Removal
from goviral.engine.clips.plans.plan_json import dump_plan, fault_of, load_plan
from goviral.kit.timecode import Span


def strong(plan: ClipPlan) -> list[str]:
    assert plan.captions is not None
    words = (w for page in plan.captions.pages for line in page.lines for w in line)
    return [word.text for word in words if word.emphasis]


def test_without_wishes_there_are_captions_emphasis_and_a_title() -> None:
    plan = worded()
    assert said(plan)[0] == "NOBODY TOLD ME"
    assert "THREE" in strong(plan)
    assert plan.hook is not None
    assert plan.hook.lines == ("Nobody told me", "about the shit")
    assert plan.progress_bar is None
    assert fault_of(plan) == ""


def test_emphasis_can_be_turned_off() -> None:
    assert strong(worded(wishes=WordWishes(emphasis=False))) == []


def test_a_mask_covers_captions_titles_and_subtitles() -> None:
    plan = worded(wishes=WordWishes(mask=True))
    assert "S**T" in " ".join(said(plan))
    assert plan.title == "Nobody told me about the s**t"
    assert plan.hook is not None
    assert plan.hook.lines[-1] == "about the s**t"
    assert "s**t" in clip_srt(plan)
    assert "shit" not in dump_plan(plan).lower()


def test_own_words_alone_are_a_mask_too() -> None:
    text = " ".join(said(worded(wishes=WordWishes(mask_words=("dollars",)))))
    assert "D*****S" in text


def test_without_captions_words_are_kept_undrawn_and_no_title_is_drawn() -> None:
    plan = worded(None)
    assert plan.captions is not None
    assert not plan.captions.drawn
    assert plan.hook is None
    assert "Nobody told me." in clip_srt(plan)
    assert worded(None, WordWishes(hook=True)).hook is not None
    assert worded("clean", WordWishes(hook=False)).hook is None


def test_a_bar_takes_the_colour_of_the_spoken_word() -> None:
    plan = worded("clean", WordWishes(progress_bar=True))
    assert plan.progress_bar == ProgressBar("#FFD84D", 12)
    assert bar_for(worded("karaoke").captions).color == bar_for(None).color


def test_subtitles_have_the_words_as_they_were_said_and_their_times() -> None:
    transcript = clip_transcript(worded("punch"))
    assert [s.text for s in transcript.sentences][1] == (
        "We lost three million dollars, and then the shit began."
    )
    assert transcript.words[0].start_ms == 0


def test_subtitles_close_up_with_the_clip() -> None:
    plan = worded("punch", removals=(Removal(Span(0, 1_500), "hand"),))
    transcript = clip_transcript(plan)
    assert transcript.words[0].text == "We"
    assert transcript.words[0].start_ms <= 40


def test_a_plan_without_captions_has_no_subtitles() -> None:
    assert clip_srt(worded(captions=None)) == ""


@pytest.mark.parametrize("style", ["punch", "clean", None])
def test_a_plan_with_words_reads_back(style: str | None) -> None:
    plan = worded(style, WordWishes(progress_bar=True))
    assert load_plan(dump_plan(plan)) == plan


def test_what_cannot_be_drawn_is_named() -> None:
    plan = worded(wishes=WordWishes(progress_bar=True))
    assert plan.hook is not None
    assert plan.captions is not None
    assert plan.progress_bar is not None
    page = plan.captions.pages[0]
    word = page.lines[0][0]
    style = plan.captions.style
    wrong = {
        "captions.style.color": replace(
            plan, captions=replace(plan.captions, style=replace(style, color="red"))
        ),
        "captions.style.highlight": replace(
            plan, captions=replace(plan.captions, style=replace(style, highlight="blink"))
        ),
        "captions.style has a size": replace(
            plan, captions=replace(plan.captions, style=replace(style, size=0))
        ),
        "pages[0] is never": replace(
            plan, captions=replace(plan.captions, pages=(replace(page, span=Span(5, 5)),))
        ),
        "ends before it begins": replace(
            plan,
            captions=replace(
                plan.captions,
                pages=(replace(page, lines=((replace(word, end_ms=-1),),)),),
            ),
        ),
        "moves[0].center_y": replace(
            plan, captions=replace(plan.captions, moves=(CaptionMove(0, 1.5),))
        ),
        "moves[1] comes no later": replace(
            plan,
            captions=replace(plan.captions, moves=(CaptionMove(9, 0.5), CaptionMove(9))),
        ),
        "hook is never": replace(plan, hook=replace(plan.hook, span=Span(0, 0))),
        "hook.center_y": replace(plan, hook=replace(plan.hook, center_y=7.0)),
        "hook.style.box_color": replace(
            plan, hook=replace(plan.hook, style=replace(plan.hook.style, box_color="#12"))
        ),
        "progress_bar.color": replace(plan, progress_bar=ProgressBar("yellow", 12)),
        "progress_bar.edge": replace(plan, progress_bar=ProgressBar("#FFFFFF", 12, "left")),
        "height 0": replace(plan, progress_bar=ProgressBar("#FFFFFF", 0)),
    }
    for told, bad in wrong.items():
        assert told in fault_of(bad), told
