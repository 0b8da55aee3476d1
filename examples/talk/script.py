"""Reads `script.txt`: who says what, with which pauses, under which picture. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("script.txt")

_PAUSE = re.compile(r"\((\d+)\)")
_FEEL = re.compile(r"([~^])(\d+(?:\.\d+)?)\s+")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written and as the synthesiser is told to say it."""

    text: str
    spoken: str
    pause_before_ms: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence; `stretch` > 1 is slower, `pitch` > 1 is higher."""

    speaker: str
    tokens: tuple[Token, ...]
    pause_before_ms: int | None
    stretch: float
    pitch: float

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Cut:
    """The picture changes to `shot` before the next sentence."""

    shot: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody speaks (a title card)."""

    duration_ms: int


Step = Line | Cut | Silence


def _tokens(text: str) -> Iterator[Token]:
    pause_ms = 0
    for piece in text.split():
        if found := _PAUSE.fullmatch(piece):
            pause_ms = int(found[1])
            continue
        written, _, spoken = piece.partition("|")
        yield Token(written, spoken or written, pause_ms)
        pause_ms = 0


def _line(speaker: str, text: str) -> Line | Silence:
    pause_ms: int | None = None
    if found := _PAUSE.match(text):
        pause_ms, text = int(found[1]), text[found.end() :].lstrip()
    feel = {"~": 1.0, "^": 1.0}
    while found := _FEEL.match(text):
        feel[found[1]], text = float(found[2]), text[found.end() :]
    if not text:
        return Silence(pause_ms or 0)
    return Line(speaker, tuple(_tokens(text)), pause_ms, feel["~"], feel["^"])


def parse_script(text: str) -> Iterator[Step]:
    speaker = ""
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            yield Cut(line.strip("[]"))
        elif line.endswith(":"):
            speaker = line[:-1].title()
        else:
            yield _line(speaker, line)


def read_script(path: Path = SCRIPT) -> tuple[Step, ...]:
    return tuple(parse_script(path.read_text(encoding="utf-8")))
