"""Credentials that were just verified, so that a burst of requests reads the database once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from goviral.features.accounts.principal import Principal

_MAX_ENTRIES = 10_000


class CredentialCache:
    """Digest of a credential → its principal, for at most `ttl_s` seconds.

    A revocation empties the cache of its own process at once; other processes follow within `ttl_s`.
    """

    def __init__(self, ttl_s: float = 3.0, now: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._now = now
        self._entries: OrderedDict[str, tuple[float, Principal]] = OrderedDict()
        self._generation = 0
        self._lock = threading.Lock()

    def find(self, digest: str) -> Principal | None:
        """The principal, or None where it is unknown or too old to trust."""
        entry = self._entries.get(digest)
        if entry is None or entry[0] <= self._now():
            return None
        return entry[1]

    def ticket(self) -> int:
        """To be taken before reading the database, and given to `keep`."""
        return self._generation

    def keep(self, digest: str, principal: Principal, ticket: int, life_s: float) -> None:
        """Remember it, unless something was revoked since the ticket was taken."""
        until = self._now() + min(self._ttl_s, life_s)
        with self._lock:
            if ticket == self._generation:
                self._entries[digest] = (until, principal)
                if len(self._entries) > _MAX_ENTRIES:
                    self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget all: something was revoked or changed."""
        with self._lock:
            self._generation += 1
            self._entries.clear()
