"""Deliveries: signed, tried for three days, given up when told to, replayed when asked."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from standardwebhooks import Webhook

from goviral.entrypoints.api.services import build_relay
from goviral.features.accounts.models import User
from goviral.features.accounts.services import Services
from goviral.features.webhooks.deliveries import TASK
from goviral.features.webhooks.models import Delivery, Subscription
from goviral.kit.events.models import EventRow
from goviral.kit.events.outbox import publish
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job
from goviral.kit.seal import Seal
from goviral.kit.server_settings import DeliverySettings
from goviral.kit.settings import Settings
from goviral.kit.signatures import is_signed
from twins.clock import StandingClock, a_little_ahead
from twins.http_server import LocalServer, Reply, Request
from twins.people import by_key, key_of, make_user
from twins.service import app_over, over, settings_in

WEBHOOKS = "/api/v1/webhooks"


class Receiver:
    """Answers with the statuses it is given, the last one for ever, and keeps what it got."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.heard: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        self.heard.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Reply(status, body=b"thanks")


@pytest.fixture
def settings(tmp_path) -> Settings:
    trusted = DeliverySettings(trusted_addresses=frozenset({"127.0.0.1"}))
    return settings_in(tmp_path).model_copy(update={"delivery": trusted})


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    with over(settings) as built:
        yield replace(built, clock=a_little_ahead())


@pytest.fixture
def api(services: Services) -> Iterator[TestClient]:
    with TestClient(app_over(services), headers={"x-api-key": "dev-key"}) as client:
        yield client


def subscribe(api: TestClient, server: LocalServer, *events: str) -> dict[str, str]:
    wanted = {"url": f"{server.url}/hook", "events": list(events) or ["*"]}
    answer = api.post(WEBHOOKS, json=wanted)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


def happen(services: Services, kind: str = "clip.ready", *, owner: str | None = None) -> None:
    with services.database.transaction() as session:
        subscription = session.scalars(select(Subscription)).first()
        owner = owner or (subscription.owner_id if subscription else "usr_nobody")
        about = {"clip_id": "clip_1"}
        publish(session, kind, owner_id=owner, subject="clip_1", data=about, at=services.clock())
    build_relay(services, "test").relay()


def work(services: Services) -> int:
    """Run every delivery job that is due by the test's clock; how many."""
    ran = 0
    while True:
        with services.database.transaction() as session:
            due = (Job.name == TASK, Job.state == "queued", Job.run_at <= services.clock())
            job = session.scalars(select(Job).where(*due).order_by(Job.id)).first()
            if job is None:
                return ran
            job.state = "succeeded"
        context = JobContext(
            job, database=services.database, queue=services.queue, services=services
        )
        services.registry.get(TASK).run(context, job.payload)
        ran += 1


def only_delivery(services: Services) -> Delivery:
    with services.database.reading() as session:
        return session.scalars(select(Delivery)).one()


def test_a_delivery_carries_both_signatures_of_its_exact_body(
    api: TestClient, services: Services
) -> None:
    receiver = Receiver(200)
    with LocalServer(receiver) as server:
        made = subscribe(api, server)
        happen(services)
        assert work(services) == 1
    (request,) = receiver.heard
    body = request.body.decode()
    told = Webhook(made["secret"]).verify(body, {k.lower(): v for k, v in request.headers.items()})
    assert told["type"] == "clip.ready"
    assert told["data"] == {"clip_id": "clip_1"}
    headers = {k.lower(): v for k, v in request.headers.items()}
    assert is_signed(request.body, headers["x-gvn-signature"], made["secret"])
    assert headers["webhook-id"] == told["id"]
    assert only_delivery(services).state == "delivered"


def test_only_events_that_were_asked_for_are_delivered(api: TestClient, services: Services) -> None:
    receiver = Receiver(200)
    with LocalServer(receiver) as server:
        subscribe(api, server, "clip.*")
        happen(services, "video.created")
        happen(services, "clip.failed")
        happen(services, owner="usr_another")
        work(services)
    assert [json.loads(r.body)["type"] for r in receiver.heard] == ["clip.failed"]


