"""One transaction at a time for what has no row yet to lock."""

import hashlib

from sqlalchemy import text
from sqlalchemy.orm import Session

_WAIT_S = 30.0


def lock_name(session: Session, *name: str, wait_s: float = _WAIT_S) -> None:
    """Wait until no other transaction holds `name`, and hold it to the end of this one.

    What others wrote under the lock before is seen by statements after it. Belongs to the transaction,
    not to the connection: PgBouncer may pool it. SQLite's writers come one by one anyway. Raises
    `sqlalchemy.exc.OperationalError` after waiting for `wait_s`.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    session.execute(text(f"set local lock_timeout = {round(wait_s * 1000)}"))
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _key_of(name)})


def _key_of(name: tuple[str, ...]) -> int:
    digest = hashlib.sha256("\0".join(name).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
