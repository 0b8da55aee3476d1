"""Titles on stills: set like captions, drawn by the same libass, so that every script is shaped right."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.captions.ass import CaptionAssets, draw_captions
from goviral.engine.clips.captions.clearance import Ground, clear_of
from goviral.engine.clips.captions.even_lines import even_lines
from goviral.engine.clips.captions.styles import FOLDER, parse_style
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import CaptionPage, Captions, CaptionStyle, CaptionWord, Frame
from goviral.engine.clips.plans.screen import Box, Seen
from goviral.engine.media.ffmpeg import find_ffmpeg, run_ffmpeg
from goviral.kit.settings import load_settings
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from PIL.Image import Image

_SHOWN = Span(0, 10_000)
_STILL_FPS = Fraction(25)
_TIMEOUT_S = 60.0
_ANY_FRAME = Frame(1080, 1920, _STILL_FPS)


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
    placed = clear_of(Ground([Seen(0, tuple(avoid))]), setter, frame, len(lines))
    return Captions(placed, (CaptionPage(_SHOWN, lines),), language)


def is_drawable(title: str, style: CaptionStyle, language: str = "und") -> bool:
    """Whether fonts here can draw its words."""
    return Typesetter(style, _ANY_FRAME, language).says(title.split())


def fit_title(
    title: str, style: CaptionStyle, frame: Frame, language: str = "und", *, least: float = 0.5
) -> Captions:
    """A title as large as `frame` allows, never larger than the style has it, never below `least` of
    it; the last line of several stands out where the style has a colour for it."""
    text = title.upper() if style.uppercase else title
    shares = [percent / 100 for percent in range(100, round(least * 100) - 1, -6)]
    sizes = [enlarged(style, share) for share in shares]
    tried = ((sized, *_set(text, sized, frame, language)) for sized in sizes)
    sized, lines, _ = next((one for one in tried if one[2]), None) or (
        sizes[-1],
        *_set(text, sizes[-1], frame, language),
    )
    return Captions(sized, (CaptionPage(_SHOWN, _accented(lines)),), language)


def enlarged(style: CaptionStyle, times: float) -> CaptionStyle:
    """The style with all its pixels `times` as many."""
    return replace(
        style,
        size=round(style.size * times),
        outline=style.outline * times,
        shadow=style.shadow * times,
        shadow_blur=style.shadow_blur * times,
        box_radius=style.box_radius * times,
        box_padding=style.box_padding * times,
    )


def _set(
    text: str, style: CaptionStyle, frame: Frame, language: str
) -> tuple[list[list[str]], bool]:
    """The lines of a text, and whether they fit."""
    setter = Typesetter(style, frame, language)
    lines = even_lines(text.split(), setter, style.max_lines)
    height = len(lines) * style.line_height * setter.em
    return lines, height <= setter.area.height and all(map(setter.fits, lines))


def _accented(lines: Sequence[Sequence[str]]) -> tuple[tuple[CaptionWord, ...], ...]:
    last = len(lines) - 1
    return tuple(
        tuple(
            CaptionWord(word, _SHOWN.start_ms, _SHOWN.end_ms, emphasis=0 < index == last)
            for word in line
        )
        for index, line in enumerate(lines)
    )


def draw_title(picture: "Image", captions: Captions) -> "Image":
    """The picture with the title on it. Raises what `run_ffmpeg` raises."""
    return draw_titles([(picture, captions)])[0]


def draw_titles(stills: "Sequence[tuple[Image, Captions]]") -> "list[Image]":
    """Each picture with its title on it, all in one run. Raises what `run_ffmpeg` raises."""
    with tempfile.TemporaryDirectory(prefix="goviral-title-") as name:
        folders = [Path(name) / str(index) for index in range(len(stills))]
        assets = [
            draw_captions(captions, Frame(*picture.size, _STILL_FPS), folder)
            for (picture, captions), folder in zip(stills, folders, strict=True)
        ]
        if stills:
            _burn([picture for picture, _ in stills], assets, folders)
        return [
            _with_emoji(_read(folder, picture.size), drawn)
            for (picture, _), drawn, folder in zip(stills, assets, folders, strict=True)
        ]


def _burn(
    pictures: "Sequence[Image]", assets: Sequence[CaptionAssets], folders: Sequence[Path]
) -> None:
    """Plain pixels in and out: packing them as PNG took as long as drawing the words."""
    inputs, graph, outputs = [], [], []
    for index, (picture, drawn, folder) in enumerate(zip(pictures, assets, folders, strict=True)):
        (folder / "plain.rgb").write_bytes(picture.convert("RGB").tobytes())
        raw = ("-f", "rawvideo", "-pix_fmt", "rgb24")
        inputs += [*raw, "-s", f"{picture.width}x{picture.height}", "-i", folder / "plain.rgb"]
        fonts = filter_path(drawn.fonts_dir)
        graph.append(f"[{index}:v]ass={filter_path(drawn.ass_path)}:fontsdir={fonts}[drawn{index}]")
        outputs += ["-map", f"[drawn{index}]", "-frames:v", "1", *raw, folder / "drawn.rgb"]
    run_ffmpeg(
        find_ffmpeg(load_settings()),
        [*map(str, inputs), "-filter_complex", ";".join(graph), *map(str, outputs)],
        timeout_s=_TIMEOUT_S,
        # Every `ass` filter is given its own fonts: the configuration only has to know no others.
        environment=assets[0].environment,
    )


def _read(folder: Path, size: tuple[int, int]) -> "Image":
    from PIL import Image

    return Image.frombytes("RGB", size, (folder / "drawn.rgb").read_bytes())


def _with_emoji(picture: "Image", assets: CaptionAssets) -> "Image":
    from PIL import Image

    for overlay in assets.overlays:
        emoji = Image.open(overlay.png_path)
        picture.paste(emoji, (overlay.x, overlay.y), emoji)
    return picture


def filter_path(path: Path) -> str:
    """A path as a filter option: escaped once for the option, once for the graph (ffmpeg-filters 3)."""
    option = str(path).replace("\\", "/")
    for special in ("\\", "'", ":"):
        option = option.replace(special, "\\" + special)
    graph = option
    for special in ("\\", "'", "[", "]", ",", ";"):
        graph = graph.replace(special, "\\" + special)
    return graph
