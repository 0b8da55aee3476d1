"""What goes wrong with accounts.

UnauthenticatedError        401
ForbiddenError              403
├── RevokedError            403  the credential was revoked, or its user switched off
├── TooManyError            403  as many of these as one may have
└── CapReachedError         403  the month's allowance is used up
InputError
├── ReusedKeyError          422  an Idempotency-Key that stood for another request
└── WeakPasswordError       422
"""

from typing import Any

from goviral.kit.errors import ForbiddenError, InputError, UnauthenticatedError


class RevokedError(ForbiddenError):
    """A credential that was good once and has been taken back."""

    code = "revoked"


class TooManyError(ForbiddenError):
    """One has as many of these as one may have at a time."""

    code = "too_many"


class CapReachedError(ForbiddenError):
    """The month's allowance is used up; `details` says of what, how much, and when it begins anew."""

    code = "monthly_cap_reached"
    details: dict[str, Any]


class ReusedKeyError(InputError):
    """An Idempotency-Key came again with another request."""

    code = "idempotency_key_reused"
    http_status = 422


class WeakPasswordError(InputError):
    """A password that is guessed first."""

    code = "weak_password"
    http_status = 422


def refused() -> UnauthenticatedError:
    """The one answer to every credential we do not accept: it never says what was wrong."""
    return UnauthenticatedError(
        "Those credentials are not accepted.",
        remedy="Send a valid x-api-key or Authorization: Bearer header.",
    )
