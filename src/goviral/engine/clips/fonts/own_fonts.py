"""Fonts of the user's own, by path: looked into before use, given a name that no other font has."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.fonts.face import Face, open_face
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.files import atomic_path, content_fingerprint
from goviral.kit.settings import load_settings

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

_SUFFIXES = {".ttf", ".otf"}
_LARGEST_BYTES = 60_000_000
_NAMES_OF_FAMILIES = (16, 17, 21, 22, 25)
_DRAWN = ("glyf", "CFF ", "CFF2")
_FEWEST_LETTERS = 20
_making = threading.Lock()


def is_font_file(family: str) -> bool:
    """Whether a style's `font` is a file rather than a family that comes with us."""
    return Path(family).suffix.lower() in _SUFFIXES


def own_face(path: Path, weight: int) -> Face:
    """The face in that file; of a variable font the one of that weight.

    libass finds fonts by name and takes the first that has it, so a copy is used whose name is the
    file's fingerprint. Raises as `check_font`.
    """
    return _face(path, content_fingerprint(_file(path)), weight)


@lru_cache(maxsize=32)
def _face(path: Path, fingerprint: str, weight: int) -> Face:
    kind = check_font(path)
    axes = {
        tag: min(max(float(weight), low), high) if tag == "wght" else usual
        for tag, low, usual, high in kind.axes
    }
    name = f"Own {fingerprint}{f' {weight}' if axes else ''}"
    suffix = ".otf" if kind.postscript else ".ttf"
    made = load_settings().cache_dir / "fonts" / f"{name.replace(' ', '-')}{suffix}"
    with _making:
        if not made.exists():
            _make_own(path, made, name, axes)
    return open_face(made)


def _make_own(path: Path, made: Path, name: str, axes: Mapping[str, float]) -> None:
    try:
        make_static(path, made, name, axes)
    except _damages() as error:
        raise _no_font(path) from error


def _damages() -> tuple[type[Exception], ...]:
    """What fontTools raises where a file is no font, or a damaged one."""
    from fontTools.ttLib import TTLibError

    return TTLibError, OSError, KeyError, ValueError, AssertionError, EOFError


def _no_font(path: Path) -> InputError:
    return InputError(
        f"{path.name} is not a TrueType or OpenType font, or a damaged one.",
        remedy="Give a .ttf or .otf file; web fonts (woff) and collections (ttc) have to be converted.",
    )


@dataclass(frozen=True, slots=True)
class FontKind:
    """What has to be known of a font file. `axes` of a variable one: tag, lowest, usual, highest value."""

    postscript: bool
    axes: tuple[tuple[str, float, float, float], ...] = ()


def check_font(path: Path) -> FontKind:
    """Look into a font file. Raises `NotFoundError` where there is none, `InputError` where it is no
    TrueType or OpenType font with outlines and letters: what libass would silently replace by another."""
    from fontTools.ttLib import TTFont

    wrong = _no_font(path)
    if path.suffix.lower() not in _SUFFIXES or _file(path).stat().st_size > _LARGEST_BYTES:
        raise wrong
    try:
        # Given the name, fontTools leaves a file open that is no font.
        with path.open("rb") as stream, TTFont(stream, lazy=True) as font:
            for table in font.reader.tables:
                font.reader[table]  # a table that is cut off is told here, not when it is needed
            characters = set(font.getBestCmap() or ())
            kind = FontKind("CFF " in font, _axes(font))
            usable = not font.flavor and any(table in font for table in _DRAWN)
    except _damages() as error:
        raise wrong from error
    if not usable:
        raise wrong
    if ord("A") not in characters and len(characters) < _FEWEST_LETTERS:
        raise InputError(
            f"{path.name} holds no letters.", remedy="Give a font for text, not one of symbols."
        )
    return kind


def _axes(font: "TTFont") -> tuple[tuple[str, float, float, float], ...]:
    if "fvar" not in font:
        return ()
    return tuple(
        (axis.axisTag, axis.minValue, axis.defaultValue, axis.maxValue)
        for axis in font["fvar"].axes
    )


def _file(path: Path) -> Path:
    if not path.is_file():
        raise NotFoundError(f"There is no font file {path}.", remedy="Check the path.")
    return path


def make_static(source: Path, made: Path, name: str, axes: Mapping[str, float]) -> None:
    """Write the font `source` to `made` under another name, a variable one at one point of its axes."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    # Another process may make the same file: each writes its own, the last rename wins.
    mine = made.with_stem(f"{made.stem}-{os.getpid()}")
    with TTFont(source) as font, atomic_path(mine) as partial:
        if axes:
            instantiateVariableFont(font, dict(axes), inplace=True)
        _rename(font, name)
        if "wght" in axes:
            font["OS/2"].usWeightClass = round(axes["wght"])
        font.save(partial)
    mine.replace(made)


def _rename(font: "TTFont", name: str) -> None:
    table = font["name"]
    for name_id in (*_NAMES_OF_FAMILIES, 1, 2, 4, 6):
        table.removeNames(nameID=name_id)
    for name_id, value in ((1, name), (2, "Regular"), (4, name), (6, name.replace(" ", ""))):
        table.setName(value, name_id, 3, 1, 0x409)
