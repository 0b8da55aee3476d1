"""Transactions that meet on PostgreSQL: none commits before each has come as far as it can."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from goviral.features.accounts.services import Services
from goviral.kit.db.database import Database
from goviral.kit.errors import AppError
from goviral.kit.server_settings import DatabaseSettings
from goviral.kit.settings import Settings
from twins.service import over

_PATIENCE_S = 60.0
_WAITING = text(
    "select count(*) from pg_stat_activity "
    "where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.fixture
def services(settings: Settings, migrated_postgres_url: str) -> Iterator[Services]:
    """The service of one machine, but on PostgreSQL, where writers do not come one by one."""
    chosen = {"database": DatabaseSettings(url=migrated_postgres_url)}
    with over(settings.model_copy(update=chosen)) as built:
        yield built


def in_transaction(services: Services, work: Callable[[Session], Any]) -> Callable[[], Any]:
    """`work` as a call that makes one transaction."""

    def run() -> Any:
        with services.database.transaction() as session:
            return work(session)

    return run


def codes(results: Sequence[Any]) -> list[str]:
    """What went wrong with each, sorted; `done` where nothing did."""
    return sorted(getattr(one, "code", "done") for one in results)


class _Meeting:
    """Who is about to commit waits here until each other one is too, waits for a lock, or is done."""

    def __init__(self, database: Database, calls: int) -> None:
        self._database = database
        self._missing = calls
        self._count = threading.Lock()
        self._over = threading.Event()

    def arrive(self, _connection: object = None) -> None:
        self.leave()
        until = time.monotonic() + _PATIENCE_S
        while not self._over.is_set():
            assert time.monotonic() < until, "they do not meet"
            if self._missing - self._held_up() <= 0:
                self._over.set()
            time.sleep(0.01)

    def leave(self) -> None:
        with self._count:
            self._missing -= 1

    def _held_up(self) -> int:
        with self._database.engine.connect() as connection:
            return connection.scalar(_WAITING) or 0


def at_once(database: Database, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call gives, or the error of ours it raises. Each makes at most one transaction that writes."""
    meeting = _Meeting(database, len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except AppError as error:
            return error
        finally:
            meeting.leave()

    event.listen(database.engine, "commit", meeting.arrive)
    try:
        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))
    finally:
        event.remove(database.engine, "commit", meeting.arrive)
