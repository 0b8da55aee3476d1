"""Both databases, empty, with every table there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from goviral.kit.db.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of the test's own, on each kind there is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with every table, on each kind there is."""
    kind = {"sqlite": "migrated_sqlite_url", "postgresql": "migrated_postgres_url"}
    opened = Database(request.getfixturevalue(kind[request.param]))
    yield opened
    opened.close()
