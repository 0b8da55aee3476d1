"""One owner's receivers that do not answer hold up neither other owners nor the rest of the work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from goviral.entrypoints.api.services import build_relay
from goviral.features.accounts.authentication import DEV_USER_ID
from goviral.features.accounts.services import Services
from goviral.features.library.uploads import CHECK_TASK
from goviral.features.pipeline.tasks import SETTLE_TASK
from goviral.features.webhooks.deliveries import QUEUE, TASK
from goviral.features.webhooks.models import Delivery, Subscription
from goviral.features.webhooks.rest import rest_of, wait_until
from goviral.kit.clock import utc_now
from goviral.kit.events.outbox import publish
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import Job
from goviral.kit.jobs.runner import Runner
from goviral.kit.jobs.workers import make_runner
from goviral.kit.server_settings import DeliverySettings
from goviral.kit.settings import Settings
from twins.clock import a_little_ahead
from twins.http_server import LocalServer, Reply, Request
from twins.live import until
from twins.people import by_key, key_of, make_user

WEBHOOKS = "/api/v1/webhooks"
LONGER_THAN_THE_TEST_S = 300.0
SOON_S = 0.2
"""Enough for what hangs; what shall succeed is waited for longer."""


class Receiver:
    """Answers at `/ok`; lets everybody else wait until it is `released`."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.heard: list[str] = []

    def __call__(self, request: Request) -> Reply:
        self.heard.append(request.path)
        if request.path != "/ok":
            self.released.wait(LONGER_THAN_THE_TEST_S)
        return Reply(200)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    delivery = DeliverySettings(
        trusted_addresses=frozenset({"127.0.0.1"}), timeout_s=LONGER_THAN_THE_TEST_S
    )
    return settings.model_copy(update={"delivery": delivery})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.released.set()


def subscribe(api: TestClient, url: str, headers: dict[str, str] | None = None) -> str:
    answer = api.post(WEBHOOKS, json={"url": url}, headers=headers)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


def happen(services: Services, owner_id: str, times: int = 1) -> None:
    with services.database.transaction() as session:
        for _ in range(times):
            publish(
                session, "clip.ready", owner_id=owner_id, subject="c", data={}, at=services.clock()
            )
    build_relay(services, "test").relay()


