"""Subtitle markup and marks of sounds, taken out of the text. Pure."""

import html
import re

_RUBY = re.compile(r"<rt>.*?</rt>|<rp>.*?</rp>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(
    r"</?(?:[biuscvp]|font|span|div|br|em|strong|small|big|lang|ruby|rt|rp)(?:[\s./][^<>\n]*)?>|</>",
    re.IGNORECASE,
)
_OVERRIDE = re.compile(r"\{\\[^}]*\}|\{[yYfFsScC]:[^}]*\}")
_ANY_MARK = re.compile(r"[<{&\\]|[^\x00-\x7f]")
_ANY_SOUND = re.compile(r"[\[(*#♪♫♬♩]")
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffc]")
_SOUND = re.compile(r"\[(?!\s*(?:speaker|spk))[^\]\d:]{1,40}\](?!:)", re.IGNORECASE)
_ASIDE = re.compile(r"^\s*(?:\([^)]{1,60}\)|\*[^*]{1,40}\*|♪+|#+)\s*$")
_NOTES = re.compile("[♪♫♬♩]+")


def strip_markup(text: str) -> str:
    """Without tags, overrides (`{\\an8}`), entities and invisible characters; lines are kept."""
    if not _ANY_MARK.search(text):
        return text
    text = _TAG.sub("", _RUBY.sub("", text))
    text = html.unescape(_OVERRIDE.sub("", text)).replace("\\N", "\n").replace("\\h", " ")
    return _INVISIBLE.sub("", text).replace("\u00a0", " ")


def strip_sounds(text: str) -> str:
    """Without what is heard but not said: `[Music]`, `♪`, a line that is only `(applause)`."""
    if not _ANY_SOUND.search(text):
        return text.strip()
    text = _SOUND.sub(" ", _NOTES.sub(" ", text))
    return "\n".join(line for line in text.split("\n") if not _ASIDE.match(line)).strip()
