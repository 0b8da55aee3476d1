"""The folder libass may choose fonts from: exactly those that are used, and nothing of the system's."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from goviral.engine.clips.fonts.face import Face
from goviral.kit.files import write_text


def collect_fonts(faces: Iterable[Face], fonts_dir: Path) -> None:
    """Only the faces that are used: what is not there cannot be chosen instead."""
    fonts_dir.mkdir(parents=True, exist_ok=True)
    for face in faces:
        place = fonts_dir / face.path.name
        if place.exists():
            continue
        try:
            place.symlink_to(face.path)
        except OSError:  # a file system or an account without links
            shutil.copyfile(face.path, place)


def write_fontconfig(folder: Path, places: Sequence[Path] = ()) -> dict[str, str]:
    """A configuration that knows `folder/fonts` only, and the environment that makes libass read it.

    `places` are the folders to know instead, where one run draws the words of several files.

    Without it libass falls back on the system's fonts, and no two machines draw the same picture.
    """
    fonts = "".join(f"<dir>{_xml(place.resolve())}</dir>" for place in places or [folder / "fonts"])
    cache = _xml((folder / "fontcache").resolve())
    config = folder / "fonts.conf"
    write_text(
        config,
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig>{fonts}<cachedir>{cache}</cachedir></fontconfig>\n",
    )
    return {"FONTCONFIG_FILE": str(config.resolve())}


def _xml(path: Path) -> str:
    return str(path).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
