"""Short titles made of the moment's own words."""

import re

LONGEST = 60
_FILLERS = re.compile(
    r"^(?:(?:and|but|so|well|okay|ok|yeah|yes|no|right|now|like|um|uh|you know|i mean|i think|oh)\b[,\s]*)+",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;:.!?…、。！？؛،؟—–]|\s-\s")


def title_of(sentence: str) -> str:
    """A title of at most 60 characters from one sentence, whole words only."""
    text = " ".join(sentence.split()).strip("\"'“”‘’«» -–—")
    text = _FILLERS.sub("", text) or text
    text = text.rstrip(" .,;:…。、")
    if len(text) > LONGEST:
        text = _shortened(text)
    return text[:1].upper() + text[1:] if text else "Moment"


def _shortened(text: str) -> str:
    head = text[: LONGEST + 1]
    ends = [found.start() for found in _CLAUSE_END.finditer(head) if found.start() >= LONGEST // 2]
    if ends:
        return head[: ends[-1]].rstrip()
    if " " in head:
        return head.rsplit(" ", 1)[0].rstrip(" ,;:-")
    return head[:LONGEST]
