"""The tenant filter and pages."""

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from goviral.kit.db.base import Base, Identified, Owned
from goviral.kit.db.database import Database
from goviral.kit.db.repository import EVERYONE, Repository
from goviral.kit.errors import NotFoundError


class Tables(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Thing(Identified, Owned, Tables):
    __tablename__ = "test_things"
    colour: Mapped[str] = mapped_column(default="red")


class Things(Repository[Thing]):
    model = Thing
    noun = "thing"


@pytest.fixture(autouse=True)
def _things(database: Database) -> None:
    Tables.metadata.create_all(database.engine)
    with database.transaction() as session:
        for number in range(5):
            Things(session, "ann").add(Thing(id=f"a{number}"))
        Things(session, "bob").add(Thing(id="b0", colour="blue"))


def test_another_owners_row_is_not_found_as_one_that_does_not_exist(database: Database) -> None:
    with database.reading() as session:
        for row_id in ("a1", "zz"):
            with pytest.raises(NotFoundError, match=f"^There is no thing {row_id}"):
                Things(session, "bob").get(row_id)
        assert Things(session, EVERYONE).get("a1").owner_id == "ann"


def test_a_new_row_belongs_to_the_repositorys_owner(database: Database) -> None:
    with database.transaction() as session:
        assert Things(session, "bob").add(Thing(id="x", owner_id="ann")).owner_id == "bob"


def test_pages_go_through_all_rows_newest_first_and_only_ones_own(database: Database) -> None:
    seen: list[str] = []
    cursor: str | None = None
    with database.reading() as session:
        for _ in range(3):
            page = Things(session, "ann").page(cursor=cursor, limit=2)
            seen += [thing.id for thing in page.items]
            cursor = page.next_cursor
    assert seen == ["a4", "a3", "a2", "a1", "a0"]
    assert cursor is None


def test_a_full_last_page_has_no_next(database: Database) -> None:
    with database.reading() as session:
        assert Things(session, "ann").page(limit=5).next_cursor is None


def test_limits_are_held_to_what_is_sensible(database: Database) -> None:
    with database.reading() as session:
        assert len(Things(session, "ann").page(limit=-3).items) == 1
        assert len(Things(session, "ann").page(limit=10_000).items) == 5


def test_counting_and_deleting_stay_within_the_owner(database: Database) -> None:
    with database.transaction() as session:
        things = Things(session, "bob")
        assert things.count() == 1
        assert things.count(Thing.colour == "red") == 0
        things.delete(things.get("b0"))
        assert Things(session, EVERYONE).count() == 5
