"""Subscriptions and deliveries of an owner."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from goviral.features.webhooks.models import Delivery, Subscription
from goviral.kit.db.repository import Repository, is_of


class Subscriptions(Repository[Subscription]):
    """An owner's subscriptions."""

    model = Subscription
    noun = "webhook"

    def at(self, url: str) -> Subscription | None:
        """The subscription of that address."""
        return self.session.scalars(self.rows().where(Subscription.url == url)).one_or_none()


class Deliveries(Repository[Delivery]):
    """An owner's deliveries."""

    model = Delivery
    noun = "delivery"


def active_subscriptions(session: Session, owner_id: str) -> Sequence[Subscription]:
    """Those of an owner that are switched on."""
    where = (is_of(Subscription, owner_id), Subscription.active.is_(True))
    return session.scalars(select(Subscription).where(*where)).all()
