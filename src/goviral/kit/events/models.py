"""The outbox: events wait here, in the transaction that made them true, until they are relayed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from goviral.kit.clock import utc_now
from goviral.kit.db.base import Base, Identified
from goviral.kit.events.event import Event

_WAITING = text("position IS NULL")


class EventRow(Identified, Base):
    """An event. `position` is given when it is relayed; `dead` when no subscriber could take it."""

    __tablename__ = "events"

    owner_id: Mapped[str | None] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=utc_now)
    dead: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_events_waiting", "id", postgresql_where=_WAITING, sqlite_where=_WAITING),
        Index("ix_events_owner_id_position", "owner_id", "position"),
        Index("ix_events_subject", "subject"),
    )

    def as_event(self) -> Event:
        """The value that subscribers and listeners get."""
        return Event(
            self.id, self.type, self.owner_id, self.subject, self.data, self.at, self.position
        )
