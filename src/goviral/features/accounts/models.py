"""Users and what they identify themselves with. Of no credential more than a hash is kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from goviral.features.accounts.principal import Plan, Role
from goviral.kit.clock import utc_now
from goviral.kit.db import partitions  # noqa: F401  it hears of tables being made
from goviral.kit.db.base import Base, Identified, Owned, Timestamped
from goviral.kit.db.sealed import SealedText

_USER = "users.id"


class User(Identified, Owned, Timestamped, Base):
    """A person, or a machine that acts as one.

    `owner_id` is the user who founded the team: his own id, unless he was made a member of another's.
    `token_version` is counted up to end all his sessions at once.
    """

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    plan: Mapped[str] = mapped_column(String(16), default=Plan.FREE.value)
    roles: Mapped[list[Any]] = mapped_column(default=lambda: [Role.EDITOR.value])
    active: Mapped[bool] = mapped_column(default=True)
    token_version: Mapped[int] = mapped_column(default=0)


class _Credential(Identified, Owned, Timestamped):
    """What keys and clients share. `scopes` can only narrow what the user's roles allow."""

    user_id: Mapped[str] = mapped_column(ForeignKey(_USER, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[Any]]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(64))


class ApiKey(_Credential, Base):
    """A key for `x-api-key`, found by the public part of its text."""

    __tablename__ = "api_keys"

    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    rotated_from: Mapped[str | None] = mapped_column(String(64))
    last_used_at: Mapped[datetime | None]


class ServiceClient(_Credential, Base):
    """A program that trades its id and secret for short tokens (OAuth 2 client credentials)."""

    __tablename__ = "service_clients"


class LoginSession(Identified, Owned, Base):
    """One login, and the family of refresh tokens that prolong it."""

    __tablename__ = "login_sessions"

    user_id: Mapped[str] = mapped_column(ForeignKey(_USER, ondelete="CASCADE"), index=True)
    credential_id: Mapped[str | None] = mapped_column(String(64), index=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(String(64))


class RefreshToken(Identified, Base):
    """One link of the chain: works once; shown again, it betrays a thief and ends the session."""

    __tablename__ = "refresh_tokens"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("login_sessions.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime | None]


class MagicLink(Identified, Owned, Base):
    """A link that lets its holder do one thing without an account of his own.

    `created_by` is the credential that made it, `challenge` what binds it to a browser (PKCE, S256).
    """

    __tablename__ = "magic_links"

    user_id: Mapped[str] = mapped_column(ForeignKey(_USER, ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(32))
    challenge: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(64))
    scopes: Mapped[list[Any]]
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Owned, Base):
    """Who did what to which, when. Only ever inserted; on PostgreSQL kept in monthly partitions."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_owner_id_created_at", "owner_id", "created_at"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(primary_key=True, default=utc_now)
    actor_id: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Usage(Base):
    """How much an owner has used up in a calendar month (UTC)."""

    __tablename__ = "monthly_usage"

    owner_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    amount: Mapped[int] = mapped_column(default=0)


class IdempotentAnswer(Identified, Owned, Base):
    """The answer to a creating request that named itself, inserted in the request's transaction.

    `answer` is sealed: it may hold a secret that is shown once.
    """

    __tablename__ = "idempotent_answers"
    __table_args__ = (UniqueConstraint("owner_id", "key_digest"),)

    key_digest: Mapped[str] = mapped_column(String(64))
    request_digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(SealedText, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
