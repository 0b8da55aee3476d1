"""Both databases, empty, with every table there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from goviral.kit.db.base import Base
from goviral.kit.db.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of the test's own, on each kind there is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the tables of the models that the test's modules import."""
    opened = Database(database_url)
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.close()
