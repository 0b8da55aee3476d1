"""Telling other systems how a job goes: signed, retried, never into a private network.

A receiver that is down never fails a job. Progress is best effort and in order, on a thread of its own;
completion and failure are delivered with retries, after it. Redirects are not followed: a 3xx is a failure.
"""

import json
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from typing_extensions import override

from goviral.engine.moments.contract import Webhooks
from goviral.kit.errors import AppError
from goviral.kit.http import HttpClient, Limits
from goviral.kit.retry import Backoff
from goviral.kit.settings import Settings
from goviral.kit.signatures import sign
from goviral.kit.urls import UrlPolicy

SIGNATURE_HEADER = "X-Webhook-Signature"
_PROGRESS_TIMEOUT_S = 5.0
_DRAIN_S = 10.0
_GIVE_UP_AFTER = 2
_ANSWER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one message. `status` None: no answer came."""

    event: str
    delivered: bool
    attempts: int
    status: int | None = None
    error: str | None = None


class Sender(Protocol):
    """Delivers one message; never raises."""

    def deliver(self, event: str, url: str, body: Mapping[str, Any]) -> Delivery:
        """POST `body` as JSON to `url`."""


class WebhookSender:
    """Posts JSON, signed over its exact bytes."""

    def __init__(self, http: HttpClient, secret: str | None, attempts: int) -> None:
        self._http = http
        self._secret = secret
        self._attempts = attempts

    def deliver(self, event: str, url: str, body: Mapping[str, Any]) -> Delivery:
        """As `Sender.deliver`. The address is judged anew each time, on every attempt."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"content-type": "application/json"}
        if self._secret is not None:
            headers[SIGNATURE_HEADER] = sign(content, self._secret)
        try:
            answer = self._http.send("POST", url, headers=headers, content=content)
        except AppError as error:
            attempts = self._attempts if error.retryable else 1
            return Delivery(event, delivered=False, attempts=attempts, error=error.message)
        error_text = None if answer.succeeded else f"The receiver answered {answer.status}."
        return Delivery(event, answer.succeeded, answer.attempts, answer.status, error_text)


def senders(settings: Settings) -> tuple[WebhookSender, WebhookSender]:
    """For results (with retries) and for progress (one short try)."""
    hooks = settings.webhooks
    policy = UrlPolicy(allow_private=settings.allow_private_urls)
    secret = hooks.secret.get_secret_value() if hooks.secret else None
    backoff = Backoff(attempts=hooks.retry_attempts, max_delay_s=hooks.max_delay)
    patient = Limits(timeout_s=hooks.timeout_s, max_bytes=_ANSWER_BYTES)
    quick = Limits(timeout_s=min(_PROGRESS_TIMEOUT_S, hooks.timeout_s), max_bytes=_ANSWER_BYTES)
    return (
        WebhookSender(
            HttpClient(policy, limits=patient, backoff=backoff), secret, hooks.retry_attempts
        ),
        WebhookSender(HttpClient(policy, limits=quick), secret, 1),
    )


def progress_url(webhooks: Webhooks, *, derive: bool) -> str | None:
    """Where progress goes: its own address, else the completion address + `/progress` if wished."""
    if webhooks.progress_url or not webhooks.result_url:
        return webhooks.progress_url
    if not derive:
        return None
    parts = urlsplit(webhooks.result_url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/progress"))


class JobWebhooks:
    """The messages of one job. Without addresses it does nothing."""

    def __init__(
        self,
        job_id: str,
        result_url: str | None,
        progress_to: str | None,
        result: Sender,
        progress: Sender,
    ) -> None:
        self._job_id = job_id
        self._result_url = result_url
        self._result = result
        self._deliveries: list[Delivery] = []
        self._line = _ProgressLine(progress_to, progress) if progress_to else None

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What became of every message so far, progress first."""
        line = self._line.deliveries if self._line else []
        return (*line, *self._deliveries)

    def progress(self, event: str, facts: Mapping[str, Any]) -> None:
        """`{event, job_id, status: "in_progress", …facts}`; returns at once."""
        if self._line is not None:
            body = {"event": event, "job_id": self._job_id, "status": "in_progress", **facts}
            self._line.send(event, body)

    def settle(self) -> None:
        """Wait until progress is out, so that nothing comes after the end; bounded."""
        if self._line is not None:
            self._line.close()

    def completed(self, result: Mapping[str, Any]) -> None:
        """`{job_id, status: "completed", result: {total_chunks, moments}}`."""
        told = {"total_chunks": result["total_chunks"], "moments": result["moments"]}
        self._end("completed", {"job_id": self._job_id, "status": "completed", "result": told})

    def failed(self, error: str) -> None:
        """`{job_id, status: "failed", error}`."""
        self._end("failed", {"job_id": self._job_id, "status": "failed", "error": error})

    def _end(self, event: str, body: Mapping[str, Any]) -> None:
        self.settle()
        if self._result_url is not None:
            self._deliveries.append(self._result.deliver(event, self._result_url, body))


class _ProgressLine(threading.Thread):
    """Sends one message after the other; stops trying when the receiver is down."""

    def __init__(self, url: str, sender: Sender) -> None:
        super().__init__(name="webhook-progress", daemon=True)
        self._url = url
        self._sender = sender
        self._waiting: queue.SimpleQueue[tuple[str, Mapping[str, Any]] | None] = queue.SimpleQueue()
        self.deliveries: list[Delivery] = []
        self.start()

    def send(self, event: str, body: Mapping[str, Any]) -> None:
        self._waiting.put((event, body))

    def close(self) -> None:
        self._waiting.put(None)
        self.join(_DRAIN_S)

    @override
    def run(self) -> None:
        failures = 0
        while (message := self._waiting.get()) is not None:
            event, body = message
            if failures < _GIVE_UP_AFTER:
                delivery = self._sender.deliver(event, self._url, body)
            else:
                delivery = Delivery(
                    event, delivered=False, attempts=0, error="The receiver is down."
                )
            failures = 0 if delivery.delivered else failures + 1
            self.deliveries.append(delivery)
