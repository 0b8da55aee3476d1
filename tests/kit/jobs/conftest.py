"""Every queue there is, on the database of its size, with or without workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from goviral.kit.jobs.queues import BACKENDS
from kit.jobs.yard import Yard
from servers import Postgres

LEASE_S = 300.0
"""Longer than any stall of the machine: a lease that ends by itself would be one more try."""


@contextmanager
def open_yard(
    kind: str, request: pytest.FixtureRequest, folder: Path, lease_s: float
) -> Iterator[Yard]:
    if kind == "embedded":
        yard = Yard(kind, f"sqlite:///{folder / 'jobs.db'}", folder, "", lease_s)
        yield yard
        yard.close()
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create()
    redis_url = request.getfixturevalue("redis_server_url")
    yard = Yard(kind, url, folder, redis_url, lease_s)
    yield yard
    yard.close()
    postgres.drop(url)


@pytest.fixture(scope="module", params=sorted(BACKENDS))
def busy_yard(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Yard]:
    """A yard with one worker that all tests of a module share."""
    folder = tmp_path_factory.mktemp("yard")
    with open_yard(request.param, request, folder, lease_s=LEASE_S) as yard, yard.worker():
        yield yard


@pytest.fixture(params=sorted(BACKENDS))
def yard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Yard]:
    """A yard of the test's own without workers. Leases end when the test says so (`end_lease`)."""
    with open_yard(request.param, request, tmp_path, lease_s=LEASE_S) as opened:
        opened.forget_messages()
        yield opened
