"""Rows of accounts. Private to this feature."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.orm import Session
from typing_extensions import override

from goviral.features.accounts.models import (
    ApiKey,
    AuditEntry,
    LoginSession,
    MagicLink,
    RefreshToken,
    ServiceClient,
    User,
)
from goviral.kit.db.repository import Repository

T = TypeVar("T")


class Users(Repository[User]):
    """Users of a team, or all."""

    model = User
    noun = "user"

    def by_email(self, email: str) -> User | None:
        """The user with that address, as it was normalised."""
        return self.session.scalars(self.rows().where(User.email == email)).one_or_none()


class _Personal(Repository[T]):
    """Rows of one member of a team; without `user_id`, of the whole team."""

    def __init__(self, session: Session, owner_id: str, user_id: str | None = None) -> None:
        super().__init__(session, owner_id)
        self.user_id = user_id

    @override
    def rows(self) -> "Select[tuple[T]]":
        statement = super().rows()
        if self.user_id is None:
            return statement
        return statement.where(self.model.user_id == self.user_id)


class _Revocable(_Personal[T]):
    """Credentials that expire and are revoked."""

    def live(self, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """What those that work have in common."""
        expires_at = self.model.expires_at
        return self.model.revoked_at.is_(None), expires_at.is_(None) | (expires_at > now)


class ApiKeys(_Revocable[ApiKey]):
    """Keys, found by their public part."""

    model = ApiKey
    noun = "API key"

    def by_public_id(self, public_id: str) -> ApiKey | None:
        return self.session.scalars(self.rows().where(ApiKey.public_id == public_id)).one_or_none()

    def live_successors(self, key_id: str, now: datetime) -> int:
        """How many live keys were made to take the place of this one."""
        return self.count(ApiKey.rotated_from == key_id, *self.live(now))


class Clients(_Revocable[ServiceClient]):
    """Programs with a secret of their own."""

    model = ServiceClient
    noun = "client"


class Links(_Personal[MagicLink]):
    """Magic links, found by the hash of their token."""

    model = MagicLink
    noun = "magic link"

    def by_digest(self, digest: str) -> MagicLink | None:
        return self.session.scalars(self.rows().where(MagicLink.digest == digest)).one_or_none()

    def use_up(self, link_id: str, now: datetime) -> bool:
        """Mark it used; False where somebody was first. One statement, so two never both win."""
        used = self.session.execute(
            update(MagicLink)
            .where(MagicLink.id == link_id, MagicLink.used_at.is_(None))
            .values(used_at=now)
            .returning(MagicLink.id)
        )
        return used.first() is not None

    def revoke_logins(self, user_id: str, now: datetime, made_by: str | None = None) -> None:
        """Take back a user's links that could still log in, or those a credential of his made."""
        theirs = [MagicLink.user_id == user_id, MagicLink.purpose == "login"]
        if made_by is not None:
            theirs.append(MagicLink.created_by == made_by)
        self._revoke(now, *theirs)

    def revoke_made_by(self, credential_id: str, now: datetime) -> None:
        """Take back all that a key or client made, itself or by the tokens it was traded for."""
        logins = select(LoginSession.id).where(LoginSession.credential_id == credential_id)
        made = (MagicLink.created_by == credential_id) | MagicLink.created_by.in_(logins)
        self._revoke(now, made)

    def _revoke(self, now: datetime, *where: ColumnElement[bool]) -> None:
        live = (MagicLink.revoked_at.is_(None), *where)
        self.session.execute(update(MagicLink).where(*live).values(revoked_at=now))


class AuditLog(Repository[AuditEntry]):
    """What was done, newest first."""

    model = AuditEntry
    noun = "audit entry"


class Sessions(Repository[LoginSession]):
    """Logins and their refresh tokens."""

    model = LoginSession
    noun = "session"

    def token(self, digest: str) -> RefreshToken | None:
        return self.session.scalars(
            select(RefreshToken).where(RefreshToken.digest == digest)
        ).one_or_none()

    def use_up(self, token_id: str, now: datetime) -> bool:
        """Mark a refresh token used; False where it was before."""
        used = self.session.execute(
            update(RefreshToken)
            .where(RefreshToken.id == token_id, RefreshToken.used_at.is_(None))
            .values(used_at=now)
            .returning(RefreshToken.id)
        )
        return used.first() is not None

    def revoke(
        self,
        now: datetime,
        because: str,
        *,
        session_id: str | None = None,
        user_id: str | None = None,
        credential_id: str | None = None,
    ) -> None:
        """End one session, all of a user, or all that a key or client began."""
        chosen = update(LoginSession).where(LoginSession.revoked_at.is_(None))
        for column, value in (
            (LoginSession.id, session_id),
            (LoginSession.user_id, user_id),
            (LoginSession.credential_id, credential_id),
        ):
            if value is not None:
                chosen = chosen.where(column == value)
        if session_id or user_id or credential_id:
            self.session.execute(chosen.values(revoked_at=now, revoked_because=because))

    def end_with(self, credential_id: str, at: datetime) -> None:
        """Let no session that a key began outlive `at`."""
        longer = (LoginSession.credential_id == credential_id, LoginSession.expires_at > at)
        self.session.execute(update(LoginSession).where(*longer).values(expires_at=at))

    def forget_older_than(self, limit: datetime) -> None:
        """Delete sessions that ended before `limit`, with their tokens."""
        self.session.execute(
            delete(RefreshToken).where(
                RefreshToken.session_id.in_(
                    select(LoginSession.id).where(LoginSession.expires_at < limit)
                )
            )
        )
        self.session.execute(delete(LoginSession).where(LoginSession.expires_at < limit))
