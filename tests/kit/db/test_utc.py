"""Sessions of PostgreSQL speak UTC, whatever zone the server is set to."""

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.orm import DeclarativeBase, Mapped

from goviral.kit.db.base import Base, Identified
from goviral.kit.db.database import Database


class Tables(DeclarativeBase):
    """Beside the real tables, which a test compares with the migrations."""

    metadata = MetaData()
    type_annotation_map = Base.type_annotation_map


class Note(Identified, Tables):
    """A row with a time."""

    __tablename__ = "test_times"
    at: Mapped[datetime]


@pytest.mark.parametrize("served_by", ["postgres_url", "pooled_postgres_url"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_edges_of_the_calendar_are_read_wherever_the_server_stands(
    request: pytest.FixtureRequest, postgres_url: str, served_by: str, zone: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = postgres_url.rsplit("/", 1)[1]
        connection.execute(f"alter database \"{name}\" set timezone to '{zone}'".encode())
    database = Database(request.getfixturevalue(served_by))
    edges = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
    try:
        Tables.metadata.create_all(database.engine)
        with database.transaction() as session:
            session.add_all([Note(id=str(n), at=at) for n, at in enumerate(edges)])
        for _ in range(3):
            with database.reading() as one, database.reading() as other:
                for session in (one, other):
                    assert list(session.scalars(select(Note.at).order_by(Note.id))) == edges
    finally:
        database.close()
