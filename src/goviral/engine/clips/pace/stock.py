"""A folder of short films and pictures of one's own, with the words each of them is about."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.pace.inserts import Stock, tags_of
from goviral.engine.media.probe import probe
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.files import content_fingerprint

FILMS = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm", ".gif"})
STILLS = frozenset({".jpg", ".jpeg", ".png", ".webp"})
TAGS_FILE = "tags.json"
_LARGEST_BYTES = 1 << 20
_REMEDY = 'Write it as {"cup.mp4": ["coffee", "morning"]}.'


@dataclass(frozen=True)
class StockFolder:
    """What a folder holds, in order of name. `notes` say which files cannot be used and why."""

    stock: tuple[Stock, ...]
    notes: tuple[str, ...] = ()


def read_stock(folder: Path) -> StockFolder:
    """Look through a folder (not its subfolders): about 30 ms a film.

    A file is about the words of its name, and about those of `tags.json` in the folder or of `NAME.json`
    beside it. Raises `NotFoundError`, and `InputError` for tags that cannot be read.
    """
    if not folder.is_dir():
        raise NotFoundError(
            f"There is no B-roll folder {folder}.", remedy="Check --broll or BROLL_DIR."
        )
    tags = _tags(folder / TAGS_FILE)
    found: list[Stock] = []
    notes: list[str] = []
    for path in stock_files(folder):
        words = (path.stem, *_named(tags, path), *_sidecar(path))
        try:
            found.append(
                _film(path, words) if path.suffix.lower() in FILMS else _still(path, words)
            )
        except InputError as error:
            notes.append(f"B-roll {path.name} is left out: {error.message}")
    return StockFolder(tuple(found), tuple(notes))


def stock_files(folder: Path) -> list[Path]:
    """The films and pictures of a folder, by name."""
    kinds = FILMS | STILLS
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() in kinds and path.is_file()
    )


def _film(path: Path, words: Iterable[str]) -> Stock:
    media = probe(path)
    if media.video is None:
        raise InputError("it has no picture.")
    if media.video.is_hdr:
        raise InputError("it is HDR.")
    return Stock(str(path.absolute()), media.fingerprint, media.duration_ms, tags_of(words))


def _still(path: Path, words: Iterable[str]) -> Stock:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InputError("it is no picture.") from error
    except Image.DecompressionBombError as error:
        raise InputError("it is too large.") from error
    return Stock(str(path.absolute()), content_fingerprint(path), None, tags_of(words))


def _named(tags: dict[str, list[str]], path: Path) -> list[str]:
    return tags.get(path.name, []) or tags.get(path.stem, [])


def _sidecar(path: Path) -> list[str]:
    for name in (f"{path.name}.json", f"{path.stem}.json"):
        beside = path.with_name(name)
        if beside.is_file() and name != TAGS_FILE:
            known = _json(beside)
            return _words(known.get("tags") if isinstance(known, dict) else known, beside)
    return []


def _tags(path: Path) -> dict[str, list[str]]:
    if not path.is_file():
        return {}
    known = _json(path)
    if not isinstance(known, dict):
        raise InputError(f"{path} is not a list of tags by file name.", remedy=_REMEDY)
    return {str(name): _words(words, path) for name, words in known.items()}


def _json(path: Path) -> object:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{path} is too large for tags.", remedy=_REMEDY)
        known: object = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, OSError) as error:
        raise InputError(f"{path} cannot be read: {error}.", remedy=_REMEDY) from error
    return known


def _words(known: object, path: Path) -> list[str]:
    """A list of words, or one text of them parted by commas."""
    if isinstance(known, str):
        known = re.split(r"[,;]", known)
    if not isinstance(known, list) or not all(isinstance(word, str) for word in known):
        raise InputError(f"{path} has tags that are no words.", remedy=_REMEDY)
    return known
