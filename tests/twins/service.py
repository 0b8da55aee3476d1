"""The service on one machine, in memory and in a folder of the test's own.

With `GOVIRAL_TEST_SIZE=many` the same tests run on PostgreSQL, Redis, Celery and S3.
"""

import functools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from goviral.entrypoints.api.app import create_app
from goviral.entrypoints.api.services import build_services
from goviral.features.accounts.first_start import first_start
from goviral.features.accounts.services import Services
from goviral.kit.crypto import Passwords
from goviral.kit.db.base import Base
from goviral.kit.rate_limit import RedisLimiter
from goviral.kit.server_settings import DatabaseSettings, LimitSettings, ServerSettings
from goviral.kit.settings import Settings
from servers import many_machines
from twins.answers import UNDOCUMENTED, watch


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, size: str) -> Settings:
    return sized(request, tmp_path, size)


def sized(request: pytest.FixtureRequest, folder: Path, size: str) -> Settings:
    """The size this run is about (the fixture `size`); a module of tests may share it."""
    chosen = settings_in(folder)
    return many_machines(request, chosen) if size == "many" else chosen


def settings_in(folder: Path) -> Settings:
    """One machine, everything in `folder`, no limits of rate."""
    return Settings(
        server=ServerSettings(env="dev", data_dir=folder / "data"),
        limits=LimitSettings(
            requests_per_minute=0,
            address_requests_per_minute=0,
            refused_per_minute=0,
            logins_per_minute=0,
            login_links_per_hour=0,
        ),
        database=DatabaseSettings(url=f"sqlite:///{folder / 'goviral.db'}"),
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    with over(settings) as built:
        yield built


@contextmanager
def over(settings: Settings, *, started: bool = True) -> Iterator[Services]:
    """The service over these settings, with its tables and, where it is `started`, its first user."""
    # Hashes as strong as in earnest would take most of the suite's time.
    built = replace(build_services(settings), passwords=Passwords(memory_kib=64, passes=1))
    if isinstance(built.limiter, RedisLimiter):
        # Half a second of patience, and each process counts for itself: a stalled machine would tell.
        built = replace(built, limiter=RedisLimiter(settings.jobs.redis_url, timeout_s=60))
    with closing(built.database), closing(built.feed):
        Base.metadata.create_all(built.database.engine)
        if started:
            first_start(built)
        yield built
    undocumented, UNDOCUMENTED[:] = sorted(set(UNDOCUMENTED)), []
    assert undocumented == [], f"name it in the route's `responses`: {undocumented}"


def bare_app() -> FastAPI:
    """The application over nothing: its services come later."""
    with TemporaryDirectory() as folder:
        unused = build_services(settings_in(Path(folder)))
        app = create_app(unused)
        unused.database.close()
    watch(app)
    return app


_app = functools.cache(bare_app)


def app_over(services: Services) -> FastAPI:
    """The application, made once a run (FastAPI takes a third of a second), over these services."""
    app = _app()
    app.state.services = services
    return app


@pytest.fixture
def nobody(services: Services) -> Iterator[TestClient]:
    """A client without credentials."""
    with TestClient(app_over(services), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def api(services: Services) -> Iterator[TestClient]:
    """A client that is known as the developer (`dev-key`); take the header out to be nobody."""
    app = app_over(services)
    with TestClient(app, headers={"x-api-key": "dev-key"}, raise_server_exceptions=False) as client:
        yield client
