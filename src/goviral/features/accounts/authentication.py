"""From the credential in a request to its principal."""

import hashlib
import hmac

from goviral.features.accounts.principal import Plan, Principal, Role, scopes_of
from goviral.features.accounts.services import Services
from goviral.kit.errors import UnauthenticatedError

DEV_KEY = "dev-key"
DEV_USER_ID = "usr_dev"
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


def refused() -> UnauthenticatedError:
    """The one answer to every credential we do not accept: it never says what was wrong."""
    return UnauthenticatedError(
        "Those credentials are not accepted.",
        remedy="Send a valid x-api-key or Authorization: Bearer header.",
    )


def authenticate(services: Services, credential: str) -> Principal:
    """The caller behind a key, an access token or a magic link.

    Reads the database unless the credential was verified a few seconds ago.
    Raises `UnauthenticatedError`; `ForbiddenError` where it was revoked.
    """
    known = remembered(services, credential)
    if known is not None:
        return known
    if services.settings.server.env == "dev" and hmac.compare_digest(
        credential.encode(), DEV_KEY.encode()
    ):
        return _DEVELOPER
    raise refused()


def remembered(services: Services, credential: str) -> Principal | None:
    """The principal of a credential that was verified just now; never waits."""
    return services.credentials.find(fingerprint(credential))


def fingerprint(credential: str) -> bytes:
    """What stands for a credential in memory."""
    return hashlib.sha256(credential.encode()).digest()
