"""Rows without objects: the same tenant filter, the same pages."""

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from goviral.kit.db.base import Base, Identified, Owned, Timestamped
from goviral.kit.db.database import Database
from goviral.kit.db.repository import Repository
from goviral.kit.db.view import View
from goviral.kit.errors import NotFoundError


class Tables(DeclarativeBase):
    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Thing(Identified, Owned, Timestamped, Tables):
    __tablename__ = "test_viewed_things"
    colour: Mapped[str] = mapped_column(default="red")


class Things(Repository[Thing]):
    model = Thing
    noun = "thing"


THINGS = View(Thing, "thing", ["id", "colour", "created_at"])


@pytest.fixture(autouse=True)
def _things(database: Database) -> None:
    Tables.metadata.create_all(database.engine)
    with database.transaction() as session:
        for number in range(5):
            Things(session, "ann").add(Thing(id=f"a{number}"))
        Things(session, "bob").insert({"id": "b0", "owner_id": "ann", "colour": "blue"})


def test_a_row_is_its_columns_as_an_object_would_have_them(database: Database) -> None:
    with database.reading() as session:
        thing = Things(session, "ann").get("a1")
    with database.looking() as looking:
        assert THINGS.get(looking, "ann", "a1") == {
            "id": "a1",
            "colour": "red",
            "created_at": thing.created_at,
        }


def test_another_owners_row_is_not_found_as_one_that_does_not_exist(database: Database) -> None:
    with database.looking() as looking:
        for row_id in ("a1", "zz"):
            with pytest.raises(NotFoundError, match=f"^There is no thing {row_id}"):
                THINGS.get(looking, "bob", row_id)


def test_an_inserted_row_belongs_to_the_repositorys_owner_and_has_its_defaults(
    database: Database,
) -> None:
    with database.looking() as looking:
        assert [row["colour"] for row in THINGS.page(looking, "bob").items] == ["blue"]
        assert THINGS.get(looking, "bob", "b0")["created_at"] is not None


def test_pages_go_through_all_rows_newest_first_and_only_ones_own(database: Database) -> None:
    seen: list[str] = []
    cursor: str | None = None
    with database.looking() as looking:
        for _ in range(3):
            page = THINGS.page(looking, "ann", Thing.colour == "red", cursor=cursor, limit=2)
            seen += [thing["id"] for thing in page.items]
            cursor = page.next_cursor
        assert THINGS.page(looking, "ann", Thing.colour == "blue").items == []
    assert seen == ["a4", "a3", "a2", "a1", "a0"]
    assert cursor is None
