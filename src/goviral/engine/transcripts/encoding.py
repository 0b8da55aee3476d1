"""Bytes as found in the wild to text. Pure."""

import codecs

from goviral.kit.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096


def decode_text(raw: bytes) -> str:
    """The text of a file whose encoding nobody told, with `\\n` line ends and no byte order mark.

    In order: a byte order mark, UTF-16 without one (told by its zero bytes), UTF-8, Windows-1252,
    Latin-1 (which takes any byte). Raises `InputError` for what is no text at all.
    """
    text = _decoded(raw)
    if "\x00" in text:
        raise InputError("That is not a text file.", remedy="Give an SRT, VTT or JSON transcript.")
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _decoded(raw: bytes) -> str:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace")
    unmarked = _unmarked_utf16(raw[:_SAMPLE])
    if unmarked:
        return raw.decode(unmarked, "replace")
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _damaged_utf8(raw) or raw.decode("latin-1")


def _unmarked_utf16(sample: bytes) -> str | None:
    """Times are ASCII in every format: in UTF-16 each has a zero byte beside it."""
    half = len(sample) // 2
    if half < 4:
        return None
    if sample[1::2].count(0) > 0.3 * half and sample[0::2].count(0) == 0:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.3 * half and sample[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _damaged_utf8(raw: bytes) -> str | None:
    """UTF-8 that was cut or spoilt in a few places is still UTF-8, not Latin-1."""
    text = raw.decode("utf-8", "replace")
    good = sum(ord(character) > 0x7F and character != "\ufffd" for character in text)
    return text if good > 20 * text.count("\ufffd") else None
