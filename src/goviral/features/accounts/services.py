"""What every feature is wired to. Built once, in `goviral.entrypoints.api.services`."""

from dataclasses import dataclass, field

from goviral.features.accounts.credential_cache import CredentialCache
from goviral.features.accounts.tokens import TokenSigner
from goviral.kit.clock import Clock, utc_now
from goviral.kit.crypto import Passwords
from goviral.kit.db.database import Database
from goviral.kit.events.live import LiveFeed
from goviral.kit.http import HttpClient
from goviral.kit.jobs.queue import Queue
from goviral.kit.jobs.task import Registry
from goviral.kit.rate_limit import Limiter, MemoryLimiter
from goviral.kit.seal import Seal
from goviral.kit.settings import Settings
from goviral.kit.storage.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators of API, worker and scheduler. Everything in it is thread-safe.

    `seal` encrypts what must be stored and read again (secrets of webhooks and connected accounts).
    """

    settings: Settings
    database: Database
    queue: Queue
    registry: Registry
    store: Store
    tokens: TokenSigner
    passwords: Passwords
    seal: Seal
    credentials: CredentialCache
    feed: LiveFeed
    limiter: Limiter = field(default_factory=MemoryLimiter)
    http: HttpClient = field(default_factory=HttpClient)
    clock: Clock = utc_now
