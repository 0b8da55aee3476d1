"""Users and credentials for tests, made by the code that makes them in earnest."""

from collections.abc import Iterable
from itertools import count

from goviral.features.accounts.keys import issue_key
from goviral.features.accounts.models import User
from goviral.features.accounts.principal import SCOPES, Plan, Role
from goviral.features.accounts.repository import Users
from goviral.features.accounts.services import Services
from goviral.features.accounts.users import create_user
from goviral.kit.db.repository import EVERYONE

PASSWORD = "a quiet river at noon"
_numbers = count(1)


def make_user(
    services: Services,
    role: str = "editor",
    *,
    plan: Plan = Plan.PRO,
    team_of: str | None = None,
    password: str | None = None,
) -> User:
    """A user nobody knew before."""
    with services.database.transaction() as session:
        return create_user(
            session,
            services.passwords,
            None,
            f"user{next(_numbers)}@example.org",
            password=password,
            roles=frozenset({Role(role)}),
            plan=plan,
            team_of=team_of,
        )


def key_of(services: Services, user_id: str, scopes: Iterable[str] = SCOPES) -> str:
    """A key of a user; his roles may allow less than it carries."""
    with services.database.transaction() as session:
        user = Users(session, EVERYONE).get(user_id)
        return issue_key(session, user, "test", frozenset(scopes))[1]


def by_key(key: str) -> dict[str, str]:
    return {"x-api-key": key}


def by_token(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
