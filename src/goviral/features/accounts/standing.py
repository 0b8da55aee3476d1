"""Credentials change while they are in use: who remembers one, or listens by one, hears of it."""

from sqlalchemy.orm import Session

from goviral.features.accounts.authentication import verified
from goviral.features.accounts.credential_cache import CredentialCache
from goviral.features.accounts.errors import RevokedError, refused
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.kit.crypto import digest
from goviral.kit.db.database import after_commit
from goviral.kit.events.outbox import publish
from goviral.kit.events.standing import CHANGED, Standing


def credentials_changed(session: Session, cache: CredentialCache, user_id: str) -> None:
    """To be called by whatever takes back or changes what a user is known by.

    This process forgets its verified credentials with the commit; open streams in every process ask
    again when the event reaches them.
    """
    after_commit(session, cache.clear)
    publish(session, CHANGED, owner_id=None, subject=user_id)


def standing_of(services: Services, credential: str, by: Principal, scope: str) -> Standing:
    """What lets a stream that `by` opened with `credential` go on: that it would be opened again."""

    def ask() -> float:
        now, life_s = verified(services, credential)
        if life_s <= 0:
            raise refused()  # Without the leeway of clocks: a stream is not a request on its way.
        if now.owner_id != by.owner_id or not now.can(scope):
            raise RevokedError("This may not listen any more.", remedy="Ask your administrator.")
        return life_s

    return Standing(digest(credential), by.user_id, ask)
