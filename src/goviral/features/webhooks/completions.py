"""Completions that others send in (RunPod workers, partners): signed, fresh, taken once."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from standardwebhooks import Webhook, WebhookVerificationError

from goviral.features.webhooks.models import Completion
from goviral.kit.db.leadership import insert_if_absent
from goviral.kit.errors import InputError, UnauthenticatedError
from goviral.kit.events.outbox import publish
from goviral.kit.signatures import is_signed

RECEIVED = "completion.received"
_SIGNATURES = ("x-gvn-signature", "x-webhook-signature")
_LONGEST_NAME = 128


def check_signature(
    body: bytes, headers: Mapping[str, str], secret: str | None, now: datetime, tolerance_s: int
) -> str:
    """The name of a completion that was signed with our secret, and lately: a second arrival has the same.

    Raises `UnauthenticatedError`.

    Either Standard Webhooks' three headers, or `X-GVN-Signature` / `X-Webhook-Signature`, the hexadecimal
    HMAC-SHA256 of the exact body. Those sign no time: with an `X-Webhook-Timestamp` beside them, they
    are taken over `timestamp.body` and must be fresh; without one, a second arrival does nothing.
    """
    if secret is None:
        raise _refused("no secret is set")
    if "webhook-signature" in headers:
        _check_standard(body, headers, secret, now, tolerance_s)
        return headers["webhook-id"][:_LONGEST_NAME]
    given = next((headers[name] for name in _SIGNATURES if name in headers), None)
    if given is None:
        raise _refused("no signature")
    stamp = headers.get("x-webhook-timestamp")
    if stamp is not None:
        _check_fresh(stamp, now, tolerance_s)
        body = stamp.encode() + b"." + body
    if not is_signed(body, given, secret):
        raise _refused("wrong signature")
    # Not `webhook-id`: nothing signs it here, and under a new one an old body would be new.
    return hashlib.sha256(body).hexdigest()


def receive(session: Session, body: bytes, name: str) -> bool:
    """Keep a checked completion and tell of it; whether it was new. Raises `InputError`."""
    payload = _payload(body)
    job_id, status = str(payload.get("job_id", ""))[:200], str(payload.get("status", ""))[:32]
    if not job_id or not status:
        raise InputError("A completion names its job_id and status.", remedy="Send both.")
    facts = {"job_id": job_id, "status": status, "payload": payload}
    if not insert_if_absent(session, Completion, key=name, **facts):
        return False
    told = {"job_id": job_id, "status": status, "completion": name}
    publish(session, RECEIVED, owner_id=None, subject=job_id[:64], data=told)
    return True


def _payload(body: bytes) -> Mapping[str, Any]:
    try:
        payload = json.loads(body)
        # What no database could store is refused by all of them: half characters, NUL, not a number.
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
        if b"\\u0000" in text.replace(b"\\\\", b""):
            raise ValueError("NUL")
    except (ValueError, RecursionError) as error:
        raise InputError("The completion is not JSON.", remedy="Send a JSON object.") from error
    if not isinstance(payload, dict):
        raise InputError("The completion is no JSON object.", remedy="Send a JSON object.")
    return payload


def _check_standard(
    body: bytes, headers: Mapping[str, str], secret: str, now: datetime, tolerance_s: int
) -> None:
    _check_fresh(headers.get("webhook-timestamp", ""), now, tolerance_s)
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        raise _refused("wrong signature") from error


def _check_fresh(stamp: str, now: datetime, tolerance_s: int) -> None:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12):
        raise _refused("no timestamp")
    if abs(now.timestamp() - int(stamp)) > tolerance_s:
        raise _refused("stale timestamp")


def _refused(why: str) -> UnauthenticatedError:
    return UnauthenticatedError(
        f"The completion was not accepted: {why}.", remedy="Sign it with WEBHOOK_SECRET."
    )
