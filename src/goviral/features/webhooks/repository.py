"""Subscriptions and deliveries of an owner."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from goviral.features.accounts.authentication import active_user
from goviral.features.accounts.errors import RevokedError
from goviral.features.webhooks.models import Delivery, Subscription
from goviral.kit.db.repository import Repository, is_of
from goviral.kit.errors import UnauthenticatedError


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
    """Those of an owner that are switched on; none where he himself is not."""
    where = (is_of(Subscription, owner_id), Subscription.active.is_(True))
    found = session.scalars(select(Subscription).where(*where)).all()
    return found if found and is_served(session, owner_id) else []


def is_served(session: Session, owner_id: str) -> bool:
    """Whether an owner's account, and that of his team's founder, is there and switched on."""
    try:
        active_user(session, owner_id)
    except (RevokedError, UnauthenticatedError):
        return False
    return True
