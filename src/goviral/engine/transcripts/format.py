"""What a transcript format is."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from goviral.engine.transcripts.document import Transcript


@dataclass(frozen=True)
class Source:
    """The text of a transcript file, decoded, and what its name says of the language."""

    text: str
    language: str = "und"

    @cached_property
    def value(self) -> Any:
        """The file as JSON, None where it is none; parsed once for all formats that ask."""
        if not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class Format(Protocol):
    """Reads one kind of file. Stateless; adding one is a file in `formats/` and a line there."""

    name: str
    extensions: tuple[str, ...]

    def recognises(self, source: Source) -> bool:
        """Whether the content is of this kind. Looks at the content only; never raises."""

    def parse(self, source: Source) -> Transcript:
        """The transcript, its invariants established. Raises `InputError` where there is none."""


class WritableFormat(Format, Protocol):
    """A format that is written too."""

    def dump(self, transcript: Transcript) -> str:
        """The transcript as text of this format, with `\\n` line ends."""
