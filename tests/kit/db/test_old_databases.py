"""Databases of every earlier form, with rows in every table, brought to today's: nothing is lost (R16).

The rows are made from what the old database itself says of its tables, so a new revision needs no fixture.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, delete, insert, select, update

import goviral.features.models_all  # noqa: F401  every table
from goviral.kit.clock import utc_now
from goviral.kit.db import migrate
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from servers import Postgres

Row = dict[str, Any]
Rows = dict[str, list[Row]]

_SCRIPTS = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
REVISIONS = [script.revision for script in _SCRIPTS.walk_revisions()][::-1]
MADE_AT = utc_now().replace(microsecond=0)
"""This month: rows of monthly tables then lie where a part of that month will be wanted."""


class Copies(Protocol):
    """Where databases lie and how one is copied, closed."""

    def create(self) -> str: ...

    def copy(self, url: str) -> str: ...


@dataclass
class Files:
    folder: Path
    made: int = 0

    def create(self) -> str:
        self.made += 1
        return f"sqlite:///{self.folder / f'{self.made}.db'}"

    def copy(self, url: str) -> str:
        to = self.create()
        shutil.copy(url.removeprefix("sqlite:///"), to.removeprefix("sqlite:///"))
        return to


@dataclass
class Servers:
    server: Postgres
    urls: list[str] = field(default_factory=list)

    def create(self) -> str:
        self.urls.append(self.server.create())
        return self.urls[-1]

    def copy(self, url: str) -> str:
        to = self.create()
        self.server.drop(to)
        names = [one.rsplit("/", 1)[1] for one in (to, url)]
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute('create database "{}" template "{}"'.format(*names).encode())
        return to


@dataclass(frozen=True)
class Past:
    """A database of each earlier form, filled, and what was in it."""

    copies: Copies
    urls: dict[str, str]
    rows: dict[str, Rows]

    def opened(self, revision: str) -> Database:
        """A copy of the test's own."""
        return Database(self.copies.copy(self.urls[revision]))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def past(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Past]:
    """One database goes the whole way, gets rows in every table at each step, and is copied there."""
    if request.param == "sqlite":
        yield walked(Files(tmp_path_factory.mktemp("past")))
        return
    servers = Servers(request.getfixturevalue("postgres"))
    yield walked(servers)
    for url in servers.urls:
        servers.server.drop(url)


def walked(copies: Copies) -> Past:
    url, urls, rows = copies.create(), {}, {}
    for step, revision in enumerate(REVISIONS):
        with closing(Database(url)) as database:
            migrate.upgrade(database, revision)
            fill(database, 2 * step)
            rows[revision] = kept(database, tables_of(database))
        urls[revision] = copies.copy(url)
    return Past(copies, urls, rows)


@pytest.mark.parametrize("revision", REVISIONS)
def test_no_row_is_lost_and_every_model_reads_them_all(past: Past, revision: str) -> None:
    before = past.rows[revision]
    assert before
    assert all(len(rows) >= 2 for rows in before.values())
    with closing(past.opened(revision)) as database:
        migrate.upgrade(database)
        assert lost(before, kept(database, Base.metadata.tables)) == []
        with database.reading() as session:
            for mapper in Base.registry.mappers:
                assert isinstance(mapper.local_table, Table)
                found = session.scalars(select(mapper.class_)).all()
                assert len(found) == len(before.get(mapper.local_table.name, []))


def test_a_row_or_a_value_that_is_lost_would_be_noticed(past: Past) -> None:
    before = past.rows[REVISIONS[-1]]
    with closing(past.opened(REVISIONS[-1])) as database:
        tables = Base.metadata.tables
        users, thumbnails = tables["users"], tables["thumbnails"]
        with database.engine.begin() as connection:
            connection.execute(delete(thumbnails).where(thumbnails.c.width == 9))
            connection.execute(
                update(users)
                .where(users.c.id == "4id")
                .values(email="another", updated_at=users.c.updated_at)
            )
        found = lost(before, kept(database, tables))
    assert [(name, field) for name, _, field in found] == [
        ("users", "email"),
        ("thumbnails", "the whole row"),
    ]


def fill(database: Database, number: int) -> None:
    """Two rows more in every table there is: one with every column, one with those alone that must be."""
    tables = tables_of(database).values()
    made: dict[str, list[Row]] = {}
    with database.engine.begin() as connection:
        for table in tables:
            made[table.name] = rows = [
                {column.name: value_of(column, number, made) for column in table.columns},
                {
                    column.name: value_of(column, number + 1, made)
                    for column in table.columns
                    if not column.nullable
                },
            ]
            for row in rows:
                connection.execute(insert(table), row)


def tables_of(database: Database) -> Mapping[str, Table]:
    """What the database says of its tables, those that others refer to first."""
    metadata = MetaData()
    with database.looking() as connection:
        metadata.reflect(connection, only=lambda name, _: migrate.is_ours(name, "table", {}))
    tables = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
    return {table.name: table for table in tables}


def value_of(column: Column[Any], number: int, made: Mapping[str, list[Row]]) -> Any:
    for key in column.foreign_keys:
        of_itself = key.column.table is column.table
        if of_itself:
            return value_of(key.column, number, made)
        return made[key.column.table.name][number % 2][key.column.name]
    kind = column.type.python_type
    if kind is str:
        return f"{number}{column.name}"[: getattr(column.type, "length", None)]
    values = {bool: number % 2 == 0, datetime: MADE_AT, dict: {"a": number}, bytes: b"a"}
    return values.get(kind, number)


def kept(database: Database, tables: Mapping[str, Table]) -> Rows:
    """Every row there is, in a form that does not depend on the kind of database."""
    with database.looking() as connection:
        return {name: list(rows_of(connection, table)) for name, table in tables.items()}


def rows_of(connection: Connection, table: Table) -> Iterator[Row]:
    for row in connection.execute(select(table)).mappings():
        yield {name: json.dumps(value, default=_as_text) for name, value in row.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    return repr(value)


def lost(before: Rows, after: Rows) -> list[tuple[str, int, str]]:
    """Table, number and column of what was there and is not. A column that is gone on purpose is named here."""
    return [
        (name, number, field)
        for name, rows in before.items()
        for number, row in enumerate(rows)
        for field in missing(row, after.get(name, []))
    ]


def missing(row: Row, among: list[Row]) -> list[str]:
    """The columns of `row` that the row most like it lacks or has otherwise."""
    differing = [
        [field for field, value in row.items() if other.get(field) != value] for other in among
    ]
    fewest = min(differing, key=len, default=list(row))
    return ["the whole row"] if len(fewest) > len(row) / 2 else fewest
