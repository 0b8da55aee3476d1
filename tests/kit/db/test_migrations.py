"""Migrations: up, down, up, on both databases, and they say what the models say."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

import goviral
from goviral.features import models_all
from goviral.kit.db import migrate
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.db.partitions import make_months, partitioned


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_up_down_up_and_the_models_find_nothing_to_change(empty: Database) -> None:
    migrate.upgrade(empty)
    assert migrate.current(empty) == migrate.head()
    assert tables(empty) >= set(Base.metadata.tables)
    assert migrate.differences(empty) == []
    migrate.downgrade(empty, "base")
    assert tables(empty) == set()
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    assert migrate.differences(empty) == []


def test_an_upgrade_of_what_is_new_does_nothing(empty: Database) -> None:
    migrate.upgrade(empty)
    with empty.transaction() as session:
        session.execute(
            text("insert into leaderships values ('x', 'y', '2026-11-20 00:00:00+00:00')")
        )
    migrate.upgrade(empty)
    with empty.reading() as session:
        assert session.scalar(text("select count(*) from leaderships")) == 1


def test_each_step_down_leads_up_again(empty: Database) -> None:
    migrate.upgrade(empty)
    for script in (Path(migrate.__file__).parent / "migrations" / "versions").glob("0*.py"):
        revision = script.name[:4]
        migrate.downgrade(empty, f"{revision}-1" if revision != "0001" else "base")
        migrate.upgrade(empty)
    assert migrate.differences(empty) == []


def test_every_module_of_models_is_known_to_the_migrations() -> None:
    found = {
        module.name
        for module in pkgutil.walk_packages(goviral.__path__, "goviral.")
        if module.name.rsplit(".", 1)[1] == "models" and ".engine." not in module.name
    }
    assert found == {module.__name__ for module in models_all.ALL}
    for name in found:
        importlib.import_module(name)


def test_months_to_come_have_a_part_of_their_table(empty: Database) -> None:
    migrate.upgrade(empty)
    make_months(empty, datetime(2030, 12, 31, 23, tzinfo=UTC), ahead=1)
    make_months(empty, datetime(2030, 12, 31, 23, tzinfo=UTC), ahead=1)
    parts = {name for name in tables(empty) if "_2030_12" in name or "_2031_01" in name}
    names = {table.name for table in partitioned()}
    assert names == {"audit_log", "model_runs"}
    expected = {f"{name}_{month}" for name in names for month in ("2030_12", "2031_01")}
    assert parts == (set() if empty.is_sqlite else expected)
    assert migrate.differences(empty) == []


def test_copying_a_table_deletes_nothing_that_refers_to_it(empty: Database) -> None:
    with empty.transaction() as session:
        session.execute(text("create table parents (id integer primary key, gone text)"))
        reference = "integer references parents (id) on delete cascade"
        session.execute(text(f"create table children (parent_id {reference})"))
        session.execute(text("insert into parents (id) values (1)"))
        session.execute(text("insert into children values (1)"))
    with migrate._config(empty) as config:
        operations = Operations(MigrationContext.configure(config.attributes["connection"]))
        with operations.batch_alter_table("parents") as batch:
            batch.drop_column("gone")
    with empty.reading() as session:
        assert session.scalar(text("select count(*) from children")) == 1
    with pytest.raises(IntegrityError), empty.transaction() as session:
        session.execute(text("insert into children values (2)"))
