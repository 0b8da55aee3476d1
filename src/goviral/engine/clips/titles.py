"""Titles on stills: set like captions, drawn by the same libass, so that every script is shaped right."""

import json
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.ass import CaptionAssets, draw_captions
from goviral.engine.clips.clearance import Box, clear_of
from goviral.engine.clips.even_lines import even_lines
from goviral.engine.clips.plan import CaptionPage, Captions, CaptionStyle, CaptionWord, Frame
from goviral.engine.clips.styles import FOLDER, parse_style
from goviral.engine.clips.typesetting import Typesetter
from goviral.engine.media.ffmpeg import find_ffmpeg, run_ffmpeg
from goviral.kit.settings import load_settings
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from PIL.Image import Image

_SHOWN = Span(0, 10_000)
_STILL_FPS = Fraction(25)
_TIMEOUT_S = 60.0


@cache
def load_title_style(name: str = "bold") -> CaptionStyle:
    """A style made for a few large words on a still."""
    return parse_style(json.loads((FOLDER / "titles" / f"{name}.json").read_text("utf-8")), name)


def set_title(
    title: str,
    style: CaptionStyle,
    frame: Frame,
    language: str = "und",
    avoid: Sequence[Box] = (),
) -> Captions:
    """A title on one page, in as few lines as it fits in, as even as they can be, clear of faces."""
    text = title.upper() if style.uppercase else title
    setter = Typesetter(style, frame, language)
    lines = tuple(
        tuple(CaptionWord(word, _SHOWN.start_ms, _SHOWN.end_ms) for word in line)
        for line in even_lines(text.split(), setter, style.max_lines)
    )
    placed = clear_of(avoid, setter, frame, len(lines))
    return Captions(placed, (CaptionPage(_SHOWN, lines),), language)


def draw_title(picture: "Image", captions: Captions) -> "Image":
    """The picture with the title on it. Raises what `run_ffmpeg` raises."""
    from PIL import Image

    frame = Frame(picture.width, picture.height, _STILL_FPS)
    with tempfile.TemporaryDirectory(prefix="goviral-title-") as name:
        folder = Path(name)
        assets = draw_captions(captions, frame, folder)
        _burn(picture, assets, folder)
        drawn = Image.open(folder / "drawn.png").convert("RGB")
        for overlay in assets.overlays:
            emoji = Image.open(overlay.png_path)
            drawn.paste(emoji, (overlay.x, overlay.y), emoji)
    return drawn


def _burn(picture: "Image", assets: CaptionAssets, folder: Path) -> None:
    picture.save(folder / "plain.png", compress_level=1)
    run_ffmpeg(
        find_ffmpeg(load_settings()),
        [
            *("-i", str(folder / "plain.png")),
            *(
                "-vf",
                f"ass={filter_path(assets.ass_path)}:fontsdir={filter_path(assets.fonts_dir)}",
            ),
            *("-frames:v", "1", "-update", "1", "-compression_level", "1"),
            str(folder / "drawn.png"),
        ],
        timeout_s=_TIMEOUT_S,
        environment=assets.environment,
    )


def filter_path(path: Path) -> str:
    """A path as a filter option: escaped once for the option, once for the graph (ffmpeg-filters 3)."""
    option = str(path).replace("\\", "/")
    for special in ("\\", "'", ":"):
        option = option.replace(special, "\\" + special)
    graph = option
    for special in ("\\", "'", "[", "]", ",", ";"):
        graph = graph.replace(special, "\\" + special)
    return graph
