"""Who wants to hear of what, and how telling them went."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from goviral.kit.clock import utc_now
from goviral.kit.db.base import Base, Identified, Owned, Timestamped
from goviral.kit.db.sealed import SealedText


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Subscription(Identified, Owned, Timestamped, Base):
    """An address that hears of an owner's events. One of each address an owner.

    `events` are types or `"clip.*"`; `["*"]` is everything. Secrets are sealed; the one before the last
    rotation signs beside the new one until `previous_until`. `failing_since`: no delivery succeeded since.
    `resting_until`: it did not answer in time, and is not asked again before.
    """

    __tablename__ = "webhook_subscriptions"

    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[Any]] = mapped_column(default=list)
    description: Mapped[str] = mapped_column(String(500), default="")
    active: Mapped[bool] = mapped_column(default=True)
    secret: Mapped[str] = mapped_column(SealedText)
    previous_secret: Mapped[str | None] = mapped_column(SealedText)
    previous_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    resting_until: Mapped[datetime | None]
    disabled_reason: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("owner_id", "url"),)


class Delivery(Identified, Owned, Timestamped, Base):
    """One event for one subscription. `body` is the very text that is signed and sent.

    `log` holds each try: when, status, milliseconds, what was wrong, the answer's beginning.
    """

    __tablename__ = "webhook_deliveries"

    subscription_id: Mapped[str] = mapped_column(
        ForeignKey("webhook_subscriptions.id", ondelete="CASCADE")
    )
    event_id: Mapped[str] = mapped_column(String(64))
    event_type: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), default=DeliveryState.PENDING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    log: Mapped[list[Any]] = mapped_column(default=list)

    __table_args__ = (Index("ix_webhook_deliveries_subscription_id_id", "subscription_id", "id"),)


class Completion(Base):
    """A signed completion that came in. Its key makes a second arrival harmless."""

    __tablename__ = "webhook_completions"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    job_id: Mapped[str] = mapped_column(String(200), index=True)
    status: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
