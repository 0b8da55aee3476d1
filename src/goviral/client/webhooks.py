"""Addresses that hear of events."""

from collections.abc import Sequence

from goviral.client.connection import Connection
from goviral.client.values import Delivery, Listing, Webhook


class Webhooks:
    """`client.webhooks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, url: str, events: Sequence[str] = ("*",), *, description: str = "") -> Webhook:
        """A subscription; its `secret` is in this answer alone."""
        body = {"url": url, "events": list(events), "description": description}
        return self._connection.post(Webhook, "api/v1/webhooks", body)

    def list(self) -> list[Webhook]:
        """One's subscriptions, the newest hundred."""
        return self._connection.get(Listing[Webhook], "api/v1/webhooks", limit=100).items

    def delete(self, webhook_id: str) -> None:
        """End it."""
        self._connection.delete(f"api/v1/webhooks/{webhook_id}")

    def test(self, webhook_id: str) -> Delivery:
        """Have an event sent to it now."""
        return self._connection.post(Delivery, f"api/v1/webhooks/{webhook_id}/test")

    def deliveries(self, webhook_id: str) -> Listing[Delivery]:
        """What was sent to it and how that went, newest first."""
        path = f"api/v1/webhooks/{webhook_id}/deliveries"
        return self._connection.get(Listing[Delivery], path)
