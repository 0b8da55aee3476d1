"""An event becomes deliveries; a delivery is tried until it is taken, or for three days."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from goviral.features.accounts.services import Services
from goviral.features.webhooks.models import Delivery, DeliveryState, Subscription
from goviral.features.webhooks.repository import active_subscriptions, is_served
from goviral.features.webhooks.rest import TEST_EVENT, rest_of, wait_until
from goviral.features.webhooks.schedule import wait_s
from goviral.features.webhooks.signing import signed_headers
from goviral.features.webhooks.subscriptions import delivery_policy, secrets_of, wants
from goviral.kit.errors import AppError
from goviral.kit.events.event import Event, Subscriber
from goviral.kit.events.outbox import publish
from goviral.kit.http import Answer, HttpClient, Limits, TimedOutError
from goviral.kit.ids import new_id
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Payload
from goviral.kit.jobs.queue import Queue
from goviral.kit.jobs.task import Task
from goviral.kit.retry import retry_after_s
from goviral.kit.seal import SealError
from goviral.kit.telemetry.measured import Happened, tell

TASK = "webhooks.deliver"
QUEUE = "webhooks"
SWITCHED_OFF = "switched off"
DISABLED = "webhook.disabled"
_GONE = 410
_LONG_FAILURE = timedelta(hours=72)
_EXCERPT = 1000
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Tried:
    """What one try gave. `status` None: no answer; `timed_out`: it was waited for in vain."""

    status: int | None
    took_ms: int
    problem: str = ""
    excerpt: str = ""
    retry_after_s: float | None = None
    final: bool = False
    timed_out: bool = False

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def to_deliveries(queue: Queue) -> Subscriber:
    """The subscriber that turns events into deliveries, in the relay's own transaction."""

    def take(session: Session, event: Event) -> None:
        if event.owner_id is None or event.type.startswith("webhook."):
            return
        for subscription in active_subscriptions(session, event.owner_id):
            if wants(subscription.events, event.type):
                deliver(session, queue, subscription, event)

    return take


def deliver(session: Session, queue: Queue, to: Subscription, event: Event) -> Delivery:
    """A delivery of `event` to a subscription, to be tried at once; or when its receiver has rested."""
    body = {
        "id": event.id,
        "type": event.type,
        "timestamp": event.at.isoformat(),
        "subject": event.subject,
        "data": dict(event.data),
    }
    row = Delivery(
        id=new_id("dlv"),
        owner_id=to.owner_id,
        subscription_id=to.id,
        event_id=event.id,
        event_type=event.type,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )
    rests = to.resting_until is not None and to.resting_until > event.at
    return _begun(session, queue, row, to.resting_until if rests else None)


def replay(session: Session, queue: Queue, old: Delivery) -> Delivery:
    """The same event, the same body, once more from the beginning; receivers know it by its id."""
    row = Delivery(
        id=new_id("dlv"),
        owner_id=old.owner_id,
        subscription_id=old.subscription_id,
        event_id=old.event_id,
        event_type=old.event_type,
        body=old.body,
    )
    return _begun(session, queue, row)


def _begun(session: Session, queue: Queue, row: Delivery, at: datetime | None = None) -> Delivery:
    row.next_at = at if row.event_type != TEST_EVENT else None
    session.add(row)
    session.flush()
    _enqueue(session, queue, row, row.next_at)
    return row


def deliver_task() -> Task:
    """The job that tries a delivery once and puts the next try into the queue."""
    return Task(TASK, _run, queue=QUEUE, timeout_s=120)


def _run(context: JobContext, payload: Payload) -> Payload | None:
    services: Services = context.services
    with context.database.reading() as session:
        row = session.get(Delivery, payload["delivery_id"])
        to = session.get(Subscription, row.subscription_id) if row else None
        goes_on = to is not None and to.active and is_served(session, to.owner_id)
    if row is None or to is None or row.state != DeliveryState.PENDING:
        return {"skipped": True}
    if row.attempts != payload["attempt"]:
        return {"skipped": True}  # That try was made; only the note of it to the queue was lost.
    if goes_on and to.resting_until is not None and _waits(context, row.id):
        return None
    tried = _try(row, to, services) if goes_on else Tried(None, 0, SWITCHED_OFF, final=True)
    with context.database.transaction() as session:
        _record(session, services, row.id, tried, random.random)
    context.log(f"{to.id}: {tried.status or tried.problem}")
    return {"status": tried.status, "delivered": tried.succeeded}


