"""How our deliveries are signed. Pure.

Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature` over `id.timestamp.body`; one
signature for each secret that is good at the moment. Beside it `X-GVN-Signature`, the hexadecimal
HMAC-SHA256 of the exact body, under the newest secret as it was shown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook

from goviral.kit.signatures import sign

AGENT = "GoViral-Webhooks/1"


def signed_headers(
    body: str, event_id: str, event_type: str, secrets: Sequence[str], now: datetime
) -> Mapping[str, str]:
    """Headers of a delivery; `secrets` newest first, `now` in UTC."""
    signatures = [Webhook(secret).sign(event_id, now, body) for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": AGENT,
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "x-gvn-signature": sign(body.encode(), secrets[0]),
        "x-gvn-event": event_type,
    }
