"""What goes in and out of the account routes."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
)

from goviral.features.accounts.principal import SCOPES, Plan, Role
from goviral.kit.times import UtcTime

T = TypeVar("T")
Scope = Literal[
    "videos:read",
    "videos:write",
    "clips:read",
    "clips:write",
    "pipeline:run",
    "webhooks:manage",
    "admin",
]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+$"
    ),
]
Id = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


def _is_text(secret: SecretStr) -> SecretStr:
    # pydantic looks into a plain string, not into a secret: half a character would fail where it is hashed.
    secret.get_secret_value().encode()
    return secret


Secret = Annotated[SecretStr, AfterValidator(_is_text), Field(max_length=256)]


class Listed(BaseModel, Generic[T]):
    """A page of a list, newest first."""

    model_config = ConfigDict(from_attributes=True)

    items: list[T]
    next_cursor: str | None = None


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NewUser(_In):
    """A user to make. `team_of`: a user whose videos and clips the new one shares."""

    email: Email
    password: Secret | None = None
    roles: list[Role] = Field([Role.EDITOR], min_length=1, max_length=3)
    plan: Plan = Plan.FREE
    team_of: Id | None = None


class UserChange(_In):
    """What to change; what is left out stays. Who is no administrator changes his password, and only that."""

    roles: list[Role] | None = Field(None, min_length=1, max_length=3)
    plan: Plan | None = None
    active: bool | None = None
    password: Secret | None = None
    current_password: Secret | None = Field(
        None, description="The password until now: of everybody but administrators."
    )


class UserOut(_Out):
    """A user."""

    id: str
    owner_id: str
    email: str
    plan: Plan
    roles: list[Role]
    active: bool
    created_at: datetime


class NewKey(_In):
    """A key to make. `user_id` is for administrators."""

    name: Name = ""
    scopes: list[Scope] = Field(min_length=1, max_length=len(SCOPES))
    expires_at: UtcTime | None = None
    user_id: Id | None = None


class Rotation(_In):
    """How long the old key still works."""

    overlap_hours: int = Field(24, ge=0, le=24 * 30)


class KeyOut(_Out):
    """An API key, without its secret."""

    id: str
    user_id: str
    name: str
    public_id: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    rotated_from: str | None


class KeyMade(KeyOut):
    """A new key. `key` is shown this once."""

    key: str


class ClientOut(_Out):
    """A service client, without its secret."""

    id: str
    user_id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class ClientMade(ClientOut):
    """A new client: its id is `client_id`. `client_secret` is shown this once."""

    client_secret: str


class AuditOut(_Out):
    """One thing that was done."""

    id: str
    created_at: datetime
    owner_id: str
    actor_id: str
    credential_id: str
    action: str
    subject: str
    request_id: str
    details: dict[str, Any]


class TokenRequest(_In):
    """One of: `api_key`; `client_id` and `client_secret`; `email` (or `username`) and `password`;
    `refresh_token`. `grant_type` may be left out: it follows from what is given.
    """

    grant_type: Literal["password", "client_credentials", "refresh_token", "api_key"] | None = None
    api_key: Secret | None = None
    client_id: str | None = Field(None, max_length=64)
    client_secret: Secret | None = None
    email: str | None = Field(None, max_length=320)
    username: str | None = Field(None, max_length=320)
    password: Secret | None = None
    refresh_token: Secret | None = None
    scope: str | None = Field(
        None, max_length=200, description="Ignored: scopes are the credential's."
    )


class TokenOut(BaseModel):
    """Tokens, in the words of OAuth 2 (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  a kind of token, not one
    expires_in: int
    scope: str
    refresh_token: str | None = None


class RefreshTokenIn(_In):
    """A refresh token to give up."""

    refresh_token: Secret


class NewLink(_In):
    """A magic link to make. `subject`: the id of the only row it may open."""

    purpose: Literal["login", "view", "upload"]
    ttl_minutes: int = Field(ge=1, le=10_080)
    subject: Id | None = None
    challenge: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{43}$",
        description="For `login`: the base64url SHA-256 of a secret of the browser that asks (PKCE, S256). "
        "Only who sends that secret as `verifier` can redeem the link.",
    )


class LinkMade(_Out):
    """A new link. `token` is shown this once."""

    id: str
    token: str
    purpose: str
    subject: str | None
    expires_at: datetime


class LinkOut(_Out):
    """A magic link, without its token."""

    id: str
    purpose: str
    subject: str | None
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class LinkToken(_In):
    """A magic link's token."""

    token: Secret
    verifier: Secret | None = Field(
        None, description="The secret whose `challenge` the link was made with."
    )


class Me(BaseModel):
    """Who the caller is and what he may do."""

    kind: Literal["user", "key", "link"]
    user_id: str
    owner_id: str
    roles: list[str]
    scopes: list[str]
    plan: str
    subject: str | None
    usage: dict[str, "Allowance"]


class Allowance(BaseModel):
    """Of a month's allowance: how much is used, and how much there is (none: no limit)."""

    used: int
    cap: int | None
