"""Byte ranges of HTTP (RFC 9110 §14). Pure."""

import re
from dataclasses import dataclass

from goviral.kit.errors import InputError

_RANGE = re.compile(r"bytes=\s*(\d{0,19})-(\d{0,19})\s*", re.IGNORECASE)


class RangeNotSatisfiableError(InputError):
    """A range that begins beyond the end."""

    code = "range_not_satisfiable"
    http_status = 416


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def content_range(self, size: int) -> str:
        """The answer's `Content-Range`."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The one range `header` asks for; None where all of it should be sent.

    Several ranges, other units and nonsense are ignored, as the RFC allows.
    Raises `RangeNotSatisfiableError`.
    """
    asked = _RANGE.fullmatch(header.strip()) if header else None
    if asked is None or not any(asked.groups()):
        return None
    first, last = asked.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise RangeNotSatisfiableError(f"There are only {size} bytes.")
    return ByteRange(start, end)
