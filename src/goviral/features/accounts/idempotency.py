"""Creating requests that may be sent twice: the same `Idempotency-Key` gets the same answer for 24 h.

The key is inserted in the transaction that does the work, so there is no moment at which the work is
done and the key is not known. Two at once: the second waits for the first (SQLite at its BEGIN,
PostgreSQL at the unique index) and then reads its answer. Work that failed left no key: it may be
tried again under the same one.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from goviral.features.accounts.errors import ReusedKeyError
from goviral.features.accounts.models import IdempotentAnswer
from goviral.kit.crypto import digest
from goviral.kit.db.repository import is_of
from goviral.kit.errors import InputError
from goviral.kit.ids import new_id
from goviral.kit.seal import Seal

LIFE: Final = timedelta(hours=24)
_MAX_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class Named:
    """A request that named itself: whose, by which key, and a digest of all that was asked."""

    owner_id: str
    key_digest: str
    request_digest: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it went out."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str


def named(owner_id: str, credential_user: str, key: str, request: bytes) -> Named:
    """Raises `InputError` for a key that is empty, too long, or not printable ASCII."""
    if not (0 < len(key) <= _MAX_LENGTH and key.isascii() and key.isprintable()):
        raise InputError(
            "That Idempotency-Key cannot be used.", remedy="Take up to 255 printable characters."
        )
    return Named(owner_id, digest(f"{credential_user}\n{key}"), digest(request.hex()))


def once(
    session: Session, seal: Seal, name: Named, now: datetime, work: Callable[[], Kept]
) -> tuple[Kept, bool]:
    """The answer of `work`, or the one it gave before, and whether it is that one.

    Raises `ReusedKeyError` where the key stood for another request.
    """
    row = _claim(session, name, now)
    if row.answer:
        if row.request_digest != name.request_digest:
            raise ReusedKeyError(
                "This Idempotency-Key stood for another request.", remedy="Take a new one."
            )
        return _opened(seal, row), True
    kept = work()
    text = json.dumps([kept.status, kept.headers, kept.body])
    row.answer = seal.close(text, row.id)
    session.flush()
    return kept, False


def forget_answers(session: Session, now: datetime) -> None:
    """Delete what is older than 24 hours."""
    session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at <= now - LIFE))


def _claim(session: Session, name: Named, now: datetime) -> IdempotentAnswer:
    """The row of the key: a new one without an answer, or one that was there."""
    found = _find(session, name)
    if found is not None and found.created_at <= now - LIFE:
        session.delete(found)
        session.flush()
        found = None
    return found or _inserted(session, name, now) or _finished(session, name)


def _inserted(session: Session, name: Named, now: datetime) -> IdempotentAnswer | None:
    row = IdempotentAnswer(
        id=new_id("idm"),
        owner_id=name.owner_id,
        key_digest=name.key_digest,
        request_digest=name.request_digest,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def _finished(session: Session, name: Named) -> IdempotentAnswer:
    """The row of whoever was first: the unique index let us wait until he was done."""
    row = _find(session, name)
    if row is None:
        raise InputError("This Idempotency-Key is in use.", remedy="Try again.")
    return row


def _find(session: Session, name: Named) -> IdempotentAnswer | None:
    return session.scalars(
        select(IdempotentAnswer).where(
            is_of(IdempotentAnswer, name.owner_id),
            IdempotentAnswer.key_digest == name.key_digest,
        )
    ).one_or_none()


def _opened(seal: Seal, row: IdempotentAnswer) -> Kept:
    status, headers, body = json.loads(seal.open(row.answer, row.id))
    return Kept(status, tuple((name, value) for name, value in headers), body)
