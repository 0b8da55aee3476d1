"""Emoji as the font's own pictures: libass draws outlines only, so colour is laid over as a picture."""

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from goviral.engine.clips.fonts.fonts import emoji_font_path

if TYPE_CHECKING:
    import uharfbuzz
    from PIL.Image import Image


@lru_cache(maxsize=256)
def emoji_image(text: str) -> "Image | None":
    """The font's own picture of one emoji, sequences joined; None where it has none.

    Shaped by HarfBuzz and read from the font directly: Pillow would join sequences only where the
    system has FriBidi.
    """
    font = _emoji_font()
    if font is None:
        return None
    import uharfbuzz as hb
    from PIL import Image

    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, {})
    glyphs = [info.codepoint for info in buffer.glyph_infos if info.codepoint]
    pictures = [blob.data for blob in map(font.get_glyph_color_png, glyphs) if blob]
    picture = next((bytes(found) for found in pictures if found), None)
    return Image.open(BytesIO(picture)).convert("RGBA") if picture else None


@lru_cache(maxsize=1)
def _emoji_font() -> "uharfbuzz.Font | None":
    path = emoji_font_path()
    if path is None:
        return None
    import uharfbuzz as hb

    return hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
