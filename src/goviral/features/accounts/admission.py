"""Whether a request is let in: how often its address and its credential call, and who it is."""

from ipaddress import AddressValueError, IPv6Address, IPv6Network

from goviral.features.accounts.authentication import authenticate, remembered
from goviral.features.accounts.errors import refused
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.kit.errors import UnauthenticatedError

_MINUTE_S = 60.0


def admit(services: Services, credential: str, address: str) -> Principal:
    """The caller, counted. Raises `RateLimitedError`, `UnauthenticatedError`, `RevokedError`."""
    admit_address(services, address)
    if not credential:
        raise refused()
    limits = services.settings.limits
    try:
        principal = authenticate(services, credential)
    except UnauthenticatedError:
        # A hundred wrong credentials from one place are guesses: it hears of its rate instead.
        _count(services, f"refused:{_place(address)}", limits.refused_per_minute)
        raise
    _count(services, f"caller:{principal.credential_id}", limits.requests_per_minute)
    return principal


def admit_address(services: Services, address: str) -> None:
    """Count a request of an address. Raises `RateLimitedError`."""
    limit = services.settings.limits.address_requests_per_minute
    _count(services, f"address:{_place(address)}", limit)


def admit_login(services: Services, address: str) -> None:
    """Count a login from an address. Raises `RateLimitedError`."""
    _count(
        services, f"login-from:{_place(address)}", 2 * services.settings.limits.logins_per_minute
    )


def may_wait(services: Services, credential: str) -> bool:
    """True where `admit` would read the database or Redis, so must not run on the event loop."""
    unknown = bool(credential) and remembered(services, credential) is None
    return services.limiter.is_remote or unknown


def _place(address: str) -> str:
    """What is counted as one address: of IPv6 the /64 a single customer is given."""
    try:
        ip = IPv6Address(address)
    except AddressValueError:
        return address
    return str(ip.ipv4_mapped or IPv6Network((int(ip) >> 64 << 64, 64)))


def _count(services: Services, key: str, per_minute: int) -> None:
    if per_minute:
        services.limiter.check(key, per_minute, _MINUTE_S)
