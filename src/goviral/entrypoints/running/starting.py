"""What every process of the service looks at before it begins, and how it says what is wrong."""

import logging
from typing import TYPE_CHECKING

from goviral.kit.errors import ConflictError, DependencyError

if TYPE_CHECKING:
    from goviral.features.accounts.services import Services
    from goviral.kit.clock import Clock
    from goviral.kit.db.database import Database
    from goviral.kit.settings import Settings

log = logging.getLogger(__name__)
_CLOCKS_AGREE_S = 5.0


def load(*, host: str | None = None, port: int | None = None) -> "Settings":
    """The settings of this process; `host` and `port` go before the environment's.

    Raises `InputError` naming each that is refused.
    """
    from pydantic import ValidationError

    from goviral.kit.errors import InputError
    from goviral.kit.server_settings import ServerSettings
    from goviral.kit.settings import load_settings

    try:
        settings = load_settings()
        wished = {"host": host, "port": port}
        given = {name: value for name, value in wished.items() if value is not None}
        server = ServerSettings.model_validate(settings.server.model_dump() | given)
        return settings.model_copy(update={"server": server})
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise InputError(
            f"A setting is refused: {faults}.", remedy="See docs/settings.md."
        ) from None


def ready_database(database: "Database", *, upgrades: bool) -> None:
    """Make sure that the database answers and is of this version.

    `upgrades`: bring a SQLite file there. Raises `DependencyError` where it does not answer,
    `ConflictError` where `goviral db upgrade` is to be run.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from goviral.kit.db import migrate
    from goviral.kit.db.database import told

    try:
        if upgrades and database.is_sqlite:
            migrate.upgrade(database)
            return
        here, wanted = migrate.current(database), migrate.head()
    except SQLAlchemyError as error:
        raise DependencyError(
            f"The database does not answer: {told(error)}.", remedy="Check DATABASE_URL."
        ) from error
    if here != wanted:
        raise ConflictError(
            f"The database is at version {here or 'none'}, this program needs {wanted}.",
            remedy="Run `goviral db upgrade`.",
        )


def warn_of_clock(database: "Database", clock: "Clock") -> None:
    """Leases compare the times of several machines: say so where this one's is not PostgreSQL's."""
    if database.is_sqlite:
        return
    from sqlalchemy import text

    with database.reading() as session:
        theirs = session.scalars(text("select clock_timestamp()")).one()
    off_s = (clock() - theirs).total_seconds()
    if abs(off_s) > _CLOCKS_AGREE_S:
        log.warning(
            "the clock here is %+.0f s off the database's: set it, leases count on it", off_s
        )


def ready_redis(settings: "Settings") -> None:
    """Where Redis is configured it must answer at start. Raises `DependencyError`."""
    if not settings.jobs.redis_url:
        return
    import redis

    try:
        with redis.Redis.from_url(
            settings.jobs.redis_url, socket_connect_timeout=2, socket_timeout=2
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise DependencyError(
            f"Redis does not answer: {str(error).splitlines()[0]}", remedy="Check REDIS_URL."
        ) from error


def ready(settings: "Settings", *, upgrades: bool = False) -> "Services":
    """The wiring of a process, over a database and a Redis that answer."""
    from goviral.entrypoints.api.services import build_services

    ready_redis(settings)
    services = build_services(settings)
    ready_database(services.database, upgrades=upgrades)
    warn_of_clock(services.database, services.clock)
    return services
