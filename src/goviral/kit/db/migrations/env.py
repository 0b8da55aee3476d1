"""What Alembic runs for every command; `goviral.kit.db.migrate` gives it the connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, text

from goviral.kit.db.base import Base, UtcDateTime
from goviral.kit.db.migrate import LOCK, is_ours


def _rendered(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    # A migration stands for itself: it names the column type, not the class of today's code.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        return "JSON"
    return False


def _asked_for(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    tables = context.config.attributes.get("tables")
    return tables is None or kind != "table" or name in tables


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_rendered,
    include_name=is_ours,
    include_object=_asked_for,
    compare_type=True,
)
if connection.dialect.name == "postgresql":
    # Two that start at once: the second waits, then finds nothing to do. Held by the transaction, so
    # PgBouncer may pool it. And no migration waits for ever behind somebody's open transaction.
    connection.execute(text("set local lock_timeout = '30s'"))
    connection.execute(text(f"select pg_advisory_xact_lock({LOCK})"))
with context.begin_transaction():
    context.run_migrations()
