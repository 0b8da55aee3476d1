"""Each store there is, on a folder or a server of its own."""

from pathlib import Path

import pytest

from goviral.kit.server_settings import ServerSettings
from goviral.kit.settings import Settings
from goviral.kit.storage.store import Store
from goviral.kit.storage.stores import STORES, make_store
from servers import store_settings


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store the settings chose, with nothing of this test in it."""
    return make_store(
        Settings(
            storage=store_settings(request, request.param),
            server=ServerSettings.model_validate({"data_dir": tmp_path / "data"}),
        )
    )