def test_a_receiver_that_is_away_is_tried_ten_times_over_three_days(
    api: TestClient, services: Services
) -> None:
    receiver, time = Receiver(500), services.clock
    assert isinstance(time, StandingClock)
    begun = time.now
    with LocalServer(receiver) as server:
        subscribe(api, server)
        happen(services)
        for _ in range(12):
            work(services)
            due = only_delivery(services).next_at
            if due is None:
                break
            time.now = due
    row = only_delivery(services)
    assert (row.state, row.attempts) == ("failed", 10)
    assert len(receiver.heard) == 10
    ids = {r.headers.get("webhook-id") or r.headers.get("Webhook-Id") for r in receiver.heard}
    assert len(ids) == 1
    assert time.now - begun >= timedelta(hours=72)
    with services.database.reading() as session:
        assert session.scalars(select(Subscription)).one().active is False
        assert "webhook.disabled" in session.scalars(select(EventRow.type)).all()


def test_what_succeeds_at_the_second_try_is_delivered_and_logged(
    api: TestClient, services: Services
) -> None:
    receiver, time = Receiver(503, 200), services.clock
    assert isinstance(time, StandingClock)
    with LocalServer(receiver) as server:
        made = subscribe(api, server)
        happen(services)
        work(services)
        time.now += timedelta(seconds=6)
        work(services)
    listed = api.get(f"{WEBHOOKS}/{made['id']}/deliveries").json()["items"]
    assert [try_["status"] for try_ in listed[0]["log"]] == [503, 200]
    assert listed[0]["state"] == "delivered"
    assert api.get(f"{WEBHOOKS}/{made['id']}").json()["failing_since"] is None


def test_410_switches_the_webhook_off_at_once(api: TestClient, services: Services) -> None:
    receiver = Receiver(410)
    with LocalServer(receiver) as server:
        made = subscribe(api, server)
        happen(services)
        work(services)
        happen(services)
        work(services)
    assert len(receiver.heard) == 1
    shown = api.get(f"{WEBHOOKS}/{made['id']}").json()
    assert (shown["active"], shown["disabled_reason"]) == (False, "it answered 410 Gone")
    again = api.patch(f"{WEBHOOKS}/{made['id']}", json={"active": True}).json()
    assert (again["active"], again["disabled_reason"]) == (True, None)


def test_an_address_that_is_a_secret_is_shown_to_its_manager_alone(
    api: TestClient, services: Services
) -> None:
    with LocalServer(Receiver(410)) as server:
        made = api.post(WEBHOOKS, json={"url": f"{server.url}/T0/hush", "events": ["*"]}).json()
        happen(services)
        work(services)
    build_relay(services, "test").relay()
    api.delete(f"{WEBHOOKS}/{made['id']}")
    for path in ("/api/v1/events/list", "/api/v1/audit"):
        told = api.get(path).text
        assert (made["id"] in told, "hush" in told) == (True, False)


def test_redirects_are_not_followed(api: TestClient, services: Services) -> None:
    def elsewhere(request: Request) -> Reply:
        heard.append(request.path)
        return Reply(302, headers={"location": "/elsewhere"}, body=b"")

    heard: list[str] = []
    with LocalServer(elsewhere) as server:
        subscribe(api, server)
        happen(services)
        work(services)
    assert heard == ["/hook"]
    assert only_delivery(services).state == "pending"


def test_a_replay_sends_the_same_event_again(api: TestClient, services: Services) -> None:
    receiver = Receiver(200)
    with LocalServer(receiver) as server:
        made = subscribe(api, server)
        happen(services)
        work(services)
        (first,) = api.get(f"{WEBHOOKS}/{made['id']}/deliveries").json()["items"]
        answer = api.post(f"{WEBHOOKS}/deliveries/{first['id']}/replay")
        assert answer.status_code == 202
        work(services)
    one, two = receiver.heard
    assert one.body == two.body


def test_a_test_event_goes_to_one_webhook(api: TestClient, services: Services) -> None:
    receiver = Receiver(200)
    with LocalServer(receiver) as server:
        made = subscribe(api, server, "video.created")
        assert api.post(f"{WEBHOOKS}/{made['id']}/test").status_code == 202
        work(services)
    assert json.loads(receiver.heard[0].body)["type"] == "webhook.test"


def test_for_a_day_after_rotation_both_secrets_verify(api: TestClient, services: Services) -> None:
    receiver, time = Receiver(200), services.clock
    assert isinstance(time, StandingClock)
    with LocalServer(receiver) as server:
        old = subscribe(api, server)
        new = api.post(f"{WEBHOOKS}/{old['id']}/rotate").json()
        assert new["secret"] != old["secret"]
        happen(services)
        work(services)
        time.now += timedelta(hours=25)
        happen(services)
        work(services)
    lowered = [{k.lower(): v for k, v in r.headers.items()} for r in receiver.heard]
    signatures = [len(headers["webhook-signature"].split()) for headers in lowered]
    assert signatures == [2, 1]
    for secret in (old["secret"], new["secret"]):
        Webhook(secret).verify(receiver.heard[0].body.decode(), lowered[0])


