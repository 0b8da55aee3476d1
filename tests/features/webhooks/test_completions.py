"""Completions that come in: signed and fresh, or 401; taken once."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select
from standardwebhooks import Webhook

from goviral.features.accounts.services import Services
from goviral.features.webhooks.models import Completion
from goviral.kit.clock import utc_now
from goviral.kit.events.models import EventRow
from goviral.kit.settings import Settings, WebhookSettings
from goviral.kit.signatures import sign
from twins.service import app_over, over, settings_in

PATH = "/api/v1/hooks/completion"
SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
BODY = json.dumps({"job_id": "job-1", "status": "completed", "result": {"moments": []}}).encode()


@pytest.fixture
def settings(tmp_path) -> Settings:
    signed = WebhookSettings(secret=SecretStr(SECRET))
    return settings_in(tmp_path).model_copy(update={"webhooks": signed})


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    with over(settings) as built:
        yield built


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(app_over(services)) as made:
        yield made


def standard(body: bytes = BODY, age_s: int = 0, event: str = "msg_1") -> Mapping[str, str]:
    at = utc_now().replace(microsecond=0)
    at = at.fromtimestamp(at.timestamp() - age_s, at.tzinfo)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(event, at, body.decode()),
    }


def stamped(body: bytes = BODY, age_s: int = 0) -> Mapping[str, str]:
    stamp = str(int(utc_now().timestamp()) - age_s)
    signature = sign(stamp.encode() + b"." + body, SECRET)
    return {"x-gvn-signature": signature, "x-webhook-timestamp": stamp}


@pytest.mark.parametrize(
    "headers",
    # Made when the test runs: collected minutes before, they would be stale.
    [standard, lambda: {"x-webhook-signature": sign(BODY, SECRET)}, stamped],
)
def test_a_signed_completion_is_taken_and_told(
    client: TestClient, services: Services, headers: Callable[[], Mapping[str, str]]
) -> None:
    answer = client.post(PATH, content=BODY, headers=dict(headers()))
    assert (answer.status_code, answer.content) == (204, b"")
    with services.database.reading() as session:
        row = session.scalars(select(Completion)).one()
        assert (row.job_id, row.status) == ("job-1", "completed")
        assert session.scalars(select(EventRow.type)).all() == ["completion.received"]


def test_the_same_completion_twice_counts_once(client: TestClient, services: Services) -> None:
    for _ in range(2):
        assert client.post(PATH, content=BODY, headers=dict(standard())).status_code == 204
    with services.database.reading() as session:
        assert len(session.scalars(select(Completion)).all()) == 1
        assert len(session.scalars(select(EventRow)).all()) == 1


def test_a_name_nobody_signed_makes_no_old_completion_new(
    client: TestClient, services: Services
) -> None:
    for name in ("msg_1", "msg_2"):
        headers = {"x-gvn-signature": sign(BODY, SECRET), "webhook-id": name}
        assert client.post(PATH, content=BODY, headers=headers).status_code == 204
    with services.database.reading() as session:
        assert len(session.scalars(select(EventRow)).all()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        dict,
        lambda: {"x-webhook-signature": sign(BODY, "another")},
        lambda: {"x-webhook-signature": ""},
        lambda: standard(age_s=301),
        lambda: standard(age_s=-400),
        lambda: stamped(age_s=301),
        lambda: {**stamped(), "x-webhook-timestamp": "1"},
        lambda: {**stamped(), "x-webhook-timestamp": "abc"},
        lambda: {**standard(), "webhook-id": "msg_2"},
        lambda: {**standard(), "webhook-timestamp": ""},
        lambda: {**standard(), "webhook-signature": "v1,AAAA"},
        lambda: {**standard(), "webhook-signature": "nonsense"},
    ],
)
def test_a_bad_signature_or_stale_time_is_401(
    client: TestClient, services: Services, headers: Callable[[], Mapping[str, str]]
) -> None:
    answer = client.post(PATH, content=BODY, headers=dict(headers()))
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthenticated"
    with services.database.reading() as session:
        assert session.scalars(select(Completion)).all() == []


def test_a_worker_sends_more_in_a_minute_than_one_may_try_passwords(services: Services) -> None:
    limits = services.settings.limits.model_copy(update={"logins_per_minute": 1})
    settings = services.settings.model_copy(update={"limits": limits})
    with TestClient(app_over(replace(services, settings=settings))) as client:
        sent = [client.post(PATH, content=BODY, headers=dict(standard())) for _ in range(4)]
    assert [answer.status_code for answer in sent] == [204] * 4


def test_every_single_changed_byte_is_refused(client: TestClient) -> None:
    headers = {"x-webhook-signature": sign(BODY, SECRET)}
    for place in range(0, len(BODY), 7):
        changed = bytearray(BODY)
        changed[place] ^= 1
        assert client.post(PATH, content=bytes(changed), headers=headers).status_code == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"job_id": "a"}', b"[" * 100_000])
def test_a_signed_body_that_makes_no_sense_is_400(client: TestClient, body: bytes) -> None:
    for headers in ({"x-webhook-signature": sign(body, SECRET)}, standard(body)):
        assert client.post(PATH, content=body, headers=dict(headers)).status_code == 400
