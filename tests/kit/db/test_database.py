"""One transaction, on both databases alike."""

import json
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from goviral.kit.db.base import Base, Identified, Timestamped
from goviral.kit.db.database import Database, after_commit, normal_url, read_json, told


class Tables(DeclarativeBase):
    """Beside the real tables, which a test compares with the migrations."""

    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Note(Identified, Timestamped, Tables):
    """A row with one of each."""

    __tablename__ = "test_notes"
    text: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime | None] = mapped_column()
    plan: Mapped[dict[str, Any] | None] = mapped_column()
    parts: Mapped[list[Any]] = mapped_column(default=list)


_REST = {"text": "", "parts": []}


@pytest.fixture(autouse=True)
def _tables(database: Database) -> None:
    Tables.metadata.create_all(database.engine)


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Note)) or 0


def test_a_block_that_ends_is_committed_and_one_that_raises_is_not(database: Database) -> None:
    with database.transaction() as session:
        session.add(Note(id="kept"))
    with pytest.raises(RuntimeError), database.transaction() as session:  # noqa: PT012  the subject
        session.add(Note(id="lost"))
        session.flush()
        raise RuntimeError
    assert count(database) == 1


def test_rows_stay_readable_after_their_transaction(database: Database) -> None:
    with database.transaction() as session:
        note = Note(id="a", plan={"x": 1})
        session.add(note)
    assert note.plan == {"x": 1}
    assert note.created_at.tzinfo is UTC


def test_calls_after_the_commit_come_in_order_and_never_after_a_rollback(
    database: Database,
) -> None:
    seen: list[str] = []
    with database.transaction() as session:
        after_commit(session, lambda: seen.append(f"first {count(database)}"))
        after_commit(session, lambda: seen.append("second"))
        session.add(Note(id="a"))
    with pytest.raises(RuntimeError), database.transaction() as session:  # noqa: PT012  the subject
        after_commit(session, lambda: seen.append("never"))
        raise RuntimeError
    assert seen == ["first 1", "second"]


def test_a_time_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    moment = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    with database.transaction() as session:
        session.add(Note(id="a", at=moment))
    with database.reading() as session:
        found = session.get_one(Note, "a").at
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.transaction() as session:
        session.add(Note(id="a", at=datetime(2026, 11, 20)))  # noqa: DTZ001  the subject


def test_times_compare_by_moment(database: Database) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with database.transaction() as session:
        session.add_all(
            [Note(id="early", at=noon), Note(id="late", at=noon + timedelta(seconds=1))]
        )
    later = select(Note.id).where(Note.at > noon.astimezone(timezone(timedelta(hours=-8))))
    with database.reading() as session:
        assert list(session.scalars(later)) == ["late"]


def test_none_is_null_and_not_the_json_word(database: Database) -> None:
    with database.transaction() as session:
        session.add(Note(id="a", plan=None))
    with database.reading() as session:
        assert list(session.scalars(select(Note.id).where(Note.plan.is_(None)))) == ["a"]


def test_writers_wait_for_each_other_instead_of_failing(database: Database) -> None:
    with database.transaction() as session:
        session.add(Note(id="a", text=""))

    def append(letter: str) -> None:
        for _ in range(20):
            with database.transaction() as session:
                note = session.scalars(select(Note).with_for_update()).one()
                note.text += letter

    threads = [threading.Thread(target=append, args=(letter,)) for letter in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    with database.reading() as session:
        found = session.get_one(Note, "a").text
    assert sorted(found) == sorted("xyz" * 20)


def test_forty_writers_at_once_all_get_their_turn(database: Database) -> None:
    def write(number: int) -> None:
        for step in range(3):
            with database.transaction() as session:
                session.add(Note(id=f"{number} {step}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert count(database) == 120


def test_a_failed_write_leaves_its_turn_to_the_next(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(IntegrityError), database.transaction() as session:
            session.add_all([Note(id="a"), Note(id="a")])
    with pytest.raises(RuntimeError), database.transaction() as session:  # noqa: PT012  the subject
        session.connection().invalidate()
        raise RuntimeError
    with database.transaction() as session:
        session.add(Note(id="a"))
    with database.engine.connect() as connection:
        for number in range(2):  # two transactions of one connection
            with connection.begin():
                connection.execute(insert(Note).values(id=f"b{number}", **_REST))
    assert count(database) == 3


def test_a_database_in_memory_works_too() -> None:
    database = Database("sqlite:///:memory:")
    Tables.metadata.create_all(database.engine)
    for number in range(3):
        with database.transaction() as session:
            session.add(Note(id=str(number)))
    assert count(database) == 3
    database.close()


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.transaction() as session:
        session.add(Note(id="a"))
        session.flush()
        assert count(database) == 0


def test_a_key_is_taken_once(database: Database) -> None:
    with database.transaction() as session:
        session.add(Note(id="a"))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(Note(id="a"))


def test_foreign_keys_and_the_log_ahead_of_writing_are_on_where_sqlite_leaves_them_off(
    database: Database,
) -> None:
    if not database.is_sqlite:
        return
    with database.reading() as session:
        assert session.scalar(text("pragma foreign_keys")) == 1
        assert session.scalar(text("pragma journal_mode")) == "wal"


def test_nothing_is_prepared_on_the_server(database: Database) -> None:
    """PgBouncer gives each transaction another connection; a statement prepared before is not there."""
    if database.is_sqlite:
        return
    with database.reading() as session:
        for _ in range(10):
            session.scalar(select(func.count()).select_from(Note))
        assert session.scalar(text("select count(*) from pg_prepared_statements")) == 0


def test_a_ping_answers(database: Database) -> None:
    database.ping()


def test_what_the_database_said_is_told_without_the_values(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.transaction() as session:
        session.add_all([Note(id="a", text="s3cret"), Note(id="a")])
    assert "unique" in told(caught.value).lower()
    assert "s3cret" not in told(caught.value)


def test_every_spelling_of_postgresql_means_our_driver() -> None:
    for spelling in ("postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d"):
        assert normal_url(spelling).drivername == "postgresql+psycopg"
    assert normal_url("sqlite:///x.db").drivername == "sqlite"


def test_a_write_lock_that_is_not_had_is_an_error_of_the_database(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    database = Database(f"sqlite:///{path}")
    with database.reading() as session:
        session.connection().connection.driver_connection.execute("PRAGMA busy_timeout=0")
    with sqlite3.connect(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"), database.transaction() as session:
            session.connection()
    database.close()


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"a": [1, 0.1, -0.0, 2.2250738585072014e-308, 1e400, 123456789012345678901234567890]}',
        '{"a": 1, "a": 2, "\\u00fc": null, "key": "\\ud83d\\ude00"}',
        '"half of a pair: \\ud800"',
        "[" * 500 + "]" * 500,
    ],
)
def test_json_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert repr(read_json(text)) == repr(read_json(text.encode())) == repr(json.loads(text))
