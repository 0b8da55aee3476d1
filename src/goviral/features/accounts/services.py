"""What every feature is wired to. Built once, in `goviral.entrypoints.api.services`."""

from dataclasses import dataclass, field
from typing import Any

from goviral.features.accounts.credential_cache import CredentialCache
from goviral.kit.clock import Clock, utc_now
from goviral.kit.db.database import Database
from goviral.kit.http import HttpClient
from goviral.kit.rate_limit import Limiter, MemoryLimiter
from goviral.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators of API, worker and scheduler. Everything in it is thread-safe."""

    settings: Settings
    database: Database
    limiter: Limiter = field(default_factory=MemoryLimiter)
    http: HttpClient = field(default_factory=HttpClient)
    clock: Clock = utc_now
    credentials: CredentialCache = field(default_factory=CredentialCache)
    queue: Any = None
    registry: Any = None
    store: Any = None
    feed: Any = None
