"""Access tokens: JWT as RFC 9068 and RFC 8725 ask, signed with HMAC-SHA256.

Issuer and only reader are this service, so one secret is enough; it is used for nothing else.
"""

import binascii
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from goviral.features.accounts.errors import refused
from goviral.kit.crypto import derived_key, new_secret

ISSUER: Final = "goviral"
AUDIENCE: Final = "goviral-api"
TYPE: Final = "at+jwt"
_ALGORITHM: Final = "HS256"
_LEEWAY_S: Final = 30
_REQUIRED: Final = ["exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti", "ver", "scope"]
_MAX_LENGTH: Final = 4096


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says: whose, of which login, what for, until when."""

    user_id: str
    session_id: str
    token_version: int
    scopes: frozenset[str]
    expires_at: datetime


class TokenSigner:
    """Makes and reads access tokens. Pure but for the random id."""

    def __init__(self, secret: str, previous: str | None = None) -> None:
        # What a secret of before signed is still read, while the tokens of then live.
        known = [secret] if previous is None else [secret, previous]
        self._keys = [derived_key(one, "access-token") for one in known]

    def sign(self, access: Access, now: datetime) -> str:
        """The token's text."""
        issued = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": access.user_id,
            "sid": access.session_id,
            "ver": access.token_version,
            "scope": " ".join(sorted(access.scopes)),
            "jti": new_secret(22),
            "iat": issued,
            "nbf": issued,
            "exp": int(access.expires_at.timestamp()),
        }
        return jwt.encode(claims, self._keys[0], algorithm=_ALGORITHM, headers={"typ": TYPE})

    def read(self, token: str, now: datetime) -> Access:
        """What a token says, if it is ours, an access token, and of this time (30 s of leeway).

        Its header chooses nothing: one algorithm, our key. Raises `UnauthenticatedError`.
        """
        claims = self._verified(token)
        seconds = now.timestamp()
        too_late = seconds >= claims["exp"] + _LEEWAY_S
        too_early = seconds < max(claims["nbf"], claims["iat"]) - _LEEWAY_S
        if too_late or too_early:
            raise refused()
        return Access(
            user_id=claims["sub"],
            session_id=claims["sid"],
            token_version=claims["ver"],
            scopes=frozenset(claims["scope"].split()),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > _MAX_LENGTH:
            raise refused()
        try:
            found = self._decoded(token)
        except (jwt.PyJWTError, binascii.Error, ValueError) as error:
            raise refused() from error
        header, claims = found["header"], found["payload"]
        if header.get("typ") != TYPE or "crit" in header or not _is_well_formed(claims):
            raise refused()
        return dict(claims)

    def _decoded(self, token: str) -> Any:
        *later, last = self._keys
        for key in later:
            with suppress(jwt.InvalidSignatureError):
                return _decoded(token, key)
        return _decoded(token, last)


def looks_like_token(text: str) -> bool:
    """Three parts between two dots."""
    return text.count(".") == 2


def _decoded(token: str, key: bytes) -> Any:
    # Times are judged by our own clock above, not by the library's.
    options: Any = {
        "require": _REQUIRED,
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
    }
    return jwt.decode_complete(
        token, key, algorithms=[_ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options
    )


def _is_well_formed(claims: dict[str, Any]) -> bool:
    texts = all(isinstance(claims[name], str) for name in ("sub", "sid", "scope", "jti"))
    # bool is an int to Python: `"ver": true` must not pass for 1.
    numbers = all(type(claims[name]) is int for name in ("exp", "nbf", "iat", "ver"))
    return texts and numbers and isinstance(claims["aud"], str)
