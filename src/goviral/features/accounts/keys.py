"""API keys and service clients: made, rotated, revoked. Their secret is shown once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.authentication import KEY_PREFIX
from goviral.features.accounts.credential_cache import CredentialCache
from goviral.features.accounts.errors import TooManyError
from goviral.features.accounts.models import ApiKey, ServiceClient, User
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.repository import ApiKeys, Clients, Links, Sessions, Users
from goviral.features.accounts.standing import credentials_changed
from goviral.kit.crypto import digest, new_key
from goviral.kit.db.locks import lock_name
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import ConflictError, ForbiddenError
from goviral.kit.ids import new_id

CLIENT_PREFIX = "gvs"
_SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class KeyWishes:
    """What a new key or client is for. `user_id` None: for whoever asks."""

    name: str
    scopes: frozenset[str]
    expires_at: datetime | None = None
    user_id: str | None = None


def api_keys(session: Session, by: Principal) -> ApiKeys:
    """The keys the caller may see: his own, an administrator's everyone's."""
    return ApiKeys(session, *_reach(by))


def clients(session: Session, by: Principal) -> Clients:
    """The clients the caller may see."""
    return Clients(session, *_reach(by))


def create_key(
    session: Session, by: Principal, wishes: KeyWishes, most: int, now: datetime
) -> tuple[ApiKey, str]:
    """A new key and its text, which is kept nowhere; `most` may work at a time.

    Raises `ForbiddenError` for scopes the caller has not, `NotFoundError` for somebody else's user,
    `TooManyError`.
    """
    user = _for_whom(session, by, wishes)
    _check_room(ApiKeys(session, EVERYONE, user.id), user.id, most, now)
    row, text = issue_key(session, user, wishes.name, wishes.scopes, by.user_id, wishes.expires_at)
    audit(session, by, "key.create", row.id, _told(wishes), owner_id=user.owner_id)
    return row, text


def issue_key(
    session: Session,
    user: User,
    name: str,
    scopes: frozenset[str],
    created_by: str = _SYSTEM,
    expires_at: datetime | None = None,
    rotated_from: str | None = None,
) -> tuple[ApiKey, str]:
    """The row of a new key and its text. Checks and records nothing: that is the caller's matter."""
    text, public_id = new_key(KEY_PREFIX)
    row = ApiKey(
        id=new_id("key"),
        owner_id=user.owner_id,
        user_id=user.id,
        name=name,
        public_id=public_id,
        digest=digest(text),
        scopes=sorted(scopes),
        expires_at=expires_at,
        created_by=created_by,
        rotated_from=rotated_from,
    )
    ApiKeys(session, EVERYONE).add(row)
    return row, text


def rotate_key(
    session: Session,
    cache: CredentialCache,
    by: Principal,
    key_id: str,
    overlap: timedelta,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A successor with the same rights; the old key, and tokens it was traded for, work `overlap` longer.

    The one before that ends now: two of a chain are live at most. Raises `NotFoundError`; `ConflictError` for a dead key and for one that has a live successor.
    """
    keys = api_keys(session, by)
    # Held: of two who rotate it at once, the second finds the successor of the first.
    old = keys.get_for_update(key_id)
    _check_reach(by, frozenset(old.scopes))
    is_dead = old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now)
    if is_dead or keys.live_successors(old.id, now):
        raise ConflictError("This key is dead or has a successor.", remedy="Rotate the newest key.")
    user = Users(session, EVERYONE).get(old.user_id)
    new, text = issue_key(
        session, user, old.name, frozenset(old.scopes), by.user_id, old.expires_at, old.id
    )
    before = keys.find(old.rotated_from) if old.rotated_from else None
    _end(session, old, now + overlap)
    if before is not None:
        _end(session, before, now)
    credentials_changed(session, cache, old.user_id)
    audit(session, by, "key.rotate", old.id, {"successor": new.id}, owner_id=old.owner_id)
    return new, text


def revoke_key(
    session: Session, cache: CredentialCache, by: Principal, key_id: str, now: datetime
) -> None:
    """Take a key back, all tokens it was traded for, and the links it made. Twice is no error."""
    _revoke(session, cache, by, api_keys(session, by).get(key_id), "key.revoke", now)


def create_client(
    session: Session, by: Principal, wishes: KeyWishes, most: int, now: datetime
) -> tuple[ServiceClient, str]:
    """A new client and its secret. Raises like `create_key`."""
    user = _for_whom(session, by, wishes)
    _check_room(Clients(session, EVERYONE, user.id), user.id, most, now)
    secret, _ = new_key(CLIENT_PREFIX)
    row = ServiceClient(
        id=new_id("cli"),
        owner_id=user.owner_id,
        user_id=user.id,
        name=wishes.name,
        digest=digest(secret),
        scopes=sorted(wishes.scopes),
        expires_at=wishes.expires_at,
        created_by=by.user_id,
    )
    Clients(session, EVERYONE).add(row)
    audit(session, by, "client.create", row.id, _told(wishes), owner_id=user.owner_id)
    return row, secret


def revoke_client(
    session: Session, cache: CredentialCache, by: Principal, client_id: str, now: datetime
) -> None:
    """Take a client back, all its tokens, and the links it made. Twice is no error."""
    _revoke(session, cache, by, clients(session, by).get(client_id), "client.revoke", now)


def _end(session: Session, key: ApiKey, ends_at: datetime) -> None:
    key.expires_at = ends_at if key.expires_at is None else min(key.expires_at, ends_at)
    Sessions(session, EVERYONE).end_with(key.id, key.expires_at)


def _revoke(
    session: Session,
    cache: CredentialCache,
    by: Principal,
    row: ApiKey | ServiceClient,
    action: str,
    now: datetime,
) -> None:
    row.revoked_at = row.revoked_at or now
    Sessions(session, EVERYONE).revoke(now, action, credential_id=row.id)
    Links(session, EVERYONE).revoke_made_by(row.id, now)
    credentials_changed(session, cache, row.user_id)
    audit(session, by, action, row.id, owner_id=row.owner_id)
    session.flush()


def _reach(by: Principal) -> tuple[str, str | None]:
    return (EVERYONE, None) if by.can("admin") else (by.owner_id, by.user_id)


def _for_whom(session: Session, by: Principal, wishes: KeyWishes) -> User:
    _check_reach(by, wishes.scopes)
    users = Users(session, EVERYONE if by.can("admin") else by.owner_id)
    user_id = wishes.user_id or by.user_id
    # Not even for a colleague: what a key does is done in its user's name.
    if user_id != by.user_id and not by.can("admin"):
        users = Users(session, "")
    return users.get(user_id)


def _check_room(mine: ApiKeys | Clients, user_id: str, most: int, now: datetime) -> None:
    # Asked for at once they are counted one after the other.
    lock_name(mine.session, mine.noun, user_id)
    if mine.count(*mine.live(now)) >= most:
        raise TooManyError(f"There are {most} of these already.", remedy="Revoke one first.")


def _check_reach(by: Principal, scopes: frozenset[str]) -> None:
    beyond = scopes - by.scopes
    if beyond:
        raise ForbiddenError(
            f"You have not the scopes {', '.join(sorted(beyond))}.", remedy="Ask for fewer."
        )


def _told(wishes: KeyWishes) -> dict[str, object]:
    expires = wishes.expires_at.isoformat() if wishes.expires_at else None
    return {"scopes": sorted(wishes.scopes), "expires_at": expires}
