"""Making, changing and ending subscriptions."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.errors import TooManyError
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.webhooks.models import Subscription
from goviral.features.webhooks.repository import Subscriptions
from goviral.kit.db.locks import lock_name
from goviral.kit.errors import ConflictError
from goviral.kit.ids import new_id
from goviral.kit.seal import Seal, SealError
from goviral.kit.settings import Settings
from goviral.kit.urls import UrlPolicy, check_url

ROTATION = timedelta(hours=24)
_SECRET_BYTES = 32


def delivery_policy(settings: Settings) -> UrlPolicy:
    """Where deliveries may go: public addresses, and the private ones the operator trusts."""
    trusted = settings.delivery.trusted_addresses
    return (
        UrlPolicy(trusted_addresses=trusted)
        if not trusted
        else UrlPolicy(trusted_addresses=trusted, ports=frozenset(range(1, 65536)))
    )


def subscribe(
    session: Session, services: Services, by: Principal, url: str, events: Sequence[str], said: str
) -> tuple[Subscription, str]:
    """A new subscription and its secret, which is shown this once.

    Raises `ForbiddenUrlError` and `InputError` for the address, `ConflictError` where it is taken,
    `TooManyError`.
    """
    target = check_url(url, delivery_policy(services.settings))
    # Asked for at once they are counted one after the other.
    lock_name(session, "webhooks", by.owner_id)
    mine = Subscriptions(session, by.owner_id)
    known = mine.at(url)
    if known is not None:
        raise ConflictError(
            f"There is a webhook for that address already: {known.id}.", remedy="Change that one."
        )
    most = services.settings.limits.webhooks
    if mine.count() >= most:
        raise TooManyError(f"There are {most} webhooks already.", remedy="Delete one first.")
    secret = _new_secret()
    row = Subscription(id=new_id("sub"), url=url, events=list(events), description=said)
    row.secret = services.seal.close(secret, row.id)
    mine.add(row)
    audit(session, by, "webhook.create", row.id, {"host": target.host})
    return row, secret


def rotate(session: Session, services: Services, by: Principal, row: Subscription) -> str:
    """A new secret; for a day deliveries are signed with the old one too."""
    secret = _new_secret()
    if _opens(services.seal, row):
        row.previous_secret, row.previous_until = row.secret, services.clock() + ROTATION
    row.secret = services.seal.close(secret, row.id)
    audit(session, by, "webhook.rotate", row.id)
    return secret


def unsubscribe(session: Session, by: Principal, row: Subscription) -> None:
    """End a subscription; its delivery log goes with it."""
    Subscriptions(session, by.owner_id).delete(row)
    audit(session, by, "webhook.delete", row.id)


def alter(
    session: Session,
    by: Principal,
    row: Subscription,
    events: Sequence[str] | None,
    said: str | None,
    active: bool | None,
) -> None:
    """Set what is not None. Switched on again it has a clean slate."""
    if events is not None:
        row.events = list(events)
    if said is not None:
        row.description = said
    if active:
        row.active, row.failing_since, row.resting_until, row.disabled_reason = (
            True,
            None,
            None,
            None,
        )
    elif active is not None:
        row.active, row.disabled_reason = False, "switched off by hand"
    audit(session, by, "webhook.change", row.id, {"events": row.events, "active": row.active})
    session.flush()


def secrets_of(row: Subscription, seal: Seal, now: datetime) -> list[str]:
    """The secrets that sign now, newest first."""
    good = [seal.open(row.secret, row.id)]
    if row.previous_secret and row.previous_until and row.previous_until > now:
        good.append(seal.open(row.previous_secret, row.id))
    return good


def _opens(seal: Seal, row: Subscription) -> bool:
    """False where its key was lost: a new secret is then the way out, and the old one signs nothing."""
    try:
        seal.open(row.secret, row.id)
    except SealError:
        row.previous_secret = None
        return False
    return True


def wants(events: Sequence[str], event_type: str) -> bool:
    """Whether a list of types, `"clip.*"` or `"*"` holds `event_type`."""
    noun = event_type.split(".", 1)[0]
    return any(wish in ("*", event_type, f"{noun}.*") for wish in events)


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
