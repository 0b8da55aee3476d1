"""Users: made, changed, switched off by administrators."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.credential_cache import CredentialCache
from goviral.features.accounts.errors import WeakPasswordError
from goviral.features.accounts.models import User
from goviral.features.accounts.principal import Plan, Principal, Role
from goviral.features.accounts.repository import Links, Sessions, Users
from goviral.features.accounts.standing import credentials_changed
from goviral.kit.crypto import Passwords
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import ConflictError, InputError
from goviral.kit.ids import new_id

MIN_PASSWORD = 10
MAX_PASSWORD = 256
# What people choose where ten characters are asked for: a word with a number or a mark after it, or a row of keys.
_WORDS = {
    *("abc", "admin", "administrator", "baseball", "changeme", "dragon", "football", "goviral"),
    *("iloveyou", "letmein", "master", "monkey", "p@ssw0rd", "passw0rd", "password", "princess"),
    *("qwerty", "qwertyuiop", "summer", "sunshine", "superman", "welcome", "winter"),
}
_ROWS = {
    *("0123456789", "0987654321", "1234567890", "abcdefghij"),
    *("1q2w3e4r5t", "1qaz2wsx3edc", "zaq12wsxcde"),
}
_ADDED = "0123456789!?.,@#$%&*_-+"


@dataclass(frozen=True, slots=True)
class UserWishes:
    """What an administrator sets; None leaves it as it is."""

    roles: frozenset[Role] | None = None
    plan: Plan | None = None
    active: bool | None = None
    password: str | None = None


def normal_email(email: str) -> str:
    """The address by which a user is found: no blanks, small letters."""
    return email.strip().casefold()


def check_password(password: str, email: str) -> None:
    """Raises `WeakPasswordError`. No rules of composition: length and not being guessed first."""
    lowered = password.casefold()
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise WeakPasswordError(
            "That password is too short or too long.",
            remedy=f"Take {MIN_PASSWORD} to {MAX_PASSWORD} characters.",
        )
    few = len(set(lowered)) < 4
    named = bool(email) and (lowered in email or email in lowered)
    if lowered.rstrip(_ADDED) in _WORDS or lowered in _ROWS or few or named:
        raise WeakPasswordError("That password is guessed first.", remedy="Take another one.")


def create_user(
    session: Session,
    passwords: Passwords,
    by: Principal | None,
    email: str,
    *,
    password: str | None = None,
    roles: frozenset[Role] = frozenset({Role.EDITOR}),
    plan: Plan = Plan.FREE,
    team_of: str | None = None,
    user_id: str | None = None,
) -> User:
    """A new user, owner of his own rows or, with `team_of`, a member of that user's team.

    Raises `ConflictError` for an address that is taken, `InputError`, `NotFoundError`.
    """
    email = normal_email(email)
    hashed = _hashed(passwords, password, email)  # Slow, so before the transaction begins.
    users = Users(session, EVERYONE)
    if users.by_email(email) is not None:
        raise ConflictError("There is a user with that address.", remedy="Take another address.")
    user_id = user_id or new_id("usr")
    owner_id = users.get(team_of).owner_id if team_of else user_id
    user = User(
        id=user_id,
        owner_id=owner_id,
        email=email,
        password_hash=hashed,
        roles=sorted(roles),
        plan=plan,
    )
    users.add(user)
    audit(session, by, "user.create", user.id, {"roles": user.roles}, owner_id=owner_id)
    return user


def change_user(
    session: Session,
    passwords: Passwords,
    cache: CredentialCache,
    by: Principal,
    user_id: str,
    wishes: UserWishes,
    now: datetime,
) -> User:
    """Set what is wished. A new password and switching off end all sessions of the user.

    Where the founder of a team is switched off, its members are out as long as he is.
    """
    hashed = _hashed(passwords, wishes.password, "")
    user = Users(session, EVERYONE).get(user_id)
    if wishes.password is not None:
        check_password(wishes.password, user.email)
    if _locks_out(by, user_id, wishes):
        raise InputError(
            "You would lock yourself out.", remedy="Let another administrator do that."
        )
    _apply(user, wishes, hashed)
    if wishes.password is not None or wishes.active is False:
        end_sessions(session, cache, user, "user.change", now)
    members = session.scalars(Users(session, user.id).rows())
    for changed_id in {user.id, *(member.id for member in members)}:
        credentials_changed(session, cache, changed_id)
    changed = {name: getattr(wishes, name) is not None for name in ("password", "active")}
    details = {"roles": user.roles, "plan": user.plan, "active": user.active, "set": changed}
    audit(session, by, "user.change", user.id, details, owner_id=user.owner_id)
    session.flush()
    return user


def end_sessions(
    session: Session, cache: CredentialCache, user: User, because: str, now: datetime
) -> None:
    """Log a user out everywhere: no token of his works any more, and no link that could log in."""
    user.token_version += 1
    Sessions(session, EVERYONE).revoke(now, because, user_id=user.id)
    Links(session, EVERYONE).revoke_logins(user.id, now)
    credentials_changed(session, cache, user.id)


def _apply(user: User, wishes: UserWishes, hashed: str | None) -> None:
    if wishes.roles is not None:
        user.roles = sorted(wishes.roles)
    if wishes.plan is not None:
        user.plan = wishes.plan
    if wishes.active is not None:
        user.active = wishes.active
    if hashed is not None:
        user.password_hash = hashed


def _locks_out(by: Principal, user_id: str, wishes: UserWishes) -> bool:
    if wishes.active is False and user_id in (by.user_id, by.owner_id):
        return True
    return user_id == by.user_id and wishes.roles is not None and Role.ADMIN not in wishes.roles


def _hashed(passwords: Passwords, password: str | None, email: str) -> str | None:
    if password is None:
        return None
    check_password(password, email)
    return passwords.hash(password)
