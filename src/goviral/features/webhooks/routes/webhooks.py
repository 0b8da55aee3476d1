"""Webhooks over HTTP: subscriptions, their deliveries, and completions that come in."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request

from goviral.features.accounts.deps import (
    Paged,
    Reading,
    Router,
    Wired,
    Writing,
    admitted_address,
    require,
    takes_body_up_to,
)
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.refusals import refuses
from goviral.features.accounts.schemas import Listed
from goviral.features.webhooks import subscriptions
from goviral.features.webhooks.completions import check_signature, receive
from goviral.features.webhooks.deliveries import deliver, replay
from goviral.features.webhooks.models import Delivery
from goviral.features.webhooks.repository import Deliveries, Subscriptions
from goviral.features.webhooks.rest import TEST_EVENT
from goviral.features.webhooks.schemas import (
    DeliveryOut,
    NewSubscription,
    SubscriptionChange,
    SubscriptionMade,
    SubscriptionOut,
)
from goviral.kit.errors import ConflictError
from goviral.kit.events.event import Event
from goviral.kit.ids import new_id

router = Router(tags=["webhooks"])
_COMPLETION_BYTES = 10_000_000
_COMPLETION = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["job_id", "status"],
                    "properties": {"job_id": {"type": "string"}, "status": {"type": "string"}},
                }
            }
        },
    }
}

Manager = Annotated[Principal, Depends(require("webhooks:manage"))]
SubscriptionId = Annotated[str, Path(max_length=64)]
DeliveryId = Annotated[str, Path(max_length=64)]


async def _raw_body(request: Request) -> bytes:
    return await request.body()


@router.get("/webhooks", response_model=Listed[SubscriptionOut])
def list_webhooks(session: Reading, by: Manager, paging: Paged) -> Any:
    """One's webhooks, newest first."""
    mine = Subscriptions(session, by.owner_id)
    return mine.page(cursor=paging.cursor, limit=paging.limit)


@router.post("/webhooks", status_code=201, response_model=SubscriptionMade)
def make_webhook(wanted: NewSubscription, session: Writing, by: Manager, wired: Wired) -> Any:
    """A new webhook. Its secret is shown this once."""
    row, secret = subscriptions.subscribe(
        session, wired, by, wanted.url, wanted.events, wanted.description
    )
    return _with_secret(row, secret)


@router.get("/webhooks/{subscription_id}", response_model=SubscriptionOut)
def show_webhook(subscription_id: SubscriptionId, session: Reading, by: Manager) -> Any:
    """One webhook."""
    return Subscriptions(session, by.owner_id).get(subscription_id)


@router.patch("/webhooks/{subscription_id}", response_model=SubscriptionOut)
def alter_webhook(
    subscription_id: SubscriptionId, change: SubscriptionChange, session: Writing, by: Manager
) -> Any:
    """Other events, another description, on or off."""
    row = Subscriptions(session, by.owner_id).get(subscription_id)
    subscriptions.alter(session, by, row, change.events, change.description, change.active)
    return row


@router.delete("/webhooks/{subscription_id}", status_code=204)
def end_webhook(subscription_id: SubscriptionId, session: Writing, by: Manager) -> None:
    """End a webhook; its delivery log goes with it."""
    row = Subscriptions(session, by.owner_id).get(subscription_id)
    subscriptions.unsubscribe(session, by, row)


@router.post("/webhooks/{subscription_id}/rotate", response_model=SubscriptionMade)
def rotate_secret(
    subscription_id: SubscriptionId, session: Writing, by: Manager, wired: Wired
) -> Any:
    """A new secret, shown this once. For a day both are good."""
    row = Subscriptions(session, by.owner_id).get(subscription_id)
    return _with_secret(row, subscriptions.rotate(session, wired, by, row))


@router.post("/webhooks/{subscription_id}/test", status_code=202, response_model=DeliveryOut)
def test_webhook(
    subscription_id: SubscriptionId, session: Writing, by: Manager, wired: Wired
) -> Any:
    """Send an event of type `webhook.test` to it, now."""
    row = Subscriptions(session, by.owner_id).get(subscription_id)
    if not row.active:
        raise ConflictError("This webhook is switched off.", remedy="Switch it on first.")
    said = {"message": "It works."}
    event = Event(new_id("evt"), TEST_EVENT, by.owner_id, row.id, said, wired.clock())
    return deliver(session, wired.queue, row, event)


@router.get("/webhooks/{subscription_id}/deliveries", response_model=Listed[DeliveryOut])
def list_deliveries(
    subscription_id: SubscriptionId, session: Reading, by: Manager, paging: Paged
) -> Any:
    """What was sent to it and how that went, newest first."""
    row = Subscriptions(session, by.owner_id).get(subscription_id)
    mine = Deliveries(session, by.owner_id)
    of_it = Delivery.subscription_id == row.id
    return mine.page(of_it, cursor=paging.cursor, limit=paging.limit)


@router.post(
    "/webhooks/deliveries/{delivery_id}/replay", status_code=202, response_model=DeliveryOut
)
def replay_delivery(delivery_id: DeliveryId, session: Writing, by: Manager, wired: Wired) -> Any:
    """Send the same event once more, with the same id and body."""
    old = Deliveries(session, by.owner_id).get(delivery_id)
    return replay(session, wired.queue, old)


@router.post(
    "/hooks/completion",
    status_code=204,
    dependencies=[Depends(admitted_address)],
    openapi_extra=_COMPLETION,
    responses=refuses(401),
)
@takes_body_up_to(_COMPLETION_BYTES)
def take_completion(
    request: Request,
    session: Writing,
    wired: Wired,
    body: Annotated[bytes, Depends(_raw_body)],
) -> None:
    """A signed completion of a job that ran elsewhere. Taken once, however often it is sent."""
    secret = wired.settings.webhooks.secret
    name = check_signature(
        body,
        request.headers,
        secret.get_secret_value() if secret else None,
        wired.clock(),
        wired.settings.delivery.tolerance_s,
    )
    receive(session, body, name)


def _with_secret(row: Any, secret: str) -> SubscriptionMade:
    shown = SubscriptionOut.model_validate(row).model_dump()
    return SubscriptionMade.model_validate({**shown, "secret": secret})
