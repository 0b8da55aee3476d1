"""Users, keys, clients and the audit log over HTTP."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import SecretStr

from goviral.features.accounts.audit import audit
from goviral.features.accounts.deps import Admin, Caller, Paged, Reading, Router, Wired, Writing
from goviral.features.accounts.keys import (
    KeyWishes,
    api_keys,
    clients,
    create_client,
    create_key,
    revoke_client,
    revoke_key,
    rotate_key,
)
from goviral.features.accounts.logins import check_current
from goviral.features.accounts.models import AuditEntry, User
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.refusals import refuses
from goviral.features.accounts.repository import AuditLog, Users
from goviral.features.accounts.schemas import (
    AuditOut,
    ClientMade,
    ClientOut,
    KeyMade,
    KeyOut,
    Listed,
    NewKey,
    NewUser,
    Rotation,
    UserChange,
    UserOut,
)
from goviral.features.accounts.services import Services
from goviral.features.accounts.users import UserWishes, change_user, create_user, end_sessions
from goviral.kit.db.repository import EVERYONE, missing
from goviral.kit.errors import ForbiddenError, InputError

router = Router(tags=["accounts"])

UserId = Annotated[str, Path(max_length=64)]
KeyId = Annotated[str, Path(max_length=64)]
ClientId = Annotated[str, Path(max_length=64)]


@router.get("/users", response_model=Listed[UserOut])
def list_users(session: Reading, _by: Admin, paging: Paged) -> Any:
    """All users, newest first."""
    return Users(session, EVERYONE).page(cursor=paging.cursor, limit=paging.limit)


@router.post("/users", status_code=201, response_model=UserOut, responses=refuses(404))
def make_user(wanted: NewUser, session: Writing, by: Admin, wired: Wired) -> Any:
    """A new user. Without a password he is known by keys and links only."""
    return create_user(
        session,
        wired.passwords,
        by,
        wanted.email,
        password=wanted.password.get_secret_value() if wanted.password else None,
        roles=frozenset(wanted.roles),
        plan=wanted.plan,
        team_of=wanted.team_of,
    )


@router.get("/users/{user_id}", response_model=UserOut)
def show_user(user_id: UserId, session: Reading, by: Caller) -> Any:
    """A user: oneself; for administrators anybody."""
    return _visible_user(session, by, user_id)


@router.patch("/users/{user_id}", response_model=UserOut)
def alter_user(
    user_id: UserId, change: UserChange, session: Writing, by: Caller, wired: Wired
) -> Any:
    """Change roles, plan or password, or switch a user off. All his sessions end with the latter two.

    For administrators. Everybody changes his own password, with `current_password`.
    """
    wishes = UserWishes(
        roles=frozenset(change.roles) if change.roles is not None else None,
        plan=change.plan,
        active=change.active,
        password=_text(change.password),
    )
    if not by.can("admin"):
        _check_own(by, user_id, wishes)
    if change.current_password is not None or not by.can("admin"):
        check_current(wired, user_id, _text(change.current_password))
    now = wired.clock()
    return change_user(session, wired.passwords, wired.credentials, by, user_id, wishes, now)


@router.delete("/users/{user_id}/sessions", status_code=204)
def end_user_sessions(user_id: UserId, session: Writing, by: Caller, wired: Wired) -> None:
    """Log a user out everywhere: oneself; for administrators anybody."""
    user = _visible_user(session, by, user_id)
    end_sessions(session, wired.credentials, user, "log out everywhere", wired.clock())
    audit(session, by, "session.end_all", user.id, owner_id=user.owner_id)


@router.get("/keys", response_model=Listed[KeyOut])
def list_keys(session: Reading, by: Caller, paging: Paged) -> Any:
    """One's own keys; for administrators everyone's."""
    _check_person(by)
    return api_keys(session, by).page(cursor=paging.cursor, limit=paging.limit)


@router.post("/keys", status_code=201, response_model=KeyMade, responses=refuses(404))
def make_key(wanted: NewKey, session: Writing, by: Caller, wired: Wired) -> Any:
    """A new key, with scopes that oneself has. It is shown this once."""
    _check_person(by)
    row, key = create_key(
        session, by, _wishes(wanted, wired), wired.settings.limits.keys, wired.clock()
    )
    return KeyMade.model_validate({**KeyOut.model_validate(row).model_dump(), "key": key})


@router.post("/keys/{key_id}/rotate", status_code=201, response_model=KeyMade)
def replace_key(
    key_id: KeyId, rotation: Rotation, session: Writing, by: Caller, wired: Wired
) -> Any:
    """A successor with the same rights; the old key works on for the overlap."""
    _check_person(by)
    overlap = timedelta(hours=rotation.overlap_hours)
    row, key = rotate_key(session, wired.credentials, by, key_id, overlap, wired.clock())
    return KeyMade.model_validate({**KeyOut.model_validate(row).model_dump(), "key": key})


@router.delete("/keys/{key_id}", status_code=204)
def take_key_back(key_id: KeyId, session: Writing, by: Caller, wired: Wired) -> None:
    """Revoke a key, and all tokens it was traded for."""
    _check_person(by)
    revoke_key(session, wired.credentials, by, key_id, wired.clock())


@router.get("/clients", response_model=Listed[ClientOut])
def list_clients(session: Reading, by: Caller, paging: Paged) -> Any:
    """One's own service clients; for administrators everyone's."""
    _check_person(by)
    return clients(session, by).page(cursor=paging.cursor, limit=paging.limit)


@router.post("/clients", status_code=201, response_model=ClientMade, responses=refuses(404))
def make_client(wanted: NewKey, session: Writing, by: Caller, wired: Wired) -> Any:
    """A new service client (OAuth 2 client credentials). Its secret is shown this once."""
    _check_person(by)
    row, secret = create_client(
        session, by, _wishes(wanted, wired), wired.settings.limits.keys, wired.clock()
    )
    shown = ClientOut.model_validate(row).model_dump()
    return ClientMade.model_validate({**shown, "client_secret": secret})


@router.delete("/clients/{client_id}", status_code=204)
def take_client_back(client_id: ClientId, session: Writing, by: Caller, wired: Wired) -> None:
    """Revoke a client, and all its tokens."""
    _check_person(by)
    revoke_client(session, wired.credentials, by, client_id, wired.clock())


@router.get("/audit", response_model=Listed[AuditOut])
def list_audit(
    session: Reading,
    _by: Admin,
    paging: Paged,
    action: Annotated[str | None, Query(max_length=64)] = None,
    subject: Annotated[str | None, Query(max_length=64)] = None,
) -> Any:
    """What was done with accounts and credentials, newest first."""
    chosen = [
        column == value
        for column, value in ((AuditEntry.action, action), (AuditEntry.subject, subject))
        if value is not None
    ]
    return AuditLog(session, EVERYONE).page(*chosen, cursor=paging.cursor, limit=paging.limit)


def _check_own(by: Principal, user_id: str, wishes: UserWishes) -> None:
    """Who is no administrator changes his own password, and nothing else."""
    _check_person(by)
    if user_id != by.user_id:
        raise missing(Users.noun, user_id)  # A colleague is as unknown as a stranger.
    if wishes.password is None or wishes != UserWishes(password=wishes.password):
        raise ForbiddenError(
            "Only your password is yours to change.", remedy="Ask an administrator for the rest."
        )


def _text(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _visible_user(session: Reading, by: Principal, user_id: str) -> User:
    _check_person(by)
    users = Users(session, EVERYONE if by.can("admin") else by.owner_id)
    if user_id != by.user_id and not by.can("admin"):
        users = Users(session, "")  # A colleague is as unknown as a stranger.
    return users.get(user_id)


def _wishes(wanted: NewKey, wired: Services) -> KeyWishes:
    if wanted.expires_at is not None and wanted.expires_at <= wired.clock():
        raise InputError("That time is past.", remedy="Give a later expires_at.")
    scopes: frozenset[str] = frozenset(wanted.scopes)
    return KeyWishes(wanted.name, scopes, wanted.expires_at, wanted.user_id)


def _check_person(by: Principal) -> None:
    """A stolen key must not make itself a successor (ASVS 5.0, 7.2.2); an administrator's may."""
    if by.kind == "user" or (by.kind == "key" and by.can("admin")):
        return
    raise ForbiddenError("A key or link may not do this.", remedy="Log in as a user.")
