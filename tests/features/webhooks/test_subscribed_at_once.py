"""Webhooks asked for in the same moment, on PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.webhooks.subscriptions import subscribe
from twins.at_once import at_once, codes, in_transaction, services
from twins.people import make_user
from twins.resources import as_user

__all__ = ["services"]


@pytest.fixture
def by(services: Services) -> Principal:
    return as_user(services, make_user(services).id)


def asking(services: Services, by: Principal, number: int) -> Callable[[], Any]:
    url = f"https://example.org/{number}"
    return in_transaction(
        services, lambda session: subscribe(session, services, by, url, ["*"], "")
    )


def test_no_more_are_made_than_one_may_have(services: Services, by: Principal) -> None:
    limits = services.settings.limits.model_copy(update={"webhooks": 2})
    few = replace(services, settings=services.settings.model_copy(update={"limits": limits}))
    made = at_once(few.database, [asking(few, by, number) for number in range(4)])
    assert codes(made) == ["done", "done", "too_many", "too_many"]


def test_an_address_is_taken_once_and_the_others_are_told_by_whom(
    services: Services, by: Principal
) -> None:
    first, second = at_once(services.database, [asking(services, by, 1)] * 2)
    refused, (row, _) = (first, second) if isinstance(second, tuple) else (second, first)
    assert refused.code == "conflict"
    assert row.id in str(refused)
