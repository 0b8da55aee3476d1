"""The audit log: who did what with accounts and credentials, in the transaction that did it."""

from typing import Any

from sqlalchemy.orm import Session

from goviral.features.accounts.models import AuditEntry
from goviral.features.accounts.principal import Principal
from goviral.kit.ids import new_id
from goviral.kit.request_id import request_id

_SYSTEM = "system"


def audit(
    session: Session,
    principal: Principal | None,
    action: str,
    subject: str,
    details: dict[str, Any] | None = None,
    *,
    owner_id: str | None = None,
) -> None:
    """Record that `principal` (None: the service itself) did `action` ("key.revoke") to `subject`.

    `owner_id` is whose log it belongs to, where that is not the caller's own. Never a secret in
    `details`.
    """
    actor = principal.user_id if principal else _SYSTEM
    session.add(
        AuditEntry(
            id=new_id("aud"),
            owner_id=owner_id or (principal.owner_id if principal else _SYSTEM),
            actor_id=actor,
            credential_id=principal.credential_id if principal else _SYSTEM,
            action=action,
            subject=subject,
            request_id=request_id.get(),
            details=details or {},
        )
    )