@contextmanager
def workers(services: Services, receiver: Receiver) -> Iterator[None]:
    """As many threads as the settings give the queue of deliveries; at the end nothing hangs."""
    queue = services.registry.get(TASK).queue
    runner, over = make_runner(services.queue, services=services), threading.Event()

    def serve() -> None:
        while not over.is_set():
            if runner.run_next(queue) is None:
                over.wait(0.05)

    places = services.settings.jobs.concurrency[queue]
    threads = [threading.Thread(target=serve, daemon=True) for _ in range(places)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        receiver.released.set()
        for thread in threads:
            thread.join()
        runner.close()


def test_another_owners_delivery_goes_out_while_receivers_of_the_first_hang(
    api: TestClient, services: Services, receiver: Receiver
) -> None:
    other = make_user(services).id
    most = services.settings.jobs.webhooks_per_owner
    with LocalServer(receiver) as server:
        for number in range(10):
            subscribe(api, f"{server.url}/hang{number}")
        subscribe(api, f"{server.url}/ok", by_key(key_of(services, other)))
        happen(services, DEV_USER_ID, times=4)
        with workers(services, receiver):
            until(lambda: len(receiver.heard) == most)
            happen(services, other)
            until(lambda: "/ok" in receiver.heard)
            assert not receiver.released.is_set(), "the first owner's still hang"
            assert len(receiver.heard) == most + 1, "he has his places and no more"
            receiver.released.set()
            until(lambda: len(receiver.heard) == 41)


def test_neither_uploads_nor_the_pipeline_wait_behind_deliveries(services: Services) -> None:
    queues = {name: services.registry.get(name).queue for name in (TASK, CHECK_TASK, SETTLE_TASK)}
    assert len(set(queues.values())) == len(queues), queues


def test_a_delivery_that_an_earlier_version_left_in_another_queue_still_runs(
    api: TestClient, services: Services, receiver: Receiver
) -> None:
    with LocalServer(receiver) as server:
        subscribe(api, f"{server.url}/ok")
        happen(services, DEV_USER_ID)
        with services.database.transaction() as session:
            session.scalars(select(Job).where(Job.name == TASK)).one().queue = "default"
        runner = make_runner(services.queue, services=services)
        ran = runner.run_next("default")
        runner.close()
    assert ran is not None
    assert (ran.state, receiver.heard) == ("succeeded", ["/ok"])


class Deliveries:
    """Deliveries of one receiver, run by the test's own thread and clock."""

    def __init__(self, services: Services) -> None:
        self.time = a_little_ahead()
        self.services = replace(services, clock=self.time)

    def happen(self, times: int = 1) -> None:
        happen(self.services, DEV_USER_ID, times)

    def work(self, timeout_s: float) -> None:
        """Run what is due; a receiver is waited for so long."""
        delivery = self.services.settings.delivery.model_copy(update={"timeout_s": timeout_s})
        settings = self.services.settings.model_copy(update={"delivery": delivery})
        services = replace(self.services, settings=settings)
        ledger = Ledger(clock=self.time)
        runner = Runner(
            services.database, services.registry, services.queue, ledger, services=services
        )
        while runner.run_next(QUEUE) is not None:
            pass
        runner.close()

    @contextmanager
    def hung(self, api: TestClient, receiver: Receiver, times: int = 1) -> Iterator[str]:
        """A webhook whose receiver was waited for in vain, while it still listens; its id."""
        with LocalServer(receiver) as server:
            made = subscribe(api, f"{server.url}/hang")
            self.happen(times)
            self.work(SOON_S)
            yield made

    def rows(self) -> list[Delivery]:
        with self.services.database.reading() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def subscription(self) -> Subscription:
        with self.services.database.reading() as session:
            return session.scalars(select(Subscription)).one()

    def jobs(self) -> list[Job]:
        waiting = select(Job).where(Job.name == TASK, Job.state == "queued")
        with self.services.database.reading() as session:
            return list(session.scalars(waiting))


def test_deliveries_wait_uncounted_while_their_receiver_rests(
    api: TestClient, services: Services, receiver: Receiver
) -> None:
    own = Deliveries(services)
    with own.hung(api, receiver, times=3):
        assert len(receiver.heard) == 1, "one waited in vain, the others did not"
        resting_until = own.subscription().resting_until
        assert resting_until is not None
        assert sorted(row.attempts for row in own.rows()) == [0, 0, 1]
        put_off = [row.next_at for row in own.rows() if row.attempts == 0]
        assert put_off == [resting_until] * 2
        assert {job.attempts for job in own.jobs()} == {0}
        own.happen()
        assert own.rows()[-1].next_at == resting_until, (
            "one that comes meanwhile waits from the start"
        )

        receiver.released.set()
        own.time.now += timedelta(minutes=10)
        own.work(LONGER_THAN_THE_TEST_S)
        own.time.now += timedelta(seconds=2 * LONGER_THAN_THE_TEST_S)
        own.work(LONGER_THAN_THE_TEST_S)
    assert [row.state for row in own.rows()] == ["delivered"] * 4
    assert sorted(len(row.log) for row in own.rows()) == [1, 1, 1, 2]
    assert own.subscription().resting_until is None


def test_after_its_rest_one_delivery_asks_and_the_others_wait_for_it(
    api: TestClient, services: Services, receiver: Receiver
) -> None:
    own = Deliveries(services)
    with own.hung(api, receiver, times=3):
        pass
    asks, waits, _ = own.rows()
    now = own.time.now + timedelta(minutes=10)
    with services.database.transaction() as session:
        assert wait_until(session, asks, now, 15) is None
        again = wait_until(session, waits, now, 15)
    assert again is not None
    assert again > now + timedelta(seconds=15)


def test_a_test_by_hand_goes_to_a_resting_receiver_and_wakes_it(
    api: TestClient, services: Services, receiver: Receiver
) -> None:
    own = Deliveries(services)
    with own.hung(api, receiver) as made:
        assert own.subscription().resting_until is not None
        receiver.released.set()
        assert api.post(f"{WEBHOOKS}/{made}/test").status_code == 202
        own.work(LONGER_THAN_THE_TEST_S)
    assert own.rows()[-1].state == "delivered"
    assert own.subscription().resting_until is None


def test_switched_on_again_a_webhook_does_not_rest(
    api: TestClient, services: Services, receiver: Receiver
) -> None:
    own = Deliveries(services)
    with own.hung(api, receiver) as made:
        assert own.subscription().resting_until is not None
        for active in (False, True):
            assert api.patch(f"{WEBHOOKS}/{made}", json={"active": active}).status_code == 200
    assert own.subscription().resting_until is None


def test_a_receiver_that_refuses_at_once_does_not_rest(api: TestClient, services: Services) -> None:
    own = Deliveries(services)
    with LocalServer(lambda _request: Reply(500)) as server:
        subscribe(api, f"{server.url}/hook")
        own.happen(times=3)
        own.work(LONGER_THAN_THE_TEST_S)
        assert len(server.requests) == 3
    assert own.subscription().resting_until is None


@pytest.mark.parametrize(("failing_s", "rests_s"), [(0, 5), (40, 40), (86_400, 300)])
def test_a_receiver_rests_for_as_long_as_it_has_been_failing_within_bounds(
    failing_s: float, rests_s: float
) -> None:
    now = utc_now()
    assert rest_of(now - timedelta(seconds=failing_s), now) == timedelta(seconds=rests_s)
