"""Logging in, staying logged in, logging out.

A login opens a session: access tokens of some minutes, prolonged by refresh tokens that work once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.authentication import (
    active_user,
    check_key,
    check_usable,
    principal_of,
)
from goviral.features.accounts.errors import RevokedError, refused
from goviral.features.accounts.models import LoginSession, RefreshToken, User
from goviral.features.accounts.principal import SCOPES, Principal, scopes_of
from goviral.features.accounts.repository import Clients, Links, Sessions, Users
from goviral.features.accounts.services import Services
from goviral.features.accounts.standing import credentials_changed
from goviral.features.accounts.tokens import Access
from goviral.features.accounts.users import normal_email
from goviral.kit.crypto import digest, is_same, new_secret
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import ForbiddenError
from goviral.kit.ids import new_id

REFRESH_PREFIX = "gvr"
_SECRET_LENGTH = 43
_NOBODYS_DIGEST = digest(new_secret())


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login or a refresh gives. Programs with a secret of their own get no refresh token."""

    access_token: str
    expires_in_s: int
    scopes: frozenset[str]
    refresh_token: str | None


def by_password(services: Services, email: str, password: str) -> TokenPair:
    """Log in with an address and a password.

    An unknown address takes as long and gets the same answer as a wrong password. Raises
    `UnauthenticatedError`, `RevokedError`, `RateLimitedError`.
    """
    email = normal_email(email)
    _count_try(services, email)
    kept = _password_hash(services, email)
    # No transaction is open meanwhile: a hash takes a tenth of a second on purpose.
    if not services.passwords.check(password, kept):
        raise refused()
    with services.database.transaction() as session:
        user = Users(session, EVERYONE).by_email(email)
        if user is None or user.password_hash != kept:
            raise refused()
        if services.passwords.is_outdated(user.password_hash or ""):
            user.password_hash = services.passwords.hash(password)
        return open_session(services, session, user.id, frozenset(SCOPES), "password")


def check_current(services: Services, user_id: str, password: str | None) -> None:
    """That whoever is logged in as a user knows his password, too: a stolen token must not change it.

    Tries are counted as those to log in are. Raises `ForbiddenError`, `NotFoundError`, `RateLimitedError`.
    """
    with services.database.reading() as session:
        user = Users(session, EVERYONE).get(user_id)
    _count_try(services, user.email)
    if password is None or not services.passwords.check(password, user.password_hash):
        raise ForbiddenError(
            "That is not the current password.",
            remedy="Send it as current_password, or ask an administrator for a new one.",
        )


def by_key(services: Services, session: Session, key: str) -> TokenPair:
    """Trade an API key for tokens with the key's scopes. They end when the key is revoked."""
    row = check_key(session, key, services.clock())
    return open_session(
        services, session, row.user_id, frozenset(row.scopes), "api_key", row.id, row.expires_at
    )


def by_client(services: Services, session: Session, client_id: str, secret: str) -> TokenPair:
    """OAuth 2 client credentials (RFC 6749 4.4): an access token, no refresh token."""
    row = Clients(session, EVERYONE).find(client_id)
    if not is_same(row.digest if row else _NOBODYS_DIGEST, digest(secret)) or row is None:
        raise refused()
    check_usable(row, services.clock())
    pair = open_session(
        services, session, row.user_id, frozenset(row.scopes), "client", row.id, row.expires_at
    )
    return TokenPair(pair.access_token, pair.expires_in_s, pair.scopes, None)


def open_session(
    services: Services,
    session: Session,
    user_id: str,
    scopes: frozenset[str],
    how: str,
    credential_id: str | None = None,
    ends_at: datetime | None = None,
) -> TokenPair:
    """A new session of a user. `ends_at`: no token of it outlives that."""
    user, owner = active_user(session, user_id)
    now = services.clock()
    life = timedelta(seconds=services.settings.auth.refresh_ttl_s)
    login = LoginSession(
        id=new_id("ses"),
        owner_id=user.owner_id,
        user_id=user.id,
        credential_id=credential_id,
        scopes=sorted(scopes & scopes_of(frozenset(user.roles))),
        created_at=now,
        expires_at=min(now + life, ends_at) if ends_at else now + life,
    )
    Sessions(session, EVERYONE).add(login)
    by = principal_of(user, owner, "user", scopes, credential_id or login.id)
    audit(session, by, "session.open", login.id, {"how": how})
    return _pair(services, session, login, user, now)


