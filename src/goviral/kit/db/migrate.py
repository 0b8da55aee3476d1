"""Bringing a database to the form this version of the code expects, and back.

Each call is one transaction, on both databases: a migration that fails half-way leaves nothing behind.
Revisions are numbered files in `migrations/versions`, made by `scripts/new_migration.py`.
"""

import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from goviral.kit.clock import utc_now
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.db.partitions import make_months

LOCK = 7_406_110
"""Key of the advisory lock of a running migration; any number nobody else uses."""

_FOLDER = Path(__file__).parent / "migrations"
_PART = re.compile(r"_(default|\d{4}_\d{2})$")


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to `revision`; nothing happens where it is there already."""
    with _config(database) as config:
        command.upgrade(config, revision)
    if current(database) == head():
        make_months(database, utc_now())


def downgrade(database: Database, revision: str) -> None:
    """Go back to `revision`; `base`: to an empty database. What newer columns held is lost."""
    with _config(database) as config:
        command.downgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision the database is at; None: none yet."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def differences(database: Database) -> list[Any]:
    """What the models say and the database does not, in Alembic's words; the models must be imported."""
    options = {"include_name": is_ours, "compare_type": True}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def write_revision(
    database: Database, message: str, revision: str, tables: frozenset[str] | None = None
) -> Path:
    """Write a migration for the differences (of some `tables`, or of all). Returns the file.

    The database must be at the newest revision.
    """
    with _config(database) as config:
        config.attributes["tables"] = tables
        made = command.revision(config, message, autogenerate=True, rev_id=revision)
    assert made is not None
    assert not isinstance(made, list)
    return Path(made.path)


def is_ours(name: str | None, kind: str, _parents: MutableMapping[Any, str | None]) -> bool:
    """Whether Alembic should look at it: monthly parts belong to their table."""
    if kind != "table" or name is None:
        return True
    return name in Base.metadata.tables or not _PART.search(name)


@contextmanager
def _config(database: Database) -> Iterator[Config]:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    with database.engine.connect() as connection, _no_cascades(connection), connection.begin():
        config.attributes["connection"] = connection
        yield config


@contextmanager
def _no_cascades(connection: Connection) -> Iterator[None]:
    """On SQLite a batch operation copies a table and drops the old one, which would delete all that
    refers to it with `ON DELETE CASCADE`. The switch does nothing within a transaction."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
