"""The one composition root: what the settings choose, wired together."""

import logging

from goviral.features.accounts import tasks as accounts
from goviral.features.accounts.credential_cache import CredentialCache
from goviral.features.accounts.services import Services
from goviral.features.accounts.tokens import TokenSigner
from goviral.features.library import tasks as library
from goviral.features.pipeline import tasks as pipeline
from goviral.features.webhooks import tasks as webhooks
from goviral.features.webhooks.deliveries import to_deliveries
from goviral.kit.crypto import Passwords
from goviral.kit.db.database import Database
from goviral.kit.events.live import LiveFeed
from goviral.kit.events.relay import Relay
from goviral.kit.events.wake import MemoryWake, RedisWake, Wake
from goviral.kit.jobs import housekeeping
from goviral.kit.jobs.events import tell_failures
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.queues import make_queue
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Registry
from goviral.kit.rate_limit import Limiter, MemoryLimiter, RedisLimiter
from goviral.kit.seal import Seal
from goviral.kit.secret_file import kept_secret
from goviral.kit.server_settings import listed
from goviral.kit.settings import Settings
from goviral.kit.storage.stores import make_store
from goviral.kit.telemetry.redaction import redact

_log = logging.getLogger(__name__)

# Each feature that works in the background adds its module here.
_WITH_TASKS = (accounts, library, webhooks, pipeline)


def register_tasks(registry: Registry) -> None:
    """Make the jobs of all features known."""
    for feature in _WITH_TASKS:
        feature.register_tasks(registry)


def build_schedule() -> Schedule:
    """What runs at fixed times, in all features."""
    schedule = Schedule()
    for feature in (*_WITH_TASKS, housekeeping):
        feature.add_to_schedule(schedule)
    return schedule


def build_services(settings: Settings) -> Services:
    """Everything API, worker and scheduler stand on. Opens no connection before it is used."""
    database = Database(database_url(settings), pool_size=settings.database.pool_size)
    registry = Registry()
    register_tasks(registry)
    housekeeping.register_tasks(
        registry, keep_days=settings.jobs.keep_days, keep_months=settings.database.keep_months
    )
    _warn_of_own_secrets(settings)
    return Services(
        settings=settings,
        database=database,
        queue=make_queue(settings.jobs, database, registry, _ledger(settings)),
        registry=registry,
        store=make_store(settings),
        tokens=TokenSigner(_secret(settings), _previous_secret(settings)),
        passwords=Passwords(settings.auth.concurrent_hashes),
        seal=build_seal(settings),
        credentials=CredentialCache(settings.auth.cache_s),
        feed=LiveFeed(database, _wake(settings)),
        limiter=_limiter(settings),
    )


def build_seal(settings: Settings) -> Seal:
    """The sealing keys; what was sealed before there were any opens with the secret of the tokens."""
    previous = _previous_secret(settings)
    of_tokens = [_secret(settings)] + ([previous] if previous else [])
    return Seal(*_sealing_keys(settings), *of_tokens)


def database_url(settings: Settings) -> str:
    """The database the settings name; none: one file in the data folder."""
    return settings.database.url or f"sqlite:///{settings.server.data_dir / 'goviral.db'}"


def build_relay(services: Services, name: str | None = None) -> Relay:
    """Hands events to whoever subscribed to them, in all features."""
    subscribers = [to_deliveries(services.queue)]
    tap = services.feed.wake.tap
    return Relay(services.database, subscribers, on_relayed=tap, clock=services.clock, name=name)


def _ledger(settings: Settings) -> Ledger:
    jobs = settings.jobs
    return Ledger(
        lease_s=jobs.lease_s, on_change=tell_failures, redact=redact, per_owner=jobs.per_owner
    )


def _wake(settings: Settings) -> Wake:
    if settings.jobs.redis_url:
        return RedisWake(settings.jobs.redis_url)
    return MemoryWake()


def _limiter(settings: Settings) -> Limiter:
    if settings.jobs.redis_url:
        return RedisLimiter(settings.jobs.redis_url)
    return MemoryLimiter()


def _secret(settings: Settings) -> str:
    given = settings.auth.jwt_secret
    if given is not None:
        return given.get_secret_value()
    return kept_secret(settings.server.data_dir / "jwt-secret")


def _previous_secret(settings: Settings) -> str | None:
    given = settings.auth.jwt_secret_previous
    return given.get_secret_value() if given else None


def _sealing_keys(settings: Settings) -> tuple[str, ...]:
    given = listed(settings.auth.sealing_keys)
    if given:
        return given
    if _is_one_machine(settings):
        return (kept_secret(settings.server.data_dir / "sealing-key"),)
    return ()  # A key of this machine's own would lock the others out of what it seals.


def _warn_of_own_secrets(settings: Settings) -> None:
    if _is_one_machine(settings):
        return
    if settings.auth.jwt_secret is None:
        _log.warning("JWT_SECRET is not set: other machines will refuse the tokens of this one")
    if settings.auth.sealing_keys is None:
        _log.warning("GOVIRAL_SEALING_KEYS is not set: JWT_SECRET encrypts secrets of webhooks")


def _is_one_machine(settings: Settings) -> bool:
    return not settings.database.url or settings.database.url.startswith("sqlite")
