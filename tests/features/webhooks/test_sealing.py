"""Secrets of webhooks through changes of keys: nothing is lost that has a key, and it says so where one is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from goviral.features.accounts.services import Services
from goviral.features.webhooks.models import Subscription
from goviral.features.webhooks.subscriptions import secrets_of
from goviral.kit.db.sealed import reseal
from goviral.kit.seal import SealError
from goviral.kit.settings import Settings
from twins.service import app_over, over, settings_in

HOOKS = "/api/v1/webhooks"
OLD, NEW = "old-" * 10, "new-" * 10
JWT, OTHER_JWT = "first" * 8, "other" * 8


@contextmanager
def given(settings: Settings, **auth: Any) -> Iterator[Services]:
    """The service with these keys; the database is the same each time."""
    secrets = settings.auth.model_validate(auth)
    with over(settings.model_copy(update={"auth": secrets})) as services:
        yield services


def subscribe(services: Services) -> tuple[str, str]:
    """The id and the secret of a new webhook."""
    with TestClient(app_over(services), headers={"x-api-key": "dev-key"}) as api:
        made = api.post(HOOKS, json={"url": "https://example.com/hook"}).json()
    return made["id"], made["secret"]


def known(services: Services) -> list[str]:
    with services.database.reading() as session:
        row = session.scalars(select(Subscription)).one()
    return secrets_of(row, services.seal, services.clock())


def test_a_new_jwt_secret_locks_nothing_in(settings: Settings) -> None:
    with given(settings, jwt_secret=JWT, sealing_keys=NEW) as services:
        _, secret = subscribe(services)
    with given(settings, jwt_secret=OTHER_JWT, sealing_keys=NEW) as services:
        assert known(services) == [secret]


def test_what_the_jwt_secret_sealed_opens_while_it_stays_or_is_listed(settings: Settings) -> None:
    with given(settings, jwt_secret=JWT, sealing_keys=JWT) as services:
        _, secret = subscribe(services)
    for auth in (
        {"jwt_secret": JWT, "sealing_keys": NEW},
        {"jwt_secret": OTHER_JWT, "sealing_keys": f"{NEW}, {JWT}"},
        {"jwt_secret": OTHER_JWT, "jwt_secret_previous": JWT, "sealing_keys": NEW},
    ):
        with given(settings, **auth) as services:
            assert known(services) == [secret]


def test_keys_are_changed_without_losing_a_secret(settings: Settings) -> None:
    with given(settings, jwt_secret=JWT, sealing_keys=OLD) as services:
        _, secret = subscribe(services)
    with given(settings, jwt_secret=JWT, sealing_keys=f"{NEW},{OLD}") as services:
        assert known(services) == [secret]
        assert reseal(services.database, services.seal).renewed == 1
    with given(settings, jwt_secret=JWT, sealing_keys=NEW) as services:
        assert known(services) == [secret]


def test_a_lost_key_is_said_and_a_new_secret_is_the_way_out(settings: Settings) -> None:
    with given(settings, jwt_secret=JWT, sealing_keys=OLD) as services:
        hook_id, _ = subscribe(services)
    with given(settings, jwt_secret=JWT, sealing_keys=NEW) as services:
        with pytest.raises(SealError, match="GOVIRAL_SEALING_KEYS"):
            known(services)
        with TestClient(app_over(services), headers={"x-api-key": "dev-key"}) as api:
            secret = api.post(f"{HOOKS}/{hook_id}/rotate").json()["secret"]
        assert known(services) == [secret]


def test_an_answer_kept_under_a_lost_key_is_503_with_the_remedy(settings: Settings) -> None:
    def ask(services: Services) -> Any:
        headers = {"x-api-key": "dev-key", "idempotency-key": "once"}
        with TestClient(app_over(services), headers=headers) as api:
            return api.post(HOOKS, json={"url": "https://example.com/hook"})

    with given(settings, jwt_secret=JWT, sealing_keys=OLD) as services:
        assert ask(services).status_code == 201
    with given(settings, jwt_secret=JWT, sealing_keys=NEW) as services:
        answer = ask(services)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "sealing_key_missing")


def test_on_one_machine_a_key_is_made_and_kept(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with given(settings) as services:
        _, secret = subscribe(services)
    kept = settings.server.data_dir / "sealing-key"
    assert kept.stat().st_mode & 0o077 == 0
    (settings.server.data_dir / "jwt-secret").unlink()
    with given(settings) as services:
        assert known(services) == [secret]


@pytest.mark.parametrize("keys", ["short", f"{NEW},short", f"{NEW},", ","])
def test_a_key_one_could_guess_is_refused(settings: Settings, keys: str) -> None:
    with pytest.raises(ValueError, match="openssl rand"):
        settings.auth.model_validate({"sealing_keys": keys})
