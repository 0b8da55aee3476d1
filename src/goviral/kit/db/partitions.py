"""Tables kept in monthly parts on PostgreSQL, so that an old month is dropped, not deleted row by row.

A table asks for it by `postgresql_partition_by` over `created_at`. Its default part takes what falls
into no month; months are made ahead (a row already in the default part would be in a new month's way).
SQLite keeps one table.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, delete, event, text

from goviral.kit.db.base import Base
from goviral.kit.db.database import Database

MONTHS_AHEAD = 3
_LOCK_WAIT = "set local lock_timeout = '5s'"
"""A part comes and goes under a lock on its table: whoever writes waits behind us, so we wait briefly."""


def partitioned(metadata: MetaData = Base.metadata) -> list[Table]:
    """The tables that ask for parts."""
    return [
        table
        for table in metadata.sorted_tables
        if table.dialect_options["postgresql"]["partition_by"]
    ]


def make_months(database: Database, now: datetime, ahead: int = MONTHS_AHEAD) -> None:
    """Make the parts of this month and of those to come, where they are missing.

    Called after each migration and once a day. Does nothing on SQLite. Raises
    `sqlalchemy.exc.OperationalError` where a long transaction is in the way: try again.
    """
    if database.is_sqlite:
        return
    for table in partitioned():
        with database.engine.begin() as connection:
            connection.execute(text(_LOCK_WAIT))
            make_default(connection, table.name)
            for number in range(ahead + 1):
                _make_month(connection, table.name, _month(now, number), _month(now, number + 1))


def drop_months(database: Database, table: str, now: datetime, keep: int) -> int:
    """Forget the rows of `table` from before this month and the `keep` before it.

    On PostgreSQL months are dropped whole. Returns how many months went; rows, where there are no months.
    Raises as `make_months`.
    """
    first_kept = _month(now, -keep)
    stale = Base.metadata.tables[table].c.created_at < first_kept
    with database.engine.begin() as connection:
        if database.is_sqlite:
            return connection.execute(delete(Base.metadata.tables[table]).where(stale)).rowcount
        connection.execute(text(_LOCK_WAIT))
        old = [name for name, start in _months_of(connection, table) if start < first_kept]
        for name in old:
            connection.execute(text(f'drop table "{name}"'))
        connection.execute(delete(Base.metadata.tables[table]).where(stale))
    return len(old)


def make_default(connection: Connection, table: str) -> None:
    """The part for what falls into no month."""
    statement = f'create table if not exists "{table}_default" partition of "{table}" default'
    connection.execute(text(statement))


def _make_month(connection: Connection, table: str, start: datetime, end: datetime) -> None:
    name = f"{table}_{start:%Y_%m}"
    exists = connection.execute(text("select to_regclass(:name)"), {"name": name}).scalar()
    waiting = text(
        f'select 1 from "{table}_default" where created_at >= :start and created_at < :end limit 1'  # noqa: S608  our own table's name
    )
    # Rows that came before their month was made stay in the default part, and so does their month.
    if exists or connection.execute(waiting, {"start": start, "end": end}).scalar():
        return
    connection.execute(
        text(
            f'create table if not exists "{name}" partition of "{table}" '
            f"for values from ('{start.isoformat()}') to ('{end.isoformat()}')"
        )
    )


def _months_of(connection: Connection, table: str) -> Iterator[tuple[str, datetime]]:
    """The months of a table that are there: name and first moment."""
    inherited = text(
        "select inhrelid::regclass::text from pg_inherits where inhparent = :t ::regclass"
    )
    for name in connection.execute(inherited, {"t": table}).scalars():
        month = re.fullmatch(rf'"?{table}_(\d{{4}})_(\d{{2}})"?', name)
        if month:
            yield name.strip('"'), datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC)


def _month(now: datetime, later: int) -> datetime:
    months = now.year * 12 + now.month - 1 + later
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.replace(year=months // 12, month=months % 12 + 1)


@event.listens_for(Table, "after_create")
def _with_default(table: Table, connection: Connection, **_: Any) -> None:
    """A table made from the models takes rows at once; migrations call `make_months`."""
    partition_by = table.dialect_options["postgresql"]["partition_by"]
    if partition_by and connection.dialect.name == "postgresql":
        make_default(connection, table.name)
