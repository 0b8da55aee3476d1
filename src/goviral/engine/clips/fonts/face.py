"""One font file: its name for libass, its metrics, its characters, the width of shaped text."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.fonts.writing import is_ignorable

if TYPE_CHECKING:
    import uharfbuzz


@dataclass(frozen=True, slots=True)
class Shape:
    """A shaped run, in ems. `bias` is how far right of its middle libass believes its middle to be:
    it measures each cluster from its first glyph, which in Arabic is often a displaced dot."""

    advance: float
    bias: float


@dataclass(frozen=True)
class Face:
    """One static font file. `name` is what an ASS file must say for libass to pick exactly it.

    `ascent` and `descent` are the Windows line metrics, in units of the em: libass scales a font so
    that their sum is the font size (ass_font.c mimics GDI), whatever the em is.
    """

    path: Path
    name: str
    ascent: float
    descent: float
    cap_height: float
    characters: frozenset[int] = field(repr=False, compare=False)

    @property
    def line(self) -> float:
        """ASS font size of one em."""
        return self.ascent + self.descent

    def holds(self, text: str) -> bool:
        """Whether every character that is drawn has a glyph."""
        return all(ord(c) in self.characters or is_ignorable(c) for c in text)

    def shape(self, text: str, language: str = "und") -> Shape:
        """Measure a run; the same HarfBuzz shapes it in libass."""
        return _shape(self.path, text, language)


@lru_cache(maxsize=64)
def open_face(path: Path) -> Face:
    """Read a font file's name, metrics and characters."""
    import uharfbuzz as hb

    face = hb.Face(hb.Blob.from_file_path(str(path)))
    font = hb.Font(face)
    return Face(
        path=path,
        name=_ass_name(face),
        ascent=_metric(font, hb.OTMetricsTag.HORIZONTAL_CLIPPING_ASCENT) / face.upem,
        descent=_metric(font, hb.OTMetricsTag.HORIZONTAL_CLIPPING_DESCENT) / face.upem,
        cap_height=_metric(font, hb.OTMetricsTag.CAP_HEIGHT) / face.upem,
        characters=frozenset(face.unicodes),
    )


def _ass_name(face: "uharfbuzz.Face") -> str:
    """libass knows a TrueType face by its full name, a PostScript one by its PostScript name."""
    import uharfbuzz as hb

    postscript = "CFF " in face.table_tags
    key = hb.OTNameIdPredefined.POSTSCRIPT_NAME if postscript else hb.OTNameIdPredefined.FULL_NAME
    return str(face.get_name(key))


def _metric(font: "uharfbuzz.Font", tag: "uharfbuzz.OTMetricsTag") -> float:
    return abs(float(font.get_metric_position_with_fallback(tag)))


@lru_cache(maxsize=64)
def _font(path: Path) -> "tuple[uharfbuzz.Font, int]":
    import uharfbuzz as hb

    face = hb.Face(hb.Blob.from_file_path(str(path)))
    return hb.Font(face), face.upem


@lru_cache(maxsize=16384)
def _shape(path: Path, text: str, language: str) -> Shape:
    import uharfbuzz as hb

    if not text:
        return Shape(0.0, 0.0)
    font, upem = _font(path)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    if language != "und":
        buffer.language = language
    hb.shape(font, buffer, {})
    starts: dict[int, int] = {}
    advances: dict[int, int] = {}
    pen = 0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        starts.setdefault(info.cluster, pen + place.x_offset)
        advances[info.cluster] = advances.get(info.cluster, 0) + place.x_advance
        pen += place.x_advance
    right = max(start + advances[cluster] for cluster, start in starts.items())
    return Shape(pen / upem, ((min(starts.values()) + right) / 2 - pen / 2) / upem)
