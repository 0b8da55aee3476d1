"""The first start makes an administrator and his key."""

from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.authentication import DEV_USER_ID
from goviral.features.accounts.keys import issue_key
from goviral.features.accounts.models import User
from goviral.features.accounts.principal import SCOPES, Plan, Role
from goviral.features.accounts.repository import Users
from goviral.features.accounts.services import Services
from goviral.features.accounts.users import create_user
from goviral.kit.db.database import Database
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import NotFoundError

ADMIN_EMAIL = "admin@goviral.local"
_DEV_EMAIL = "dev@goviral.local"


def first_start(services: Services) -> str | None:
    """Make an administrator where there is no user, and give his key: it is shown this once.

    None where there are users. With GOVIRAL_ENV=dev there is the user that `dev-key` stands for: the
    first one, or one more in a database that began without. Safe to call at every start and from several
    processes at once: the address is unique, the second one fails and starts again.
    """
    dev_user = DEV_USER_ID if services.settings.server.env == "dev" else None
    with services.database.transaction() as session:
        users = Users(session, EVERYONE)
        if not users.count():
            user = _administrator(session, services, ADMIN_EMAIL, dev_user)
            row, key = issue_key(session, user, "first key", frozenset(SCOPES))
            why = {"why": "first start"}
            audit(session, None, "key.create", row.id, why, owner_id=user.owner_id)
            return key
        if dev_user is not None and users.find(dev_user) is None:
            _administrator(session, services, _DEV_EMAIL, dev_user)
    return None


def another_key(database: Database) -> str:
    """A key of the oldest administrator, for who runs this machine and has lost the others; shown this once.

    Raises `NotFoundError`.
    """
    with database.transaction() as session:
        active = Users(session, EVERYONE).rows().where(User.active).order_by(User.id)
        user = next((one for one in session.scalars(active) if Role.ADMIN in one.roles), None)
        if user is None:
            raise NotFoundError("There is no administrator.", remedy="`goviral serve` makes one.")
        row, key = issue_key(session, user, "made on the machine", frozenset(SCOPES))
        audit(session, None, "key.create", row.id, {"why": "lost"}, owner_id=user.owner_id)
    return key


def _administrator(session: Session, services: Services, email: str, user_id: str | None) -> User:
    return create_user(
        session,
        services.passwords,
        None,
        email,
        roles=frozenset({Role.ADMIN}),
        plan=Plan.ENTERPRISE,
        user_id=user_id,
    )
