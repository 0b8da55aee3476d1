"""A month is a part of its own on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from goviral.features.accounts.audit import audit
from goviral.features.accounts.models import AuditEntry
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.db.partitions import make_months, partitioned

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    made = Database(postgres_url)
    Base.metadata.create_all(made.engine, tables=[Base.metadata.tables["audit_log"]])
    yield made
    made.close()


def parts(database: Database) -> list[str]:
    query = "select relname from pg_class where relispartition and relkind = 'r' order by 1"
    with database.reading() as session:
        return list(session.scalars(text(query)))


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


def test_sqlite_keeps_one_table() -> None:
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables["audit_log"]])
    make_months(database, NOW)
    database.close()


def test_the_audit_log_asks_for_it() -> None:
    assert "audit_log" in [table.name for table in partitioned()]
