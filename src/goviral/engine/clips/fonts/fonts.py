"""Fonts by name and by the characters they hold; nothing is ever replaced silently.

The caption fonts come inside Python packages, so that every machine draws the same picture. Variable
fonts are made static first: libass draws their default weight whatever is asked.
"""

import importlib.resources
import threading
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from goviral.engine.clips.fonts.face import Face, open_face
from goviral.engine.clips.fonts.own_fonts import is_font_file, make_static, own_face
from goviral.engine.clips.fonts.writing import clusters
from goviral.kit.errors import DependencyError, InputError
from goviral.kit.settings import load_settings

_FAMILIES = {
    "Roboto": {
        500: ("font_roboto", "files/Roboto-Medium.ttf"),
        700: ("font_roboto", "files/Roboto-Bold.ttf"),
        900: ("font_roboto", "files/Roboto-Black.ttf"),
    },
    "Manrope": {
        600: ("font_manrope", "files/Manrope-SemiBold.ttf"),
        700: ("font_manrope", "files/Manrope-Bold.ttf"),
        800: ("font_manrope", "files/Manrope-ExtraBold.ttf"),
    },
    "Fredoka One": {400: ("font_fredoka_one", "files/FredokaOne-Regular.ttf")},
}
_VARIABLE = {
    "Noto Sans Arabic": ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf"),
    "Noto Sans Devanagari": (
        "fontpkg_noto_sans_devanagari",
        "files/NotoSansDevanagari[wdth,wght].ttf",
    ),
}
_CJK = ("noto_cjk_sans_jp_bold", "NotoSansCJKjp-Bold.otf")
_FALLBACK_WEIGHT = 800
_making = threading.Lock()

# Where a system keeps fonts; only for characters that no packaged font holds.
_SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
_SYSTEM_PATTERNS = ("NotoSans*-Bold.ttf", "NotoSans*-Bold.otf", "DejaVuSans-Bold.ttf")


def find_face(family: str, weight: int) -> Face:
    """The packaged face, in the nearest weight there is; the user's own where `family` is a file's path.

    Raises `InputError` for a family nobody ships and a file that is no font, `DependencyError` when a
    package is gone.
    """
    if is_font_file(family):
        return own_face(Path(family), weight)
    weights = _FAMILIES.get(family)
    if weights is None:
        raise InputError(
            f"There is no font {family!r}.", remedy=f"Use one of: {', '.join(sorted(_FAMILIES))}."
        )
    nearest = min(weights, key=lambda known: abs(known - weight))
    return open_face(_packaged(*weights[nearest]))


def split_by_face(text: str, first: Face) -> list[tuple[str, Face | None]]:
    """Cut text into runs that one face can draw; None where no font on this machine can.

    A whole word in another face is better than a word in two: the first face that holds all of it wins.
    """
    whole = _first_holding(text, first)
    if whole:
        return [(text, whole)]
    runs: list[tuple[str, Face | None]] = []
    for cluster in clusters(text):
        face = _first_holding(cluster, first)
        if runs and runs[-1][1] == face:
            runs[-1] = (runs[-1][0] + cluster, face)
        else:
            runs.append((cluster, face))
    return runs


def emoji_font_path() -> Path | None:
    """Noto Color Emoji with pictures inside, where the system has it."""
    names = ("NotoColorEmoji.ttf", "NotoColorEmoji*.ttf")
    return next(iter(_system_files(names)), None)


@lru_cache(maxsize=4096)
def _first_holding(text: str, first: Face) -> Face | None:
    found = next((face for face in _chain(first) if face.holds(text)), None)
    return found and _pinned(found)


def _chain(first: Face) -> Iterator[Face]:
    """Faces to try in order, each opened only when asked for; variable ones not yet pinned."""
    yield first
    yield find_face("Manrope", _FALLBACK_WEIGHT)
    yield find_face("Roboto", 900)
    for package, relative in _VARIABLE.values():
        yield open_face(_packaged(package, relative))
    yield open_face(_packaged(*_CJK))
    for path in _system_files(_SYSTEM_PATTERNS):
        yield open_face(path)


@cache
def _system_files(patterns: tuple[str, ...]) -> tuple[Path, ...]:
    """Font files by pattern: Noto before DejaVu, then by name, so that the choice is stable."""
    folders = [Path(folder).expanduser() for folder in _SYSTEM_FOLDERS]
    return tuple(
        path
        for pattern in patterns
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob(pattern))
    )


@cache
def _packaged(package: str, relative: str) -> Path:
    try:
        path = Path(str(importlib.resources.files(package))) / relative
    except ModuleNotFoundError as error:
        raise _missing(package) from error
    if not path.is_file():
        raise _missing(package)
    return path


def _missing(package: str) -> DependencyError:
    name = package.replace("_", "-")
    return DependencyError(
        f"The font package {name} is not installed.", remedy=f"Install it: pip install {name}."
    )


def _pinned(face: Face) -> Face:
    """The static face that stands for a variable one; any other face is itself."""
    family = next((f for f, place in _VARIABLE.items() if face.path == _packaged(*place)), None)
    return face if family is None else open_face(_static(family, _FALLBACK_WEIGHT))


def _static(family: str, weight: int) -> Path:
    """A variable font at one weight under a name of its own, made once and kept."""
    source = _packaged(*_VARIABLE[family])
    name = f"{family} {weight}"
    made = load_settings().cache_dir / "fonts" / f"{name.replace(' ', '-')}.ttf"
    with _making:
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            make_static(source, made, name, {"wght": weight, "wdth": 100})
    return made
