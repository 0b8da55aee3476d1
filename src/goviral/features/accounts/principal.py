"""Who is calling, and what they may do. Pure values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

SCOPES = (
    "videos:read",
    "videos:write",
    "clips:read",
    "clips:write",
    "pipeline:run",
    "webhooks:manage",
    "admin",
)
"""Every scope there is. A route asks for exactly one."""

_READ = frozenset({"videos:read", "clips:read"})
_ROLE_SCOPES = {
    "viewer": _READ,
    "editor": frozenset(SCOPES) - {"admin"},
    "admin": frozenset(SCOPES),
}


class Role(StrEnum):
    """What a user may do: look, work, or run the place."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


class Plan(StrEnum):
    """What a user may use up in a month."""

    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Principal:
    """An accepted caller.

    Rows belong to `owner_id`: the user, or for members of a team the user who founded it.
    `credential_id` names the key, session or link that was shown; `subject` is what a magic link is
    bound to ("clip_…"), None for everything.
    """

    kind: Literal["user", "key", "link"]
    user_id: str
    owner_id: str
    roles: frozenset[str]
    scopes: frozenset[str]
    plan: str
    credential_id: str
    subject: str | None = None

    def can(self, scope: str) -> bool:
        """True where the role allows it and the credential carries it."""
        return scope in self.scopes


def scopes_of(roles: frozenset[str]) -> frozenset[str]:
    """All that these roles allow together."""
    return frozenset().union(*(_ROLE_SCOPES[role] for role in roles))
