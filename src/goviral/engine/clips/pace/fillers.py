"""Words that only fill the time while a speaker thinks, by language. Pure but for the list.

Sounds such as "um" mean nothing wherever they stand. Phrases such as "you know" do mean something unless
they are set off on both sides: by a comma in the transcript, or by a pause.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from goviral.engine.clips.fonts.writing import ends_clause, ends_sentence
from goviral.engine.transcripts.document import Word

_PAUSE_MS = 150
_OUTER = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Filler:
    """Words `first` up to `end` of a sequence, as they were written; a sound such as "um", or a phrase."""

    first: int
    end: int
    text: str
    is_sound: bool


def find_fillers(words: Sequence[Word], language: str) -> tuple[Filler, ...]:
    """The fillers among `words`, in order. None in a language without a list, or one not known."""
    lists = _lists().get(language.split("-")[0].lower(), {})
    sounds, phrases = frozenset(lists.get("sounds", ())), lists.get("set_off", ())
    bare = [_OUTER.sub("", word.text.lower()) for word in words]
    found: list[Filler] = []
    at = 0
    while at < len(words):
        length = 1 if bare[at] in sounds else _phrase(words, bare, at, phrases)
        if length:
            text = " ".join(word.text for word in words[at : at + length])
            found.append(Filler(at, at + length, text, bare[at] in sounds))
        at += max(1, length)
    return tuple(found)


def _phrase(words: Sequence[Word], bare: list[str], at: int, phrases: Sequence[str]) -> int:
    """How many words of a filler phrase stand here, set off on both sides; else 0."""
    for phrase in phrases:
        parts = phrase.split()
        end = at + len(parts)
        if bare[at:end] == parts and _set_off(words, at) and _set_off(words, end):
            return len(parts)
    return 0


def _set_off(words: Sequence[Word], at: int) -> bool:
    """Whether word `at` is parted from the one before it, both in the same sentence."""
    if not 0 < at < len(words):
        return False
    before, after = words[at - 1], words[at]
    if ends_sentence(before.text) or before.speaker != after.speaker:
        return False
    return ends_clause(before.text) or after.start_ms - before.end_ms >= _PAUSE_MS


@cache
def _lists() -> Mapping[str, Mapping[str, Sequence[str]]]:
    read: dict[str, dict[str, list[str]]] = json.loads(
        files("goviral.engine.clips.pace").joinpath("fillers.json").read_text("utf-8")
    )
    return read
