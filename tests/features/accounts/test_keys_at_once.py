"""Keys and clients asked for in the same moment, on PostgreSQL."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from goviral.features.accounts.keys import (
    KeyWishes,
    create_client,
    create_key,
    issue_key,
    rotate_key,
)
from goviral.features.accounts.models import User
from goviral.features.accounts.repository import ApiKeys
from goviral.features.accounts.services import Services
from goviral.kit.clock import utc_now
from goviral.kit.db.repository import EVERYONE
from twins.at_once import at_once, codes, in_transaction, services
from twins.people import make_user
from twins.resources import as_user

__all__ = ["services"]

READ = frozenset({"videos:read"})
WISHES = KeyWishes("ci", READ)


@pytest.fixture
def user(services: Services) -> User:
    return make_user(services)


@pytest.mark.parametrize("create", [create_key, create_client])
def test_no_more_are_made_than_one_may_have(
    services: Services, user: User, create: Callable[..., Any]
) -> None:
    by = as_user(services, user.id)
    ask = in_transaction(services, lambda session: create(session, by, WISHES, 2, utc_now()))
    made = at_once(services.database, [ask] * 4)
    assert codes(made) == ["done", "done", "too_many", "too_many"]


def test_a_key_has_one_successor(services: Services, user: User) -> None:
    by, cache, overlap = as_user(services, user.id), services.credentials, timedelta(hours=1)
    with services.database.transaction() as session:
        key, _ = issue_key(session, user, "ci", READ)
    ask = in_transaction(
        services, lambda session: rotate_key(session, cache, by, key.id, overlap, utc_now())
    )
    assert codes(at_once(services.database, [ask] * 3)) == ["conflict", "conflict", "done"]
    with services.database.reading() as session:
        keys = ApiKeys(session, EVERYONE, user.id)
        assert keys.count(*keys.live(utc_now())) == 2
