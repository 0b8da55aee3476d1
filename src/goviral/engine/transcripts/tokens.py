"""Text to words and back, also where words are written without spaces. Pure."""

import re
from collections.abc import Iterable

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff々〆ヶ"
_KANA = r"\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d"
_WIDE_MARKS = (
    r"\u3001-\u3003\u3008-\u3011\u3014-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_THAI_LAO_KHMER_BURMESE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
# With the radicals and marks of CJK, and full-width letters and digits. Hangul is written with spaces.
_UNSPACED = re.compile(
    rf"[{_HAN}{_KANA}{_THAI_LAO_KHMER_BURMESE}\u2e80-\u303f\uff01-\uff65\U00020000-\U0003ffff]"
)

_OPENING = r"「『（〈《【〔［｛"
_CLOSING = r"、。」』）〉》】〕］｝！？，．：；～・"
_PIECE = re.compile(
    # A noun or verb stem with its endings is the nearest thing to a word that needs no dictionary.
    rf"[{_OPENING}]*"
    rf"(?:[{_HAN}]{{1,2}}[\u3040-\u309f]{{0,4}}|[\u30a0-\u30ff\uff66-\uff9d]+[\u3040-\u309f]{{0,2}}|[\u3040-\u309f]{{1,4}}"
    rf"|[^{_HAN}{_KANA}{_WIDE_MARKS}]+|[{_WIDE_MARKS}])"
    rf"[{_CLOSING}ー…]*"
)


def split_words(text: str) -> list[str]:
    """The words of `text`, punctuation attached.

    Split at white space; runs of Chinese and Japanese are cut into short pieces that a caption can
    light up one after the other. Thai and its neighbours stay whole between their spaces.
    """
    words: list[str] = []
    for chunk in text.split():
        if chunk.isascii() or not re.search(f"[{_HAN}{_KANA}]", chunk):
            words.append(chunk)
        else:
            words.extend(match.group() for match in _PIECE.finditer(chunk))
    return words


def join_words(words: Iterable[str]) -> str:
    """The words as running text: spaces between them, none beside unspaced writing."""
    pieces: list[str] = []
    for word in words:
        if pieces and not (is_unspaced(pieces[-1][-1:]) or is_unspaced(word[:1])):
            pieces.append(" ")
        pieces.append(word)
    return "".join(pieces)


def is_unspaced(character: str) -> bool:
    """Whether the character belongs to writing that puts no spaces between words."""
    return character > "\u0dff" and _UNSPACED.match(character) is not None
