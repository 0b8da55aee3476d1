"""File stems a person can read, safe on every file system."""

import re
import unicodedata

_MAX_BYTES = 60


def slug(text: str, fallback: str = "clip") -> str:
    """`"Why we sleep (part 2)!"` → `"why-we-sleep-part-2"`.

    Letters of every script stay; accents are dropped from Latin letters; never longer than 60 bytes of
    UTF-8, never cut inside a word where a shorter end exists.
    """
    folded = unicodedata.normalize("NFKC", _without_accents(text)).lower()
    stem = re.sub(r"[^\w]+", "-", folded.replace("'", "").replace("’", "")).strip("-_")
    return _cut(stem) or fallback


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(
        letter
        for index, letter in enumerate(decomposed)
        if not (unicodedata.combining(letter) and index and decomposed[index - 1].isascii())
    )


def _cut(stem: str) -> str:
    encoded = stem.encode()
    if len(encoded) <= _MAX_BYTES:
        return stem
    short = encoded[:_MAX_BYTES].decode("utf-8", "ignore")
    whole_words = short.rpartition("-")[0]
    return whole_words or short
