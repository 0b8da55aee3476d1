"""Each store there is, on a folder or a server of its own."""

from pathlib import Path

import pytest

from goviral.kit.server_settings import ServerSettings, StorageSettings
from goviral.kit.settings import Settings
from goviral.kit.storage.store import Store
from goviral.kit.storage.stores import STORES, make_store
from kit.storage.buckets import BUCKET


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store the settings chose, with nothing of this test in it."""
    chosen = {"backend": request.param}
    if request.param == "s3":
        chosen |= {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": request.getfixturevalue("s3_server_url"),
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }
    if request.param == "gcs":
        chosen |= {
            "GCS_BUCKET": BUCKET,
            "STORAGE_EMULATOR_HOST": request.getfixturevalue("gcs_server_url"),
        }
    return make_store(
        Settings(
            storage=StorageSettings.model_validate(chosen),
            server=ServerSettings.model_validate({"data_dir": tmp_path / "data"}),
        )
    )