def refresh(services: Services, token: str) -> TokenPair:
    """The next pair for a refresh token, which works once.

    Shown a second time it was stolen, before or after: the whole session ends at once. Raises
    `UnauthenticatedError`, `RevokedError`.
    """
    with services.database.transaction() as session:
        sessions = Sessions(session, EVERYONE)
        row = sessions.token(digest(token))
        if row is None:
            raise refused()
        login = sessions.get(row.session_id)
        user, owner = active_user(session, login.user_id)
        now = services.clock()
        _check_open(login, now)
        if sessions.use_up(row.id, now):
            if login.credential_id is None:
                login.expires_at = now + timedelta(seconds=services.settings.auth.refresh_ttl_s)
            by = principal_of(user, owner, "user", frozenset(), login.id)
            audit(session, by, "session.refresh", login.id)
            return _pair(services, session, login, user, now)
        by = principal_of(user, owner, "user", frozenset(), login.id)
        _end(services, session, by, login.id, "refresh token used twice")
    raise RevokedError(
        "This refresh token was used before; the login has been ended.", remedy="Log in again."
    )


def log_out(services: Services, session: Session, by: Principal) -> None:
    """End the session the caller's access token belongs to. Other credentials have none to end."""
    if Sessions(session, by.owner_id).find(by.credential_id) is not None:
        _end(services, session, by, by.credential_id, "log out")


def revoke_refresh(services: Services, session: Session, token: str) -> None:
    """End the session of a refresh token; an unknown one is no error (RFC 7009 2.2)."""
    sessions = Sessions(session, EVERYONE)
    row = sessions.token(digest(token))
    if row is not None:
        login = sessions.get(row.session_id)
        user, owner = active_user(session, login.user_id)
        by = principal_of(user, owner, "user", frozenset(), login.id)
        _end(services, session, by, login.id, "revoked")


def _end(services: Services, session: Session, by: Principal, login_id: str, because: str) -> None:
    now = services.clock()
    Sessions(session, EVERYONE).revoke(now, because, session_id=login_id)
    Links(session, EVERYONE).revoke_logins(by.user_id, now, made_by=login_id)
    credentials_changed(session, services.credentials, by.user_id)
    audit(session, by, "session.end", login_id, {"because": because})


def _pair(
    services: Services, session: Session, login: LoginSession, user: User, now: datetime
) -> TokenPair:
    life = timedelta(seconds=services.settings.auth.access_ttl_s)
    expires_at = min(now + life, login.expires_at)
    scopes = frozenset(login.scopes) & scopes_of(frozenset(user.roles))
    access = Access(user.id, login.id, user.token_version, scopes, expires_at)
    text = f"{REFRESH_PREFIX}_{new_secret(_SECRET_LENGTH)}"
    session.add(
        RefreshToken(id=new_id("rft"), session_id=login.id, digest=digest(text), created_at=now)
    )
    session.flush()
    return TokenPair(
        access_token=services.tokens.sign(access, now),
        expires_in_s=int((expires_at - now).total_seconds()),
        scopes=scopes,
        refresh_token=text,
    )


def _check_open(login: LoginSession, now: datetime) -> None:
    if login.revoked_at is not None:
        raise RevokedError("This login was ended.", remedy="Log in again.")
    if login.expires_at <= now:
        raise refused()


def _count_try(services: Services, email: str) -> None:
    rate = services.settings.limits.logins_per_minute
    if rate:
        services.limiter.check(f"login:{digest(email)}", rate, 60)


def _password_hash(services: Services, email: str) -> str | None:
    with services.database.reading() as session:
        user = Users(session, EVERYONE).by_email(email)
        return user.password_hash if user else None
