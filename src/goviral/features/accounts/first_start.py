"""The first start makes an administrator and his key."""

from goviral.features.accounts.audit import audit
from goviral.features.accounts.authentication import DEV_USER_ID
from goviral.features.accounts.keys import issue_key
from goviral.features.accounts.principal import SCOPES, Plan, Role
from goviral.features.accounts.repository import Users
from goviral.features.accounts.services import Services
from goviral.features.accounts.users import create_user
from goviral.kit.db.repository import EVERYONE

ADMIN_EMAIL = "admin@goviral.local"


def first_start(services: Services) -> str | None:
    """Make an administrator where there is no user, and give his key: it is shown this once.

    None where there are users. With GOVIRAL_ENV=dev it is the user that `dev-key` stands for. Safe to
    call at every start and from several processes at once: the address is unique, the second one fails
    and starts again.
    """
    is_dev = services.settings.server.env == "dev"
    with services.database.transaction() as session:
        if Users(session, EVERYONE).count():
            return None
        user = create_user(
            session,
            services.passwords,
            None,
            ADMIN_EMAIL,
            roles=frozenset({Role.ADMIN}),
            plan=Plan.ENTERPRISE,
            user_id=DEV_USER_ID if is_dev else None,
        )
        row, key = issue_key(session, user, "first key", frozenset(SCOPES))
        audit(session, None, "key.create", row.id, {"why": "first start"}, owner_id=user.owner_id)
    return key
