"""The service on one machine, in memory and in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from goviral.entrypoints.api.app import create_app
from goviral.entrypoints.api.services import build_services
from goviral.features.accounts.first_start import first_start
from goviral.features.accounts.services import Services
from goviral.kit.db.base import Base
from goviral.kit.server_settings import DatabaseSettings, LimitSettings, ServerSettings
from goviral.kit.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        server=ServerSettings(env="dev", data_dir=tmp_path / "data"),
        limits=LimitSettings(
            requests_per_minute=0,
            address_requests_per_minute=0,
            refused_per_minute=0,
            logins_per_minute=0,
            login_links_per_hour=0,
        ),
        database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'goviral.db'}"),
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    built = build_services(settings)
    Base.metadata.create_all(built.database.engine)
    first_start(built)
    yield built
    built.database.close()


@pytest.fixture
def api(services: Services) -> Iterator[TestClient]:
    """A client that is known as the developer (`dev-key`); take the header out to be nobody."""
    app = create_app(services)
    with TestClient(app, headers={"x-api-key": "dev-key"}, raise_server_exceptions=False) as client:
        yield client
