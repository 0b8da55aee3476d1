"""Lists a page at a time: an opaque cursor that says where the last page ended."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from goviral.kit.errors import InputError

T = TypeVar("T")
DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, newest first; `next_cursor` is None on the last page."""

    items: Sequence[T]
    next_cursor: str | None = None


def encode_cursor(last_id: str) -> str:
    """The cursor of a page that ended with the row `last_id`."""
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The row id in a cursor. Raises `InputError` for text that is none of ours."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (UnicodeError, binascii.Error) as error:
        raise InputError("That cursor is not one of ours.", remedy="Start without one.") from error
