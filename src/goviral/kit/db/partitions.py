"""Tables kept in monthly parts on PostgreSQL, so that an old month is dropped, not deleted row by row.

A table asks for it by `postgresql_partition_by` over a time column. Its default part takes what falls
into no month; months are made ahead (a row already in the default part would be in a new month's way).
SQLite keeps one table.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event, text

from goviral.kit.db.base import Base
from goviral.kit.db.database import Database

MONTHS_AHEAD = 3


def partitioned(metadata: MetaData = Base.metadata) -> list[Table]:
    """The tables that ask for parts."""
    return [
        table
        for table in metadata.sorted_tables
        if table.dialect_options["postgresql"]["partition_by"]
    ]


def make_months(database: Database, now: datetime, ahead: int = MONTHS_AHEAD) -> None:
    """Make the parts of this month and of those to come, where they are missing.

    Called after each migration and once a day. Does nothing on SQLite.
    """
    if database.is_sqlite:
        return
    with database.engine.begin() as connection:
        for table in partitioned():
            make_default(connection, table.name)
            for number in range(ahead + 1):
                _make_month(connection, table.name, _month(now, number), _month(now, number + 1))


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
