"""How text is written: direction, joining without spaces, reading weight, emoji. Pure."""

import re
import unicodedata
from collections.abc import Sequence

from goviral.engine.transcripts.tokens import is_unspaced

RTL_LANGUAGES = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})

# Emoji as sequences (UTS #51): flags, keycaps, base + variation or skin, joined by ZWJ. In the BMP only
# those that are pictures by default, or any symbol that asks for its picture with U+FE0F.
_PICTURE = (
    "[\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1"
    "\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705"
    "\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50"
    "\u2b55]"
)
_ELEMENT = (
    f"(?:(?:{_PICTURE}|[\u00a9\u00ae\u203c-\u3299](?=\ufe0f))"
    "\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*)"
)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
    f"{_ELEMENT}(?:\u200d(?:{_ELEMENT}|[\u2640\u2642\u2695\u2696\u2708\u2764]\ufe0f?))*"
)
_IGNORABLE = frozenset("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f")
SENTENCE_ENDS = frozenset(".?!…。！？｡؟۔।॥")
CLAUSE_ENDS = frozenset(",;:、，；：،؛—–")
_CLOSERS = "\"'”’»)]}」』）】》›"


def is_ignorable(character: str) -> bool:
    """Whether a character is never drawn itself (joiners, direction and variation marks)."""
    return character in _IGNORABLE


def joins(left: str, right: str) -> bool:
    """Whether two neighbouring words are drawn without a space between them."""
    return bool(left and right) and is_unspaced(left[-1]) and is_unspaced(right[0])


def is_punctuation(text: str) -> bool:
    """Whether there is no letter, figure or symbol in it."""
    return not any(unicodedata.category(character)[0] in "LNS" for character in text)


def reading_weight(text: str) -> int:
    """Characters as a reader counts them: an ideograph or kana weighs two, a mark nothing."""
    return sum(
        2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
        if not is_ignorable(c) and not unicodedata.combining(c)
    )


def direction(text: str) -> str:
    """`rtl` or `ltr` by the first strong character, `number` or `neutral` where there is none."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    for kind in kinds:
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "number" if any(kind in ("EN", "AN") for kind in kinds) else "neutral"


def is_rtl(texts: Sequence[str], language: str = "und") -> bool:
    """Whether a paragraph runs from the right: by its language, else by its first strong word."""
    if language.split("-")[0].lower() in RTL_LANGUAGES:
        return True
    return next((d == "rtl" for d in map(direction, texts) if d in ("rtl", "ltr")), False)


def visual_order(texts: Sequence[str], *, rtl: bool) -> list[int]:
    """Indices of a line's pieces from left to right: the bidirectional algorithm (UAX #9) on whole
    pieces, which is all of it that concerns pieces placed one by one.

    A number belongs to the run of the word before it (rule W7), other neutrals to the line.
    """
    base = "rtl" if rtl else "ltr"
    other = "ltr" if rtl else "rtl"
    against = _runs_against(texts, base, other)
    order: list[int] = []
    run: list[int] = []
    for index in range(len(texts)):
        if against[index]:
            run.append(index)
            continue
        order += [*reversed(run), index]
        run = []
    order += reversed(run)
    return order[::-1] if rtl else order


def _runs_against(texts: Sequence[str], base: str, other: str) -> list[bool]:
    """Which pieces run against the line; what lies between two such pieces goes with them."""
    strong = base
    found: list[bool] = []
    for text in texts:
        kind = direction(text)
        if kind in ("ltr", "rtl"):
            strong = kind
        found.append(kind == other or (kind == "number" and strong == other))
    for index in range(1, len(found) - 1):
        if found[index - 1] and found[index + 1] and direction(texts[index]) == "neutral":
            found[index] = True
    return found


def split_emoji(text: str) -> list[tuple[str, bool]]:
    """`"so 🔥!"` → `[("so ", False), ("🔥", True), ("!", False)]`; a skin-toned family is one."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for match in _EMOJI.finditer(text):
        if match.start() > at:
            parts.append((text[at : match.start()], False))
        parts.append((match.group(), True))
        at = match.end()
    if at < len(text):
        parts.append((text[at:], False))
    return parts


def clusters(text: str) -> list[str]:
    """What a reader calls characters: bases with their marks and joiners, never torn apart."""
    found: list[str] = []
    for character in text:
        joined = bool(found) and (
            unicodedata.category(character)[0] == "M"
            or is_ignorable(character)
            or (found[-1][-1] in "\u200d\u094d" and unicodedata.category(character)[0] == "L")
        )
        if joined:
            found[-1] += character
        else:
            found.append(character)
    return found


def ends_sentence(text: str) -> bool:
    """Whether a word closes a sentence, quotes and brackets set aside."""
    bare = text.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] in SENTENCE_ENDS


def ends_clause(text: str) -> bool:
    """Whether a reader takes a short breath after this word."""
    bare = text.rstrip(_CLOSERS)
    return bool(bare) and bare[-1] in CLAUSE_ENDS
