"""A month's allowance."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from goviral.features.accounts.authentication import authenticate
from goviral.features.accounts.caps import spend, used
from goviral.features.accounts.errors import CapReachedError
from goviral.features.accounts.principal import Plan
from goviral.features.accounts.services import Services
from goviral.kit.server_settings import LimitSettings
from twins.people import by_key, key_of, make_user

LIMITS = LimitSettings(free_videos=5)
OCTOBER = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


def spend_one(services: Services, key: str, now: datetime = OCTOBER) -> bool:
    principal = authenticate(services, key)
    try:
        with services.database.transaction() as session:
            spend(session, LIMITS, principal, "videos", now)
    except CapReachedError:
        return False
    return True


class TestSpend:
    def test_what_is_used_up_is_used_up(self, services: Services) -> None:
        key = key_of(services, make_user(services, plan=Plan.FREE).id)
        assert [spend_one(services, key) for _ in range(7)] == [True] * 5 + [False] * 2

    def test_a_new_month_begins_anew(self, services: Services) -> None:
        key = key_of(services, make_user(services, plan=Plan.FREE).id)
        for _ in range(6):
            spend_one(services, key)
        assert spend_one(services, key, datetime(2027, 1, 1, tzinfo=UTC))

    def test_of_many_at_once_only_as_many_pass(self, services: Services) -> None:
        key = key_of(services, make_user(services, plan=Plan.FREE).id)
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(lambda _: spend_one(services, key), range(20))) == 5

    def test_what_was_rolled_back_was_not_spent(self, services: Services) -> None:
        user = make_user(services, plan=Plan.FREE)
        principal = authenticate(services, key_of(services, user.id))

        def fail() -> None:
            with services.database.transaction() as session:
                spend(session, LIMITS, principal, "videos", OCTOBER)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        with services.database.reading() as session:
            assert used(session, user.id, "videos", OCTOBER) == 0

    def test_more_than_is_left_takes_nothing(self, services: Services) -> None:
        user = make_user(services, plan=Plan.FREE)
        principal = authenticate(services, key_of(services, user.id))
        with services.database.transaction() as session:
            spend(session, LIMITS, principal, "videos", OCTOBER, amount=3)
            with pytest.raises(CapReachedError) as reached:
                spend(session, LIMITS, principal, "videos", OCTOBER, amount=3)
            assert used(session, user.id, "videos", OCTOBER) == 3
        assert (reached.value.http_status, reached.value.code) == (403, "monthly_cap_reached")
        assert reached.value.details["resets_at"] == "2027-01-01T00:00:00+00:00"

    def test_enterprise_is_not_counted(self, services: Services) -> None:
        key = key_of(services, make_user(services, plan=Plan.ENTERPRISE).id)
        assert all(spend_one(services, key) for _ in range(10))


def test_the_caller_sees_what_is_left(nobody: TestClient, services: Services) -> None:
    key = key_of(services, make_user(services, plan=Plan.FREE).id)
    usage = nobody.get("/auth/me", headers=by_key(key)).json()["usage"]
    assert usage == {"videos": {"used": 0, "cap": 30}, "clips": {"used": 0, "cap": 300}}
