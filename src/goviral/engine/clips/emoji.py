"""Emoji as pictures: libass draws outlines only, so colour comes as an overlay, one a page."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.fonts import emoji_font_path
from goviral.engine.clips.typesetting import EMOJI_EM, PlacedLine, PlacedPage, PlacedPart

if TYPE_CHECKING:
    from PIL.Image import Image

_INK_EM = 1.08
"""Height of the picture in ems; a little space is left at its sides."""


@dataclass(frozen=True, slots=True)
class EmojiPicture:
    """All emoji of a page in one picture, with its top left corner in the frame.

    `path` is None where none of them could be drawn; `missing` names those.
    """

    path: Path | None
    x: int
    y: int
    missing: tuple[str, ...] = ()


def draw_emoji(page: PlacedPage, cap_height: float, out: Path) -> EmojiPicture | None:
    """Write the page's emoji as one transparent PNG; None where the page has none."""
    places = [
        (piece, line)
        for line in page.lines
        for word in line.words
        for piece in word.parts
        if piece.part.is_emoji
    ]
    if not places:
        return None
    drawn = [(emoji_image(piece.part.text), piece, line) for piece, line in places]
    missing = tuple(piece.part.text for image, piece, _ in drawn if image is None)
    boxes = [
        (image, _corner(piece, line, page.em, cap_height))
        for image, piece, line in drawn
        if image is not None
    ]
    if not boxes:
        return EmojiPicture(None, 0, 0, missing)
    return _compose(boxes, round(_INK_EM * page.em), out, missing)


def _corner(piece: PlacedPart, line: PlacedLine, em: float, cap_height: float) -> tuple[int, int]:
    """Centred in its place on the line, and on the middle of the capitals."""
    x = piece.x + (EMOJI_EM - _INK_EM) * em / 2
    y = line.baseline - cap_height * em / 2 - _INK_EM * em / 2
    return round(x), round(y)


def _compose(
    boxes: "list[tuple[Image, tuple[int, int]]]", size: int, out: Path, missing: tuple[str, ...]
) -> EmojiPicture:
    from PIL import Image

    left, top = min(x for _, (x, _) in boxes), min(y for _, (_, y) in boxes)
    right, bottom = max(x for _, (x, _) in boxes) + size, max(y for _, (_, y) in boxes) + size
    canvas = Image.new("RGBA", (right - left, bottom - top))
    for picture, (x, y) in boxes:
        fitted = picture.resize(_within(picture.size, size), Image.Resampling.LANCZOS)
        inset = ((size - fitted.width) // 2, (size - fitted.height) // 2)
        canvas.alpha_composite(fitted, (x - left + inset[0], y - top + inset[1]))
    out.parent.mkdir(parents=True, exist_ok=True)
    canvas.save(out)
    return EmojiPicture(out, left, top, missing)


def _within(shape: tuple[int, int], size: int) -> tuple[int, int]:
    scale = size / max(shape)
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


@lru_cache(maxsize=256)
def emoji_image(text: str) -> "Image | None":
    """The font's own picture of one emoji, sequences joined; None where it has none.

    Shaped by HarfBuzz and read from the font directly: Pillow would join sequences only where the
    system has FriBidi.
    """
    path = emoji_font_path()
    if path is None:
        return None
    import uharfbuzz as hb
    from PIL import Image

    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, {})
    glyphs = [info.codepoint for info in buffer.glyph_infos if info.codepoint]
    pictures = [bytes(blob.data) for blob in map(font.get_glyph_color_png, glyphs) if blob]
    pictures = [picture for picture in pictures if picture]
    if not pictures:
        return None
    return Image.open(BytesIO(pictures[0])).convert("RGBA")
