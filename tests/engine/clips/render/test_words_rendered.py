"""Words, title and bar in finished clips: found by their difference to the same clip without them."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.clips.slates import colors_of, ffmpeg, frames_of, middle_shot
from engine.media.reels import Encoding, speechlike, write_film
from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.captions.wording import hook_for
from goviral.engine.clips.plans.plan import CaptionMove, Captions, ClipPlan, Frame, ProgressBar
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.probe import MediaInfo, probe
from goviral.engine.transcripts.document import Word
from goviral.kit.timecode import Span, frame_at, frame_start_ms

NTSC = Fraction(30000, 1001)
FRAMES = 150
TEXT = "Every word of this has its own time and is lit, exactly on its frame."


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaInfo:
    folder = tmp_path_factory.mktemp("film")
    ramp = np.tile(np.linspace(80, 112, 320).astype(np.uint8)[None, :, None], (180, 1, 3))
    film = (ramp for _ in range(FRAMES))
    sound = speechlike(float(FRAMES / NTSC), level=0.05)
    return probe(write_film(folder / "film.mp4", film, sound, Encoding(NTSC)))


def bare(media: MediaInfo) -> ClipPlan:
    span = Span(0, 4_800)
    shot = middle_shot(media, Span(0, span.duration_ms))
    return ClipPlan("clip", "", source_of(media), span, Frame(360, 640, NTSC), (shot,))


def words() -> list[Word]:
    """Times that lie on no frame, of all lengths."""
    times = np.cumsum([137, *(190 + (97 * i) % 210 for i in range(len(TEXT.split())))])
    return [
        Word(text, int(start), int(end) - 7)
        for text, start, end in zip(TEXT.split(), times, times[1:], strict=False)
    ]


def captioned(plan: ClipPlan, style: str) -> Captions:
    still = replace(load_style(style), active_scale=1.0)  # a growing word changes on more frames
    return plan_captions(words(), clip_span=plan.span, style=still, frame=plan.frame, language="en")


def rendered(plan: ClipPlan, path: Path) -> Path:
    return render_clip(plan, path, ffmpeg=ffmpeg(), threads=1).path


@pytest.mark.parametrize("style", ["punch", "karaoke", "spotlight"])
def test_each_word_is_lit_within_a_frame_of_its_time(
    media: MediaInfo, tmp_path: Path, style: str
) -> None:
    plan = bare(media)
    captions = captioned(plan, style)
    plain = list(colors_of(rendered(plan, tmp_path / "plain.mp4")))
    shown = list(colors_of(rendered(replace(plan, captions=captions), tmp_path / "shown.mp4")))
    assert len(plain) == len(shown)
    off: list[int] = []
    for rows, columns, page, at_ms in places(captions, plan.frame):
        region = [
            (one[rows, columns].astype(int) - other[rows, columns])
            for one, other in zip(shown, plain, strict=True)
        ]
        lit = lit_frame(region, page, at_ms, plan.frame.fps)
        off.append(lit - frame_at(at_ms, plan.frame.fps))
    assert len(off) == len(TEXT.split())
    assert all(abs(frames) <= 1 for frames in off), off
    assert np.mean([frames == 0 for frames in off]) > 0.9


@pytest.mark.parametrize("style", ["punch", "karaoke", "spotlight", "banner"])
def test_captions_move_on_the_very_frame_in_the_middle_of_a_page(
    media: MediaInfo, tmp_path: Path, style: str
) -> None:
    plan = bare(media)
    low = plan_captions(words(), clip_span=plan.span, style=load_style(style), frame=plan.frame)
    high = replace(low, style=replace(low.style, center_y=0.35))
    page = low.pages[1].span
    frame = frame_at((page.start_ms + page.end_ms) // 2, plan.frame.fps)
    at_ms = frame_start_ms(frame, plan.frame.fps)
    both = replace(low, moves=(CaptionMove(at_ms, 0.35),))
    films = [
        list(colors_of(rendered(replace(plan, captions=one), tmp_path / f"{name}.mp4")))
        for name, one in (("low", low), ("high", high), ("both", both))
    ]
    for number, (before, after, shown) in enumerate(zip(*films, strict=True)):
        wanted = before if number < frame else after
        differs = np.abs(shown.astype(int) - wanted).max(axis=2) > 60
        assert differs.mean() < 0.001, f"frame {number}, moved on {frame}"


def places(captions: Captions, frame: Frame) -> list[tuple[slice, slice, Span, int]]:
    """Where each word's capitals are, its page's time, and its own."""
    setter = Typesetter(captions.style, frame, captions.language)
    return [
        (
            slice(round(line.baseline - 0.7 * page.em), round(line.baseline)),
            slice(round(word.x), round(word.x + word.width)),
            page.span,
            word.word.start_ms,
        )
        for page in map(setter.place, captions.pages)
        for line in page.lines
        for word in line.words
    ]


def lit_frame(region: list[NDArray[np.int_]], page: Span, at_ms: int, fps: Fraction) -> int:
    """The frame on which the word is lit: its look changes when its page appears, when it is spoken, and
    when it is over. The first word of a page is lit from its first frame on."""
    first, end = frame_at(page.start_ms, fps), frame_at(page.end_ms - 1, fps) + 1
    changes = [
        at
        for at in range(first, min(end, len(region)))
        if (np.abs(region[at] - region[at - 1]).max(axis=-1) > 45).mean() > 0.06
    ]
    return changes[0] if at_ms == page.start_ms else changes[1]


def test_the_title_is_there_from_the_first_frame_and_gone_after_its_time(
    media: MediaInfo, tmp_path: Path
) -> None:
    plan = replace(bare(media), captions=captioned(bare(media), "punch"))
    hook = hook_for("Three words only", plan)
    assert hook is not None
    assert hook.span == Span(0, 3_000)
    frames = frames_of(rendered(replace(plan, captions=None, hook=hook), tmp_path / "clip.mp4"))
    top = slice(0, 300)
    white = [bool((frame[top] > 225).mean() > 0.02) for frame in frames]
    assert all(white[: frame_at(3_000 - 240, NTSC)])
    gone = frame_at(3_000, NTSC)
    assert not any(bool((frame[top].astype(int) - 96 > 24).any()) for frame in frames[gone + 1 :])


@pytest.mark.parametrize("edge", ["bottom", "top"])
def test_the_bar_grows_evenly_and_is_full_at_the_end(
    media: MediaInfo, tmp_path: Path, edge: str
) -> None:
    plan = replace(bare(media), progress_bar=ProgressBar("#FFE100", 24, edge))
    frames = list(colors_of(rendered(plan, tmp_path / "clip.mp4")))
    row = 636 if edge == "bottom" else 3
    for number in (0, 36, 72, 108, len(frames) - 1):
        line = frames[number][row].astype(int)
        filled = int(((line[:, 0] > 180) & (line[:, 2] < 90)).sum())
        assert filled == pytest.approx(360 * number / len(frames), abs=8)
    assert (frames[72][row, -20:, 2] > 110).all()
    assert np.abs(frames[72][100:500].astype(int) - frames[0][100:500]).max() < 12
