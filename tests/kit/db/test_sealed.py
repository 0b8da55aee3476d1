"""Sealing everything stored anew under the newest key."""

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from goviral.kit.db.base import Identified
from goviral.kit.db.database import Database
from goviral.kit.db.sealed import SealedText, reseal
from goviral.kit.seal import Seal

OLD, NEW = "o" * 32, "n" * 32


class Tables(DeclarativeBase):
    metadata = MetaData()


class Locker(Identified, Tables):
    __tablename__ = "test_lockers"
    inside: Mapped[str] = mapped_column(SealedText, default="")
    behind: Mapped[str | None] = mapped_column(SealedText)
    label: Mapped[str] = mapped_column(default="plain")


@pytest.fixture(autouse=True)
def _lockers(database: Database) -> None:
    Tables.metadata.drop_all(database.engine)
    Tables.metadata.create_all(database.engine)


def locker(name: str, inside: str = "", behind: str | None = None, by: str = OLD) -> Locker:
    seal = Seal(by)
    return Locker(
        id=name,
        inside=seal.close(inside, name) if inside else "",
        behind=seal.close(behind, name) if behind else None,
    )


def put(database: Database, *lockers: Locker) -> None:
    with database.transaction() as session:
        session.add_all(lockers)


def test_every_value_is_the_newest_keys_afterwards(database: Database) -> None:
    names = [f"row_{number:04d}" for number in range(450)]
    put(database, *(locker(name, inside=name, behind="back") for name in names))
    told = reseal(database, Seal(NEW, OLD), Tables.metadata)
    assert (told.renewed, told.current, told.lost) == (900, 0, [])
    only_new = Seal(NEW)
    with database.reading() as session:
        for row in session.scalars(select(Locker)):
            assert only_new.open(row.inside, row.id) == row.id
            assert only_new.open(row.behind or "", row.id) == "back"
    again = reseal(database, Seal(NEW, OLD), Tables.metadata)
    assert (again.renewed, again.current) == (0, 900)


def test_what_is_empty_stays_empty(database: Database) -> None:
    put(database, locker("none"), locker("one", inside="x"))
    told = reseal(database, Seal(NEW, OLD), Tables.metadata)
    assert (told.renewed, told.current) == (1, 0)
    with database.reading() as session:
        row = session.get(Locker, "none")
    assert row is not None
    assert (row.inside, row.behind, row.label) == ("", None, "plain")


def test_what_no_key_opens_is_named_and_left_alone(database: Database) -> None:
    put(database, locker("a", inside="x", by="?" * 32), locker("b", inside="y"))
    told = reseal(database, Seal(NEW, OLD), Tables.metadata)
    assert told.lost == ["test_lockers.inside a"]
    with database.reading() as session:
        left, renewed = session.get(Locker, "a"), session.get(Locker, "b")
    assert left is not None
    assert renewed is not None
    assert Seal("?" * 32).open(left.inside, "a") == "x"
    assert Seal(NEW).open(renewed.inside, "b") == "y"
