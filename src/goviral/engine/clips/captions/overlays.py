"""The emoji of a page as one transparent picture: one overlay a placed page, however many emoji."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.captions.emoji import emoji_image
from goviral.engine.clips.captions.typesetting import EMOJI_EM, PlacedLine, PlacedPage, PlacedPart

if TYPE_CHECKING:
    from PIL.Image import Image

_INK_EM = 1.08
"""Height of the picture in ems; a little space is left at its sides."""


@dataclass(frozen=True, slots=True)
class EmojiPicture:
    """All emoji of a page in one picture, with its top left corner in the frame."""

    path: Path
    x: int
    y: int


def draw_emoji(page: PlacedPage, cap_height: float, out: Path) -> EmojiPicture | None:
    """Write the page's emoji as one transparent PNG; None where the page has none."""
    size = round(_INK_EM * page.em)
    boxes = [
        (image, _corner(piece, line, page.em, cap_height))
        for line in page.lines
        for word in line.words
        for piece in word.parts
        if piece.part.is_emoji
        for image in [emoji_image(piece.part.text)]
        if image is not None
    ]
    return _compose(boxes, size, out) if boxes else None


def _corner(piece: PlacedPart, line: PlacedLine, em: float, cap_height: float) -> tuple[int, int]:
    """Centred in its place on the line, and on the middle of the capitals."""
    x = piece.x + (EMOJI_EM - _INK_EM) * em / 2
    y = line.baseline - cap_height * em / 2 - _INK_EM * em / 2
    return round(x), round(y)


def _compose(boxes: "list[tuple[Image, tuple[int, int]]]", size: int, out: Path) -> EmojiPicture:
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
    return EmojiPicture(out, left, top)


def _within(shape: tuple[int, int], size: int) -> tuple[int, int]:
    scale = size / max(shape)
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
