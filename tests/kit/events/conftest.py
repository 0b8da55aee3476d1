import pytest

import goviral.kit.events.models
import goviral.kit.jobs.models  # noqa: F401
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'events.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()
