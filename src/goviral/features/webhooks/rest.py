"""A receiver that did not answer in time rests: meanwhile its deliveries wait and take no places.

It rests for as long as it has been failing, within bounds. Then one delivery asks whether it is back, and the
others wait for what comes of that.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from goviral.features.webhooks.models import Delivery, Subscription

TEST_EVENT = "webhook.test"
_LEAST = timedelta(seconds=5)
_MOST = timedelta(minutes=5)
_BEYOND_A_TRY = timedelta(seconds=5)


def rest_of(failing_since: datetime, now: datetime) -> timedelta:
    """How long a receiver rests after a try at `now` that it did not answer in time. Pure."""
    return min(max(now - failing_since, _LEAST), _MOST)


def wait_until(
    session: Session, delivery: Delivery, now: datetime, timeout_s: float
) -> datetime | None:
    """Until when a delivery has to wait for its receiver's rest; None: try it, for `timeout_s` at most.

    What is sent by hand to see whether the receiver works does not wait.
    """
    if delivery.event_type == TEST_EVENT:
        return None
    to = session.get(Subscription, delivery.subscription_id, with_for_update=True)
    if to is None or to.resting_until is None:
        return None
    if to.resting_until > now:
        return to.resting_until
    to.resting_until = now + timedelta(seconds=timeout_s) + _BEYOND_A_TRY
    return None
