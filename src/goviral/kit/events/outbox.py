"""Saying that something happened, in the transaction that makes it true: no commit, no event."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from goviral.kit.clock import utc_now
from goviral.kit.events.models import EventRow
from goviral.kit.ids import new_id

# The table, not the class: a unit of work for one row that nobody looks at again took four times as long.
_INSERT = insert(EventRow.metadata.tables[EventRow.__tablename__])


def publish(
    session: Session,
    kind: str,
    *,
    owner_id: str | None,
    subject: str | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> str:
    """Write the event `kind` ("clip.ready") down; the relay hands it on after the commit. Its id."""
    event_id, now = new_id("evt"), at or utc_now()
    row = {
        "id": event_id,
        "type": kind,
        "owner_id": owner_id,
        "subject": subject,
        "data": dict(data or {}),
        "at": now,
        "next_at": now,
        "attempts": 0,
        "dead": False,
    }
    session.connection().execute(_INSERT, row)
    return event_id


def purge(session: Session, before: datetime) -> int:
    """Forget events relayed long ago; how many.

    The newest stays: positions go on after it, and one that was given twice would be missed by who listens.
    """
    newest = select(func.max(EventRow.position)).scalar_subquery()
    old = (EventRow.position < newest, EventRow.at < before)
    return session.execute(delete(EventRow).where(*old)).rowcount  # type: ignore[attr-defined, no-any-return]


def revive(session: Session, event_id: str) -> bool:
    """Let a dead event be tried again; whether there was one."""
    row = session.get(EventRow, event_id)
    if row is None or not row.dead:
        return False
    row.dead, row.attempts, row.next_at = False, 0, utc_now() - timedelta(seconds=1)
    return True