def _waits(context: JobContext, delivery_id: str) -> bool:
    """Put off, uncounted, what would only wait in vain with a place others need."""
    services: Services = context.services
    now, timeout_s = services.clock(), services.settings.delivery.timeout_s
    with context.database.transaction() as session:
        row = session.get_one(Delivery, delivery_id)
        until = wait_until(session, row, now, timeout_s)
        if until is None:
            return False
        row.next_at = until
    context.put_off((until - now).total_seconds())
    return True


def _try(row: Delivery, to: Subscription, services: Services) -> Tried:
    now = services.clock()
    try:
        good = secrets_of(to, services.seal, now)
    except SealError as error:
        # Not final: the operator may bring the key back while there are tries left.
        return Tried(None, 0, error.message)
    headers = signed_headers(row.body, row.event_id, row.event_type, good, now)
    settings = services.settings
    limits = Limits(timeout_s=settings.delivery.timeout_s, max_bytes=_MOST_BYTES)
    client = HttpClient(delivery_policy(settings), limits=limits)
    started_s = time.monotonic()
    try:
        answer = client.send("POST", to.url, headers=headers, content=row.body.encode())
    except AppError as error:
        waited = isinstance(error, TimedOutError)
        return Tried(None, _since_ms(started_s), error.message, timed_out=waited)
    return _told(answer, _since_ms(started_s), now)


def _told(answer: Answer, took_ms: int, now: datetime) -> Tried:
    excerpt = answer.body[:_EXCERPT].decode("utf-8", "replace").replace("\x00", "")
    asked = retry_after_s(answer.headers.get("retry-after"), now)
    problem = "" if answer.succeeded else f"answered {answer.status}"
    return Tried(answer.status, took_ms, problem, excerpt, asked, final=answer.status == _GONE)


def _record(
    session: Session,
    services: Services,
    delivery_id: str,
    tried: Tried,
    chance: Callable[[], float],
) -> None:
    row = session.get(Delivery, delivery_id, with_for_update=True)
    to = session.get(Subscription, row.subscription_id, with_for_update=True) if row else None
    if row is None or to is None:
        return
    now = services.clock()
    tell(Happened.DELIVERY, tried.took_ms / 1000, _outcome(tried))
    row.attempts += 1
    row.log = [*row.log, _line(tried, now)]
    row.next_at = None
    if tried.problem == SWITCHED_OFF:
        row.state = DeliveryState.FAILED  # It says nothing of the receiver.
        return
    to.resting_until = None
    if tried.succeeded:
        row.state, row.delivered_at, to.failing_since = DeliveryState.DELIVERED, now, None
        return
    to.failing_since = to.failing_since or now
    if tried.timed_out:
        to.resting_until = now + rest_of(to.failing_since, now)
    wait = None if tried.final else wait_s(row.attempts, chance, tried.retry_after_s)
    if wait is not None:
        row.next_at = now + timedelta(seconds=wait)
        _enqueue(session, services.queue, row, row.next_at)
        return
    row.state = DeliveryState.FAILED
    _switch_off_if_hopeless(session, to, tried, now)


def _outcome(tried: Tried) -> str:
    if tried.succeeded:
        return "delivered"
    return "refused" if tried.final else "failed"


def _switch_off_if_hopeless(
    session: Session, to: Subscription, tried: Tried, now: datetime
) -> None:
    long = to.failing_since is not None and now - to.failing_since >= _LONG_FAILURE
    if not to.active or not (tried.status == _GONE or long):
        return
    to.active = False
    to.disabled_reason = (
        "it answered 410 Gone" if tried.status == _GONE else "no success for 72 hours"
    )
    # Not its address: whoever may only look at videos hears of events too.
    told = {"reason": to.disabled_reason}
    publish(session, DISABLED, owner_id=to.owner_id, subject=to.id, data=told)


def _enqueue(session: Session, queue: Queue, row: Delivery, at: datetime | None) -> None:
    queue.enqueue(
        session,
        TASK,
        {"delivery_id": row.id, "attempt": row.attempts},
        owner_id=row.owner_id,
        run_at=at,
        unique_key=f"{row.id}:{row.attempts}",
        subject=row.id,
    )


def _line(tried: Tried, now: datetime) -> dict[str, Any]:
    return {
        "at": now.isoformat(),
        "status": tried.status,
        "took_ms": tried.took_ms,
        "problem": tried.problem,
        "answer": tried.excerpt,
    }


def _since_ms(started_s: float) -> int:
    return round((time.monotonic() - started_s) * 1000)
