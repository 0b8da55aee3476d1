"""What happened, as one value: told to whoever asked to hear of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Event:
    """`type` is `noun.verb` ("clip.ready"), `subject` the id it is about, `data` thin: ids and states.

    `position` counts the events that were relayed: what `Last-Event-ID` means. None: not relayed yet.
    """

    id: str
    type: str
    owner_id: str | None
    subject: str | None
    data: Mapping[str, Any]
    at: datetime
    position: int | None = None


Subscriber = Callable[[Session, Event], None]
"""Hears of every event, in order, at least once; what it writes commits together with the relaying."""
