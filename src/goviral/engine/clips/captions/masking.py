"""Strong language masked as `f**k`: whole words from a list, whatever stands around them. Pure but for lists."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from goviral.kit.errors import InputError, NotFoundError

_LISTED_LANGUAGES = frozenset({"en", "und"})
"""Where our own list holds: "dick" is a harmless word in German."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")
_LARGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Mask:
    """What is masked: whole words, and beginnings of words; lower case."""

    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()

    def covers(self, word: str) -> bool:
        """Whether one word is on the list, in whatever case."""
        bare = _POSSESSIVE.sub("", word.lower())
        return bare in self.words or bare.startswith(self.beginnings or ("\0",))

    def apply(self, text: str) -> str:
        """The text with each such word masked: its first and last letters stay."""
        return _WORD.sub(lambda m: masked(m[0]) if self.covers(m[0]) else m[0], text)


NO_MASK = Mask()


def masked(word: str) -> str:
    """`"fuck"` → `"f**k"`; of a word of one or two letters only the first stays."""
    if len(word) < 3:
        return word[:1] + "*" * (len(word) - 1)
    return f"{word[0]}{'*' * (len(word) - 2)}{word[-1]}"


def mask_for(language: str, own: Iterable[str] = ()) -> Mask:
    """The list of that language, where there is one, and words of the user's own."""
    listed = _listed() if language.split("-")[0].lower() in _LISTED_LANGUAGES else ()
    entries = [*listed, *(entry.lower() for entry in own)]
    return Mask(
        frozenset(entry for entry in entries if not entry.endswith("*")),
        tuple(sorted({entry[:-1] for entry in entries if entry.endswith("*") and entry != "*"})),
    )


def read_mask_words(path: Path) -> tuple[str, ...]:
    """A list of one's own: a word a line, `#` begins a remark, `word*` takes what follows too.

    Raises `NotFoundError`, `InputError` for what is no text.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{path.name} is too large for a list of words.")
        return _entries(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no list {path}.", remedy="Check --mask-words.") from error
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise InputError(
            f"{path} is not a list of words.", remedy="Give a text file, one word a line."
        ) from error


def _entries(text: str) -> tuple[str, ...]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


@lru_cache(maxsize=1)
def _listed() -> tuple[str, ...]:
    return _entries(
        files("goviral.engine.clips.captions").joinpath("masked/en.txt").read_text("utf-8")
    )
