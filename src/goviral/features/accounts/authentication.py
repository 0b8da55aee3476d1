"""From the credential in a request to its principal: key, access token or magic link."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from goviral.features.accounts.errors import RevokedError, refused
from goviral.features.accounts.models import ApiKey, MagicLink, ServiceClient, User
from goviral.features.accounts.principal import Plan, Principal, Role, scopes_of
from goviral.features.accounts.purposes import PURPOSES
from goviral.features.accounts.repository import ApiKeys, Links, Sessions, Users
from goviral.features.accounts.services import Services
from goviral.features.accounts.tokens import looks_like_token
from goviral.kit.crypto import digest, is_same, public_id_of
from goviral.kit.db.repository import EVERYONE

DEV_KEY = "dev-key"
DEV_USER_ID = "usr_dev"
KEY_PREFIX = "gvn"
LINK_PREFIX = "gvl"
_FOREVER_S = 1e9
_USE_NOTED_EVERY = timedelta(hours=1)

_ADMIN = frozenset({Role.ADMIN.value})
_DEVELOPER = Principal(
    kind="key",
    user_id=DEV_USER_ID,
    owner_id=DEV_USER_ID,
    roles=_ADMIN,
    scopes=scopes_of(_ADMIN),
    plan=Plan.ENTERPRISE,
    credential_id=DEV_KEY,
)

Found = tuple[Principal, datetime | None]
"""A caller, and until when his credential works."""


def authenticate(services: Services, credential: str) -> Principal:
    """The caller behind a credential. Reads the database unless it was verified seconds ago.

    Raises `UnauthenticatedError` for what is unknown, wrong or expired; `RevokedError` for what was
    taken back.
    """
    known = remembered(services, credential)
    if known is not None:
        return known
    ticket = services.credentials.ticket()
    principal, life_s = verified(services, credential)
    services.credentials.keep(digest(credential), principal, ticket, life_s)
    return principal


def verified(services: Services, credential: str) -> tuple[Principal, float]:
    """The caller as the database knows him now, and for how many seconds at most.

    Raises like `authenticate`.
    """
    with services.database.reading() as session:
        principal, expires_at = _verifier(credential)(services, session, credential)
    return principal, _life_s(expires_at, services.clock())


def remembered(services: Services, credential: str) -> Principal | None:
    """The principal of a credential that was verified just now; never waits."""
    return services.credentials.find(digest(credential))


def principal_of(
    user: User,
    owner: User,
    kind: Literal["user", "key", "link"],
    scopes: frozenset[str],
    credential_id: str,
) -> Principal:
    """A user's principal, with no more scopes than his roles allow. The plan is the team's."""
    roles = frozenset(user.roles)
    return Principal(
        kind=kind,
        user_id=user.id,
        owner_id=user.owner_id,
        roles=roles,
        scopes=scopes_of(roles) & scopes,
        plan=owner.plan,
        credential_id=credential_id,
    )


def active_user(session: Session, user_id: str) -> tuple[User, User]:
    """The user and the owner of his rows. Raises `RevokedError` where either is switched off."""
    users = Users(session, EVERYONE)
    user = users.find(user_id)
    if user is None:
        raise refused()
    owner = user if user.owner_id == user.id else users.get(user.owner_id)
    if not (user.active and owner.active):
        raise RevokedError("This account is switched off.", remedy="Ask your administrator.")
    return user, owner


def check_key(session: Session, key: str, now: datetime) -> ApiKey:
    """The row of a key that may be used. Raises `UnauthenticatedError`, `RevokedError`."""
    public_id = public_id_of(key, KEY_PREFIX)
    row = ApiKeys(session, EVERYONE).by_public_id(public_id) if public_id else None
    if row is None or not is_same(row.digest, digest(key)):
        raise refused()
    check_usable(row, now)
    return row


def check_usable(row: ApiKey | MagicLink | ServiceClient, now: datetime) -> None:
    """Raises `RevokedError` for what was taken back, `UnauthenticatedError` for what has expired."""
    if row.revoked_at is not None:
        raise RevokedError("This credential was revoked.", remedy="Use another one.")
    if row.expires_at is not None and row.expires_at <= now:
        raise refused()


def _verifier(credential: str) -> Callable[[Services, Session, str], Found]:
    if looks_like_token(credential):
        return _by_token
    if credential.startswith(f"{LINK_PREFIX}_"):
        return _by_link
    return _by_key


def _by_key(services: Services, session: Session, key: str) -> Found:
    if services.settings.server.env == "dev" and is_same(key, DEV_KEY):
        return _DEVELOPER, None
    row = check_key(session, key, services.clock())
    _note_use(services, row)
    return _in_the_name_of(session, row, "key"), row.expires_at


def _by_token(services: Services, session: Session, token: str) -> Found:
    now = services.clock()
    access = services.tokens.read(token, now)
    login = Sessions(session, EVERYONE).find(access.session_id)
    # A login ends before its tokens where the key it was opened with was rotated.
    if login is None or login.user_id != access.user_id or login.expires_at <= now:
        raise refused()
    user, owner = active_user(session, access.user_id)
    if login.revoked_at is not None or user.token_version != access.token_version:
        raise RevokedError("This login was ended.", remedy="Log in again.")
    # Tokens that a key or client was traded for are still a machine's, not a person's.
    kind: Literal["user", "key"] = "user" if login.credential_id is None else "key"
    ends_at = min(access.expires_at, login.expires_at)
    return principal_of(user, owner, kind, access.scopes, login.id), ends_at


def _by_link(services: Services, session: Session, token: str) -> Found:
    row = Links(session, EVERYONE).by_digest(digest(token))
    if row is None or PURPOSES[row.purpose].is_single_use:
        raise refused()  # What works once is redeemed, not shown at every door.
    check_usable(row, services.clock())
    principal = _in_the_name_of(session, row, "link")
    return replace(principal, subject=row.subject), row.expires_at


def _note_use(services: Services, row: ApiKey) -> None:
    """To the hour: a write for every request would cost more than the request."""
    now = services.clock()
    if row.last_used_at is None or row.last_used_at < now - _USE_NOTED_EVERY:
        with services.database.transaction() as session:
            ApiKeys(session, EVERYONE).get(row.id).last_used_at = now


def _in_the_name_of(
    session: Session, row: ApiKey | MagicLink, kind: Literal["key", "link"]
) -> Principal:
    user, owner = active_user(session, row.user_id)
    return principal_of(user, owner, kind, frozenset(row.scopes), row.id)


def _life_s(expires_at: datetime | None, now: datetime) -> float:
    return _FOREVER_S if expires_at is None else (expires_at - now).total_seconds()
