"""What is written on the picture as one ASS file, and the few files libass needs beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.captions.ass_events import (
    RAISED,
    ass_document,
    bar_events,
    edge_ms,
    page_events,
)
from goviral.engine.clips.captions.hook import FADE_MS, hook_captions
from goviral.engine.clips.captions.overlays import draw_emoji
from goviral.engine.clips.captions.places import heights
from goviral.engine.clips.captions.safe_area import unit
from goviral.engine.clips.captions.typesetting import PlacedPage, Typesetter
from goviral.engine.clips.fonts.face import Face
from goviral.engine.clips.fonts.font_folder import collect_fonts, write_fontconfig
from goviral.engine.clips.fonts.fonts import find_face
from goviral.engine.clips.plans.plan import Captions, ClipPlan, Frame
from goviral.kit.files import write_text

_ANY_FONT = ("Roboto", 900)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture laid over the frame at (x, y) while `start_ms <= t < end_ms`.

    The times lie half-way between frames: `enable='gte(t,start)*lt(t,end)'` is exact.
    """

    png_path: Path
    x: int
    y: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class CaptionAssets:
    """What ffmpeg needs to draw captions: `ass=ass_path:fontsdir=fonts_dir`, run with `environment`.

    `notes` name what no font on this machine could draw and was left out.
    """

    ass_path: Path
    fonts_dir: Path
    environment: dict[str, str]
    overlays: tuple[Overlay, ...] = ()
    notes: tuple[str, ...] = ()


def draw_captions(captions: Captions, frame: Frame, folder: Path) -> CaptionAssets:
    """Write the ASS file, its fonts and emoji pictures into `folder`; nothing is left to the system.

    `folder` is the caller's to delete. Raises `InputError` for a font nobody ships, `DependencyError`
    when a font package is not installed.
    """
    return _write((_placed(captions, frame),), (), frame, folder)


def draw_words(plan: ClipPlan, folder: Path) -> CaptionAssets | None:
    """All that a plan writes on the picture, in one ASS file: captions, hook title, progress bar.

    None where it writes nothing. `folder` and errors as for `draw_captions`.
    """
    blocks = []
    if plan.captions and plan.captions.drawn and plan.captions.pages:
        blocks.append(_placed(plan.captions, plan.frame))
    if plan.hook and plan.hook.lines:
        shown = hook_captions(plan.hook, plan.captions.language if plan.captions else "und")
        blocks.append(_placed(shown, plan.frame, raised=RAISED, fade_ms=FADE_MS))
    bar: tuple[str, ...] = ()
    if plan.progress_bar:
        clip_ms = plan.span.duration_ms
        bar = tuple(bar_events(plan.progress_bar, plan.frame, unit(plan.frame), clip_ms))
    return _write(blocks, bar, plan.frame, folder) if blocks or bar else None


@dataclass(frozen=True, slots=True)
class _Block:
    """Pages of one style, placed, as events."""

    pages: tuple[PlacedPage, ...]
    setter: Typesetter
    events: tuple[str, ...]
    fade_ms: int


def _placed(captions: Captions, frame: Frame, *, raised: int = 0, fade_ms: int = 0) -> _Block:
    setter = Typesetter(captions.style, frame, captions.language)
    placed = (
        setter.place(page, shown, center_y)
        for page in captions.pages
        for shown, center_y in heights(captions, page.span)
    )
    pages = tuple(page for page in placed if page.lines)
    events = page_events(pages, captions.style, frame, setter.unit, raised=raised, fade_ms=fade_ms)
    return _Block(pages, setter, tuple(events), fade_ms)


def _write(
    blocks: Sequence[_Block], drawings: Sequence[str], frame: Frame, folder: Path
) -> CaptionAssets:
    fonts_dir = folder / "fonts"
    events = [event for block in blocks for event in block.events]
    language = blocks[0].setter.language if blocks else "und"
    write_text(folder / "captions.ass", ass_document([*events, *drawings], frame, language))
    faces = {face for block in blocks for face in (*_faces(block.pages), block.setter.face)}
    # libass complains of a folder without a font, even where there is nothing but a drawing.
    faces = faces or {find_face(*_ANY_FONT)}
    collect_fonts(faces, fonts_dir)
    return CaptionAssets(
        ass_path=folder / "captions.ass",
        fonts_dir=fonts_dir,
        environment=write_fontconfig(folder),
        overlays=tuple(_overlays(blocks, frame, folder)),
        notes=_notes({lost for block in blocks for lost in block.setter.missing}),
    )


def _faces(pages: Sequence[PlacedPage]) -> set[Face]:
    return {
        piece.part.face
        for page in pages
        for line in page.lines
        for word in line.words
        for piece in word.parts
        if piece.part.face
    }


def _overlays(blocks: Sequence[_Block], frame: Frame, folder: Path) -> Iterator[Overlay]:
    pages = [(page, block) for block in blocks for page in block.pages]
    for index, (page, block) in enumerate(pages):
        drawn = draw_emoji(page, block.setter.face.cap_height, folder / f"emoji-{index:03d}.png")
        if drawn:
            # Pictures do not fade: they leave when the words around them are half gone.
            times = (page.shown.start_ms, page.shown.end_ms - block.fade_ms // 2)
            start_ms, end_ms = (edge_ms(at, frame.fps) for at in times)
            yield Overlay(drawn.path, drawn.x, drawn.y, start_ms, max(end_ms, start_ms + 10))


def _notes(missing: set[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    shown = " ".join(sorted(missing)[:8])
    return (f"No font here can draw {shown}: left out of the captions.",)
