"""Magic links: a token that lets its holder do one kind of thing, for a while."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.authentication import (
    LINK_PREFIX,
    active_user,
    check_usable,
    principal_of,
)
from goviral.features.accounts.credential_cache import CredentialCache
from goviral.features.accounts.errors import refused
from goviral.features.accounts.logins import TokenPair, open_session
from goviral.features.accounts.models import MagicLink
from goviral.features.accounts.principal import SCOPES, Principal
from goviral.features.accounts.purposes import PURPOSES
from goviral.features.accounts.repository import Links
from goviral.features.accounts.services import Services
from goviral.features.accounts.standing import credentials_changed
from goviral.kit.crypto import digest, is_same, new_secret
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import ForbiddenError, InputError
from goviral.kit.ids import new_id

_SECRET_LENGTH = 32
_LOGIN = "login"


@dataclass(frozen=True, slots=True)
class LinkWishes:
    """What a link is for: a purpose, how long, and (None: anything of the owner's) which row.

    `challenge` binds a login to the browser that asked for it (RFC 7636, S256).
    """

    purpose: str
    ttl_minutes: int
    subject: str | None = None
    challenge: str | None = None


def links(session: Session, by: Principal) -> Links:
    """The links the caller made; an administrator's: everyone's."""
    if by.can("admin"):
        return Links(session, EVERYONE)
    return Links(session, by.owner_id, by.user_id)


def create_link(
    services: Services, session: Session, by: Principal, wishes: LinkWishes
) -> tuple[MagicLink, str]:
    """A new link in the caller's name, and its token, which is kept nowhere.

    It carries the purpose's scopes, as far as the caller has them. Raises `InputError` for an unknown
    purpose or too long a life, `ForbiddenError`, `RateLimitedError`.
    """
    purpose = PURPOSES.get(wishes.purpose)
    if purpose is None:
        raise InputError("No such purpose.", remedy=f"One of: {', '.join(PURPOSES)}.")
    if not 1 <= wishes.ttl_minutes <= purpose.max_ttl_minutes:
        raise InputError(
            "A link of that purpose may not live that long.",
            remedy=f"Ask for 1 to {purpose.max_ttl_minutes} minutes.",
        )
    if wishes.challenge is not None and wishes.purpose != _LOGIN:
        raise InputError("Only a login is bound to a browser.", remedy="Leave out the challenge.")
    _check_maker(services, by, wishes.purpose, purpose.scopes)
    now = services.clock()
    token = f"{LINK_PREFIX}_{new_secret(_SECRET_LENGTH)}"
    row = MagicLink(
        id=new_id("lnk"),
        owner_id=by.owner_id,
        user_id=by.user_id,
        digest=digest(token),
        purpose=purpose.name,
        challenge=wishes.challenge,
        subject=wishes.subject,
        scopes=sorted(purpose.scopes & by.scopes),
        created_by=by.credential_id,
        created_at=now,
        expires_at=now + timedelta(minutes=wishes.ttl_minutes),
    )
    links(session, by).add(row)
    audit(session, by, "link.create", row.id, {"purpose": row.purpose, "subject": row.subject})
    return row, token


def redeem_login(
    services: Services, session: Session, token: str, verifier: str | None = None
) -> TokenPair:
    """Log in with a link made for it; it works once.

    Raises `UnauthenticatedError` for a link that is unknown, expired, used, for something else or from
    another browser (which does not use it up), `RevokedError`.
    """
    repository = Links(session, EVERYONE)
    row = repository.by_digest(digest(token))
    now = services.clock()
    if row is None or row.purpose != _LOGIN:
        raise refused()
    check_usable(row, now)
    is_other_browser = row.challenge is not None and not is_same(row.challenge, _s256(verifier))
    if is_other_browser or not repository.use_up(row.id, now):
        raise refused()
    user, owner = active_user(session, row.user_id)
    by = principal_of(user, owner, "link", frozenset(), row.id)
    audit(session, by, "link.redeem", row.id)
    return open_session(services, session, row.user_id, frozenset(SCOPES), "link")


def revoke_link(
    session: Session, cache: CredentialCache, by: Principal, link_id: str, now: datetime
) -> None:
    """Take a link back. Twice is no error."""
    row = links(session, by).get(link_id)
    row.revoked_at = row.revoked_at or now
    credentials_changed(session, cache, row.user_id)
    audit(session, by, "link.revoke", row.id, owner_id=row.owner_id)
    session.flush()


def _s256(verifier: str | None) -> str:
    hashed = hashlib.sha256((verifier or "").encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def _check_maker(services: Services, by: Principal, purpose: str, scopes: frozenset[str]) -> None:
    if by.kind == "link" or not (scopes <= by.scopes):
        raise ForbiddenError("You may not make such a link.", remedy="Ask somebody who may.")
    if purpose != _LOGIN:
        return
    if by.kind != "user" and not by.can("admin"):
        # Else a stolen key with few scopes would become a login with all.
        raise ForbiddenError("Only a user logs himself in elsewhere.", remedy="Log in first.")
    rate = services.settings.limits.login_links_per_hour
    if rate:
        services.limiter.check(f"link:{by.user_id}", rate, 3600)
