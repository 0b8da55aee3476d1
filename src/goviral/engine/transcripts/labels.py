"""Who speaks, as captions write it: `>> `, `NAME:`, `[NAME]`, dialogue dashes. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from goviral.engine.transcripts.cue import Cue

_CHEVRONS = re.compile(r"\s*>>+\s*")
_DASH = re.compile(r"^\s*[-–—]\s*(?=\S)")
_NAME = r"[^\W\d_][\w.'’-]*"
_LABEL = re.compile(
    rf"^\s*(?:\[(?P<boxed>{_NAME}(?: {_NAME}| \d+){{0,3}})\]:?|(?P<plain>{_NAME}(?: {_NAME}| \d+){{0,3}}) ?:)\s+(?=\S)"
)
_NUMBERED = re.compile(r"^(?:speaker|spk)[ _]?\w{1,3}$", re.IGNORECASE)
_LONGEST_NAME = 32


def split_turns(cues: Sequence[Cue]) -> list[Cue]:
    """One cue a turn, its label taken out of the text and put into `speaker`.

    A name holds until the next label. `>>` without a name says only that somebody else speaks.
    A word before a colon is a name when it is in capitals or numbered, or when it comes back:
    "Note: …" once is not a speaker.
    """
    turns = [turn for cue in cues for turn in _turns(cue)]
    names = _names(turn.text for turn in turns)
    labelled: list[Cue] = []
    speaker: str | None = None
    for turn in turns:
        if turn.speaker is not None:
            labelled.append(turn)
            continue
        name, text = _take_label(turn.text, names)
        if name is not None:
            speaker = name
        elif turn.turn:
            speaker = None
        labelled.append(replace(turn, text=text, speaker=speaker))
    return labelled


def _turns(cue: Cue) -> list[Cue]:
    """`cue` cut at its chevrons and dialogue dashes, time shared by length."""
    parts = [(turn, " ".join(part.split())) for turn, part in _parts(cue.text)]
    parts = [(turn, text) for turn, text in parts if text]
    if len(parts) == 1:
        return [replace(cue, text=parts[0][1], turn=cue.turn or parts[0][0])]
    total, reached = sum(len(text) for _, text in parts), 0
    turns = []
    for turn, text in parts:
        start = _share(cue, reached, total)
        reached += len(text)
        end = _share(cue, reached, total)
        turns.append(replace(cue, text=text, start_ms=start, end_ms=end, turn=turn))
    return turns


def _parts(text: str) -> list[tuple[bool, str]]:
    lines = text.split("\n")
    if sum(_DASH.match(line) is not None for line in lines) >= 2:
        return [(_DASH.match(line) is not None, _DASH.sub("", line)) for line in lines]
    first, *rest = _CHEVRONS.split(text)
    return [(False, first), *((True, part) for part in rest)]


def _share(cue: Cue, reached: int, total: int) -> float | None:
    if cue.start_ms is None or cue.end_ms is None:
        return cue.start_ms if reached == 0 else None
    return cue.start_ms + (cue.end_ms - cue.start_ms) * reached / total


def _names(texts: Iterable[str]) -> frozenset[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        name = _label_of(text)
        if name:
            # In text that is all capitals, capitals say nothing: "AND: WE ARE LIVE."
            plain = is_plain_label(name) and not _LABEL.sub("", text, count=1).isupper()
            counts[name] += 1 + plain
    return frozenset(name for name, count in counts.items() if count > 1)


def is_plain_label(name: str) -> bool:
    """Whether `name` before a colon is taken for a speaker even where it stands once only."""
    told = (name.isupper() and len(name) > 1) or _NUMBERED.match(name) is not None
    return told and _label_of(f"{name}: x") == name


def _label_of(text: str) -> str | None:
    match = _LABEL.match(text)
    if not match:
        return None
    name = match["boxed"] or match["plain"]
    capital = all(part[:1].isupper() or part.isdigit() for part in name.split())
    known = capital or _NUMBERED.match(name)
    return name if known and len(name) <= _LONGEST_NAME else None


def _take_label(text: str, names: frozenset[str]) -> tuple[str | None, str]:
    name = _label_of(text)
    if name is None or name not in names:
        return None, text
    return name, _LABEL.sub("", text, count=1)