def test_no_secret_is_stored_in_the_clear(api: TestClient, services: Services) -> None:
    with LocalServer(Receiver(200)) as server:
        made = subscribe(api, server)
    with services.database.reading() as session:
        row = session.scalars(select(Subscription)).one()
        assert made["secret"] not in row.secret
    assert "secret" not in api.get(f"{WEBHOOKS}/{made['id']}").json()


def test_an_address_has_one_webhook_an_owner(api: TestClient, services: Services) -> None:
    other = by_key(key_of(services, make_user(services).id))
    with LocalServer(Receiver(200)) as server:
        subscribe(api, server)
        again = api.post(WEBHOOKS, json={"url": f"{server.url}/hook"})
        assert again.status_code == 409
        theirs = api.post(WEBHOOKS, json={"url": f"{server.url}/hook"}, headers=other)
        assert theirs.status_code == 201


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x", "http://[::1]/", "file:///etc/passwd", "http://169.254.169.254/"]
)
def test_private_addresses_are_refused_when_subscribing(api: TestClient, url: str) -> None:
    answer = api.post(WEBHOOKS, json={"url": url})
    assert answer.status_code in (400, 403), answer.text


def test_a_misspelt_wish_is_refused_and_hears_of_nothing(api: TestClient) -> None:
    body = {"url": "https://example.com/hook", "event": ["clip.rendered"]}
    assert api.post(WEBHOOKS, json=body).status_code == 422
    assert api.get(WEBHOOKS).json()["items"] == []


def test_a_deleted_webhook_hears_nothing_more(api: TestClient, services: Services) -> None:
    receiver = Receiver(200)
    with LocalServer(receiver) as server:
        made = subscribe(api, server)
        happen(services)
        assert api.delete(f"{WEBHOOKS}/{made['id']}").status_code == 204
        work(services)
    assert receiver.heard == []


def switch_off(services: Services, user_id: str) -> None:
    with services.database.transaction() as session:
        session.get_one(User, user_id).active = False


def test_a_switched_off_owner_hears_nothing_more(api: TestClient, services: Services) -> None:
    receiver = Receiver(503)
    with LocalServer(receiver) as server:
        made = subscribe(api, server)
        happen(services)
        assert work(services) == 1
        owner_id = only_delivery(services).owner_id
        switch_off(services, owner_id)
        services.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
        work(services)
        happen(services)
        assert work(services) == 0
    assert len(receiver.heard) == 1
    told = only_delivery(services)
    assert (told.state, told.next_at) == ("failed", None)
    assert [line["problem"] for line in told.log] == ["answered 503", "switched off"]
    with services.database.reading() as session:
        assert session.get_one(Subscription, made["id"]).active, "it is his own to switch off"


def test_nor_does_a_team_whose_founder_is_switched_off(api: TestClient, services: Services) -> None:
    receiver = Receiver(200)
    founder = make_user(services)
    member = make_user(services, team_of=founder.id)
    with LocalServer(receiver) as server:
        wanted = {"url": f"{server.url}/hook"}
        key = by_key(key_of(services, member.id))
        assert api.post(WEBHOOKS, json=wanted, headers=key).status_code == 201
        happen(services)
        assert work(services) == 1
        happen(services)
        switch_off(services, founder.id)
        work(services)
        happen(services)
        work(services)
    assert len(receiver.heard) == 1
    with services.database.reading() as session:
        states = session.scalars(select(Delivery.state).order_by(Delivery.id)).all()
    assert states == ["delivered", "failed"]


def test_a_delivery_whose_key_is_gone_waits_for_it(api: TestClient, services: Services) -> None:
    with LocalServer(Receiver(200)) as server:
        subscribe(api, server)
        happen(services)
        without = replace(services, seal=Seal("another key of more than thirty-two letters"))
        assert work(without) == 1
        told = only_delivery(services)
        assert (told.state, told.attempts) == ("pending", 1)
        assert "sealed with the key" in told.log[0]["problem"]
        services.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
        assert work(services) == 1
    assert only_delivery(services).state == "delivered"
