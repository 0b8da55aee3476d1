"""Words and emoji of a still: set into their part of it, drawn by libass, all stills in one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from goviral.engine.clips.captions.emoji import emoji_image
from goviral.engine.clips.captions.safe_area import unit
from goviral.engine.clips.captions.titles import draw_titles, enlarged, fit_title, is_drawable
from goviral.engine.clips.plans.plan import Captions, Frame, ThumbnailStyle
from goviral.engine.clips.thumbnails.packs.staging import Area, Stage

if TYPE_CHECKING:
    from PIL.Image import Image

_STILL_FPS = Fraction(25)
_EMOJI_SHARE = 0.2
"""Of the still's shorter side."""
_EMOJI_TILT = 9
_LEAST_SIZE = 0.4


@dataclass(frozen=True, slots=True)
class Worded:
    """A still and the words that are to be drawn into a part of it."""

    image: "Image"
    area: Area
    words: Captions | None


def set_words(
    staged: Stage, title: str, emoji: str, style: ThumbnailStyle, language: str
) -> Worded:
    """The emoji is drawn at once, above the words; they make room for it where they stand beside a
    picture rather than below it."""
    image, area = staged.image, staged.words
    picture = emoji_image(emoji) if emoji else None
    if picture is not None:
        size = round(min(image.size) * _EMOJI_SHARE)
        image, area = _with_emoji(image, area, picture, size)
    if not is_drawable(title, style.title, language):
        return Worded(image, area, None)
    frame = Frame(area.width, area.height, _STILL_FPS)
    whole = Frame(*image.size, _STILL_FPS)
    look = enlarged(style.title, unit(whole) / unit(frame))
    return Worded(image, area, fit_title(title, look, frame, language, least=_LEAST_SIZE))


def _with_emoji(image: "Image", area: Area, emoji: "Image", size: int) -> "tuple[Image, Area]":
    from PIL import Image

    wide = image.width > image.height
    large = emoji.resize((size, round(size * emoji.height / emoji.width)), Image.Resampling.LANCZOS)
    tilted = large.rotate(_EMOJI_TILT, Image.Resampling.BICUBIC, expand=True)
    drawn = image.copy()
    if wide:
        down = round(size * 0.95)
        at = (area.x + (area.width - tilted.width) // 2, area.y + round(0.06 * image.height))
        area = Area(area.x, area.y + down, area.width, area.height - down)
    else:
        edge = round(0.06 * image.width)
        at = (image.width - tilted.width - edge, area.y - round(tilted.height * 0.8))
    drawn.paste(tilted, at, tilted)
    return drawn, area


def draw_words(stills: Sequence[Worded]) -> "list[Image]":
    """The finished stills. Raises what `draw_titles` raises."""
    boxes = [
        (s.area.x, s.area.y, s.area.x + s.area.width, s.area.y + s.area.height) for s in stills
    ]
    parts = [
        (still.image.crop(box), still.words)
        for still, box in zip(stills, boxes, strict=True)
        if still.words is not None
    ]
    drawn = iter(draw_titles(parts))
    finished = []
    for still, box in zip(stills, boxes, strict=True):
        if still.words is None:
            finished.append(still.image)
            continue
        image = still.image.copy()
        image.paste(next(drawn), box[:2])
        finished.append(image)
    return finished
