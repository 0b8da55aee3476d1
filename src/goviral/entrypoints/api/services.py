"""The one composition root: what the settings choose, wired together."""

from goviral.features.accounts.credential_cache import CredentialCache
from goviral.features.accounts.services import Services
from goviral.features.accounts.tokens import TokenSigner
from goviral.kit.crypto import Passwords, Seal
from goviral.kit.db.database import Database
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.queues import make_queue
from goviral.kit.jobs.task import Registry
from goviral.kit.rate_limit import Limiter, MemoryLimiter, RedisLimiter
from goviral.kit.secret_file import kept_secret
from goviral.kit.settings import Settings
from goviral.kit.storage.stores import make_store


def build_services(settings: Settings) -> Services:
    """Everything API, worker and scheduler stand on. Opens no connection before it is used."""
    database = Database(database_url(settings), pool_size=settings.database.pool_size)
    registry = Registry()
    secret = _secret(settings)
    return Services(
        settings=settings,
        database=database,
        queue=make_queue(settings.jobs, database, registry, Ledger()),
        registry=registry,
        store=make_store(settings),
        tokens=TokenSigner(secret),
        passwords=Passwords(settings.auth.concurrent_hashes),
        seal=Seal(secret),
        credentials=CredentialCache(settings.auth.cache_s),
        limiter=_limiter(settings),
    )


def database_url(settings: Settings) -> str:
    """The database the settings name; none: one file in the data folder."""
    return settings.database.url or f"sqlite:///{settings.server.data_dir / 'goviral.db'}"


def _limiter(settings: Settings) -> Limiter:
    if settings.jobs.redis_url:
        return RedisLimiter(settings.jobs.redis_url)
    return MemoryLimiter()


def _secret(settings: Settings) -> str:
    given = settings.auth.jwt_secret
    if given is not None:
        return given.get_secret_value()
    return kept_secret(settings.server.data_dir / "jwt-secret")
