"""One process of many does something alone: a lease in a row, taken in the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from goviral.kit.db.models import Leadership


def lead(session: Session, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Whether `holder` leads in `name` from now `until`: it did already, or nobody does."""
    mine_or_over = or_(Leadership.holder == holder, Leadership.expires_at <= now)
    took = session.execute(
        update(Leadership)
        .where(Leadership.name == name, mine_or_over)
        .values(holder=holder, expires_at=until)
    )
    return changed(took) or insert_if_absent(
        session, Leadership, name=name, holder=holder, expires_at=until
    )


def resign(session: Session, name: str, holder: str, now: datetime) -> None:
    """Let another process lead at once."""
    mine = (Leadership.name == name, Leadership.holder == holder)
    session.execute(update(Leadership).where(*mine).values(expires_at=now))


def changed(result: Any) -> bool:
    """Whether a statement met exactly one row."""
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def insert_if_absent(session: Session, model: Any, **columns: Any) -> bool:
    """Insert a row unless its key is taken; whether it was inserted."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(model).values(**columns).on_conflict_do_nothing()
    # Without the option SQLAlchemy does not ask PostgreSQL how many rows an INSERT made.
    return changed(session.execute(statement.execution_options(preserve_rowcount=True)))
