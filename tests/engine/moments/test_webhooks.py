"""Deliveries to a real receiver that is well, down, slow, failing or redirecting."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from goviral.engine.moments.contract import Webhooks
from goviral.engine.moments.webhooks import (
    SIGNATURE_HEADER,
    Delivery,
    JobWebhooks,
    WebhookSender,
    progress_url,
    senders,
)
from goviral.kit.http import HttpClient, Limits
from goviral.kit.retry import Backoff
from goviral.kit.settings import Settings, WebhookSettings
from goviral.kit.signatures import is_signed
from goviral.kit.urls import UrlPolicy
from twins.http_server import LocalServer, Reply, Request, closed_port

OPEN = UrlPolicy(allow_private=True)
SECRET = "whsec-test"


def sender(policy: UrlPolicy = OPEN, secret: str | None = SECRET) -> WebhookSender:
    backoff = Backoff(3, base_s=0.001)
    return WebhookSender(
        HttpClient(policy, limits=Limits(timeout_s=0.5), backoff=backoff), secret, 3
    )


def receiver(*statuses: int, **headers: str) -> LocalServer:
    waiting = list(statuses)

    def route(_: Request) -> Reply:
        status = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Reply(status, b"ok", headers)

    return LocalServer(route)


class TestDelivery:
    def test_the_signature_is_over_the_exact_body(self) -> None:
        with receiver(200) as server:
            delivery = sender().deliver("completed", server.url, {"job_id": "ü", "n": 1})
            seen = server.requests[0]
        assert delivery == Delivery("completed", delivered=True, attempts=1, status=200)
        assert seen.method == "POST"
        assert seen.headers["content-type"] == "application/json"
        assert is_signed(seen.body, seen.headers[SIGNATURE_HEADER.lower()], SECRET)
        assert not is_signed(seen.body + b" ", seen.headers[SIGNATURE_HEADER.lower()], SECRET)
        assert json.loads(seen.body) == {"job_id": "ü", "n": 1}

    def test_without_a_secret_it_is_not_signed(self) -> None:
        with receiver(204) as server:
            assert sender(secret=None).deliver("x", server.url, {}).delivered
            assert SIGNATURE_HEADER.lower() not in server.requests[0].headers

    def test_a_failing_receiver_is_tried_again(self) -> None:
        with receiver(500, 503, 200) as server:
            delivery = sender().deliver("x", server.url, {})
        assert (delivery.delivered, delivery.attempts, delivery.status) == (True, 3, 200)

    def test_tries_end(self) -> None:
        with receiver(500) as server:
            delivery = sender().deliver("x", server.url, {})
            assert len(server.requests) == 3
        assert delivery == Delivery("x", False, 3, 500, "The receiver answered 500.")

    def test_a_receiver_that_does_not_want_it_is_not_asked_again(self) -> None:
        for status in (400, 401, 404, 410):
            with receiver(status) as server:
                assert sender().deliver("x", server.url, {}).attempts == 1

    def test_a_receiver_that_is_down_is_recorded(self) -> None:
        delivery = sender().deliver("x", f"http://127.0.0.1:{closed_port()}/", {})
        assert (delivery.delivered, delivery.attempts, delivery.status) == (False, 3, None)
        assert delivery.error is not None

    def test_a_slow_receiver_is_left(self) -> None:
        started = time.monotonic()
        with LocalServer(lambda _: Reply(delay_s=200)) as server:
            assert not sender().deliver("x", server.url, {}).delivered
        assert time.monotonic() - started < 100

    def test_a_redirect_is_a_failure_and_not_followed(self) -> None:
        with receiver(200) as elsewhere, receiver(307, Location=elsewhere.url) as server:
            delivery = sender().deliver("x", server.url, {})
            assert elsewhere.requests == []
        assert (delivery.delivered, delivery.status) == (False, 307)

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1/hook",
            "http://169.254.169.254/latest",
            "http://[::ffff:10.0.0.1]/",
            "http://2130706433/",
            "http://localhost/",
            "http://user:pw@example.com/",
            "http://example.com:25/",
            "file:///etc/passwd",
            "not an address",
        ],
    )
    def test_private_addresses_are_refused(self, url: str) -> None:
        delivery = sender(UrlPolicy()).deliver("x", url, {})
        assert (delivery.delivered, delivery.attempts, delivery.status) == (False, 1, None)

    def test_they_are_refused_at_every_delivery_not_at_the_first(self) -> None:
        """The name leads to a public address when it is registered, and inside later."""
        answers = [["93.184.216.34"], ["10.0.0.7"]]
        http = HttpClient(UrlPolicy(), resolve=lambda *_: answers[1])
        delivery = WebhookSender(http, None, 1).deliver("x", "https://hooks.example/", {})
        assert delivery.error is not None
        assert "private" in delivery.error


@pytest.mark.parametrize(
    ("webhooks", "derive", "address"),
    [
        ({}, True, None),
        ({"progress_url": "https://a/p"}, True, "https://a/p"),
        ({"result_url": "https://a/done"}, True, "https://a/done/progress"),
        ({"result_url": "https://a/done/?k=v"}, True, "https://a/done/progress?k=v"),
        ({"result_url": "https://a/done"}, False, None),
        ({"result_url": "https://a/done", "progress_url": "https://b/p"}, False, "https://b/p"),
    ],
)
def test_progress_goes_to_its_own_address_or_below_the_other(
    webhooks: dict[str, str], derive: bool, address: str | None
) -> None:
    assert progress_url(Webhooks.model_validate(webhooks), derive=derive) == address


class Notebook:
    """A sender that writes down; `works` says how each delivery ends."""

    def __init__(self, works: bool = True, takes_s: float = 0.0) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self._works = works
        self._takes_s = takes_s

    def deliver(self, event: str, url: str, body: Mapping[str, Any]) -> Delivery:
        time.sleep(self._takes_s)
        self.sent.append((event, url, dict(body)))
        return Delivery(event, self._works, 1)


class TestJob:
    def test_progress_comes_in_order_and_before_the_end(self) -> None:
        book = Notebook(takes_s=0.01)
        job = JobWebhooks("7", "http://r", "http://p", book, book)
        for number in range(5):
            job.progress("chunk_completed", {"chunk": number})
        job.completed({"total_chunks": 5, "moments": [], "other": 1})
        assert [body.get("chunk") for _, _, body in book.sent] == [0, 1, 2, 3, 4, None]
        assert book.sent[0] == (
            "chunk_completed",
            "http://p",
            {"event": "chunk_completed", "job_id": "7", "status": "in_progress", "chunk": 0},
        )
        assert book.sent[-1][2] == {
            "job_id": "7",
            "status": "completed",
            "result": {"total_chunks": 5, "moments": []},
        }
        assert len(job.deliveries) == 6

    def test_failure_is_told(self) -> None:
        book = Notebook()
        JobWebhooks("7", "http://r", None, book, book).failed("why")
        assert book.sent == [
            ("failed", "http://r", {"job_id": "7", "status": "failed", "error": "why"})
        ]

    def test_without_addresses_nothing_is_sent(self) -> None:
        book = Notebook()
        job = JobWebhooks("7", None, None, book, book)
        job.progress("started", {})
        job.completed({"total_chunks": 0, "moments": []})
        assert book.sent == []
        assert job.deliveries == ()

    def test_a_dead_progress_receiver_is_given_up(self) -> None:
        dead, book = Notebook(works=False), Notebook()
        job = JobWebhooks("7", "http://r", "http://p", book, dead)
        for number in range(6):
            job.progress("chunk_completed", {"chunk": number})
        job.completed({"total_chunks": 6, "moments": []})
        assert len(dead.sent) == 2
        assert [delivery.attempts for delivery in job.deliveries] == [1, 1, 0, 0, 0, 0, 1]


def test_settings_make_a_patient_sender_and_a_quick_one() -> None:
    hooks = WebhookSettings.model_validate(
        {"secret": SECRET, "retry_attempts": 2, "max_delay": 0.01, "timeout_s": 1}
    )
    settings = Settings.model_validate({"GOVIRAL_ALLOW_PRIVATE_URLS": True, "webhooks": hooks})
    patient, quick = senders(settings)
    with receiver(500) as server:
        assert patient.deliver("x", server.url, {}).attempts == 2
        assert quick.deliver("x", server.url, {}).attempts == 1
        assert SIGNATURE_HEADER.lower() in server.requests[0].headers
    refused = senders(Settings())[0].deliver("x", "http://127.0.0.1/", {})
    assert refused.error is not None
