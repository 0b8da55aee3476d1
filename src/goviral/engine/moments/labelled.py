"""Labelled talks: transcripts with what an audience or an editor really made of them.

A folder holds `<collection>.jsonl.gz` (or `.jsonl`), one talk a line:
`{id, collection, split, language, duration_ms, sentences: [{start_ms, end_ms, text, speaker?}],
labels: [{start_ms, end_ms, weight, kind}], valid_ms?}`. A label whose ends are equal is a point (a laugh),
any other a passage. `valid_ms` is the stretch in which labels could be.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

_SUFFIXES = (".jsonl.gz", ".jsonl")
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Label:
    """One reaction or pick; `weight` is how much it counts."""

    start_ms: int
    end_ms: int
    weight: float

    @property
    def is_point(self) -> bool:
        return self.start_ms == self.end_ms


@dataclass(frozen=True, slots=True)
class LabelledTalk:
    """A talk and its labels."""

    id: str
    collection: str
    split: str
    transcript: Transcript
    labels: tuple[Label, ...]
    duration_ms: int
    valid: Span


def collections_in(folder: Path) -> tuple[Path, ...]:
    """The files of labelled talks directly in `folder`, by name. Raises `InputError` for none."""
    if folder.is_file():
        return (folder,)
    found = sorted(path for path in folder.glob("*") if path.name.endswith(_SUFFIXES))
    if not found:
        raise InputError(
            f"There are no labelled talks in {folder}.",
            remedy="Name a folder with <collection>.jsonl.gz files, one talk a line.",
        )
    return tuple(found)


def read_talks(path: Path, split: str | None = None) -> Iterator[LabelledTalk]:
    """The talks of one file, in its order; of one split if named. Raises `InputError` for a bad line."""
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            talk = _talk(line, path, number)
            if split in (None, talk.split):
                yield talk


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            yield from lines
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{path.name} is not compressed as its name says, or is cut off.",
            remedy="Fetch or make it again.",
        ) from error


def _talk(line: bytes, path: Path, number: int) -> LabelledTalk:
    try:
        return parse_talk(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        # Not its repr: that of text that cannot be read holds the whole line.
        why = f"{type(error).__name__}, {error}"
        raise InputError(
            f"Line {number} of {path.name} is not a labelled talk: {why[:_LONGEST_REASON]}.",
            remedy="See docs/quality.md for the fields of a talk.",
        ) from error


def parse_talk(talk: Mapping[str, Any]) -> LabelledTalk:
    """A talk from its line. Raises what a missing or wrong field raises."""
    duration_ms = int(talk["duration_ms"])
    first, last = talk.get("valid_ms") or (0, duration_ms)
    return LabelledTalk(
        str(talk["id"]),
        str(talk["collection"]),
        str(talk["split"]),
        Transcript(_sentences(talk["sentences"]), (), str(talk.get("language") or "und")),
        tuple(Label(x["start_ms"], x["end_ms"], x["weight"]) for x in talk["labels"]),
        duration_ms,
        Span(first, last),
    )


def _sentences(rows: Sequence[Mapping[str, Any]]) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(at, row["text"], row["start_ms"], row["end_ms"], row.get("speaker"))
        for at, row in enumerate(rows)
    )
