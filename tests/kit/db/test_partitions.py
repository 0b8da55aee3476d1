"""A month is a part of its own on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from goviral.features import models_all  # noqa: F401  every table there is
from goviral.features.accounts.audit import audit
from goviral.features.accounts.models import AuditEntry
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.db.partitions import drop_months, make_months, partitioned
from goviral.kit.server_settings import DatabaseSettings

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    made = Database(postgres_url)
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


def parts(database: Database, table: str = "audit_log") -> list[str]:
    inherited = "select inhrelid::regclass::text from pg_inherits where inhparent = :t ::regclass"
    with database.reading() as session:
        return sorted(session.scalars(text(inherited), {"t": table}))


def subjects(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(text("select subject from audit_log")))


def add(database: Database, number: int, at: datetime) -> None:
    with database.transaction() as session:
        audit(session, None, "test", str(number), owner_id="usr_1")
        for row in session.new:
            assert isinstance(row, AuditEntry)
            row.created_at = at


def test_months_are_made_ahead_once(database: Database) -> None:
    for _ in range(2):
        make_months(database, NOW, ahead=2)
    assert parts(database) == [
        "audit_log_2026_11",
        "audit_log_2026_12",
        "audit_log_2027_01",
        "audit_log_default",
    ]


def test_every_table_that_asks_for_it_gets_its_months(database: Database) -> None:
    make_months(database, NOW, ahead=0)
    assert parts(database, "model_runs") == ["model_runs_2026_11", "model_runs_default"]


def test_a_row_goes_into_its_month(database: Database) -> None:
    make_months(database, NOW, ahead=1)
    add(database, 1, NOW)
    add(database, 2, NOW.replace(year=2020))
    with database.reading() as session:
        count = "select count(*) from audit_log_2026_11"
        assert session.execute(text(count)).scalar() == 1
        assert session.execute(text("select count(*) from audit_log_default")).scalar() == 1


def test_rows_that_came_first_do_not_stop_it(database: Database) -> None:
    add(database, 1, NOW)
    make_months(database, NOW, ahead=1)
    add(database, 2, NOW)
    assert "audit_log_2026_12" in parts(database)


def test_months_that_are_over_are_dropped_whole(database: Database) -> None:
    for month in (8, 9, 10, 11):
        make_months(database, NOW.replace(month=month), ahead=0)
        add(database, month, NOW.replace(month=month))
    add(database, 1, NOW.replace(year=2020))
    assert drop_months(database, "audit_log", NOW, keep=1) == 2
    assert parts(database) == ["audit_log_2026_10", "audit_log_2026_11", "audit_log_default"]
    assert subjects(database) == ["10", "11"]
    assert drop_months(database, "audit_log", NOW, keep=1) == 0


def test_who_writes_waits_only_briefly_for_a_drop_that_must_wait(database: Database) -> None:
    make_months(database, NOW.replace(month=1), ahead=0)
    add(database, 1, NOW.replace(month=1))
    with database.transaction() as session:
        session.execute(text("select * from audit_log"))
        with pytest.raises(OperationalError, match="lock timeout"):
            drop_months(database, "audit_log", NOW, keep=1)
    assert drop_months(database, "audit_log", NOW, keep=1) == 1


def test_on_sqlite_old_rows_are_deleted() -> None:
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables["audit_log"]])
    for number, at in enumerate((NOW.replace(month=9, day=30), NOW.replace(month=10, day=1), NOW)):
        add(database, number, at)
    assert drop_months(database, "audit_log", NOW, keep=1) == 1
    assert subjects(database) == ["1", "2"]
    database.close()


def test_sqlite_keeps_one_table() -> None:
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables["audit_log"]])
    make_months(database, NOW)
    database.close()


def test_the_audit_log_and_calls_to_models_ask_for_it_and_can_be_kept_for_a_while() -> None:
    assert {table.name for table in partitioned()} == {"audit_log", "model_runs"}
    assert set(DatabaseSettings().keep_months) == {"audit_log", "model_runs"}
