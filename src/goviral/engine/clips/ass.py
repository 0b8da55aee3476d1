"""Captions as an ASS file and the few files libass needs beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.ass_events import ass_text, edge_ms
from goviral.engine.clips.face import Face
from goviral.engine.clips.font_folder import collect_fonts, write_fontconfig
from goviral.engine.clips.overlays import draw_emoji
from goviral.engine.clips.plan import Captions, Frame
from goviral.engine.clips.typesetting import PlacedPage, Typesetter
from goviral.kit.files import write_text


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
    setter = Typesetter(captions.style, frame, captions.language)
    pages = [page for page in map(setter.place, captions.pages) if page.lines]
    fonts_dir = folder / "fonts"
    write_text(folder / "captions.ass", ass_text(pages, captions, frame, setter.unit))
    collect_fonts(_faces(pages) | {setter.face}, fonts_dir)
    return CaptionAssets(
        ass_path=folder / "captions.ass",
        fonts_dir=fonts_dir,
        environment=write_fontconfig(folder),
        overlays=tuple(_overlays(pages, frame, setter, folder)),
        notes=_notes(setter.missing),
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


def _overlays(
    pages: Sequence[PlacedPage], frame: Frame, setter: Typesetter, folder: Path
) -> Iterator[Overlay]:
    for index, page in enumerate(pages):
        drawn = draw_emoji(page, setter.face.cap_height, folder / f"emoji-{index:03d}.png")
        if drawn:
            start_ms, end_ms = (
                edge_ms(at, frame.fps) for at in (page.span.start_ms, page.span.end_ms)
            )
            yield Overlay(drawn.path, drawn.x, drawn.y, start_ms, max(end_ms, start_ms + 10))


def _notes(missing: set[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    shown = " ".join(sorted(missing)[:8])
    return (f"No font here can draw {shown}: left out of the captions.",)
