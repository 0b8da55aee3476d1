"""Which URLs we open: scheme, host form, port. Pure; the resolved address is judged at connect time.

What a person types (or a page links to) is parsed once, strictly: a URL that two parsers may read
differently (backslashes, user names, percent signs in the host) is refused, not repaired.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from goviral.kit.addresses import forbidden_reason
from goviral.kit.errors import ForbiddenUrlError, InputError

DEFAULT_PORTS = {"http": 80, "https": 443}
_NUMERIC_LABEL = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa")


@dataclass(frozen=True, slots=True)
class UrlPolicy:
    """What may be opened.

    `allow_private` opens private networks and any port: for trusted networks only.
    `trusted_addresses` are excepted one by one, say a media server of one's own.
    """

    allow_private: bool = False
    trusted_addresses: frozenset[str] = frozenset()
    schemes: frozenset[str] = frozenset({"http", "https"})
    ports: frozenset[int] = frozenset({80, 443})

    def check_port(self, port: int) -> None:
        if not self.allow_private and port not in self.ports:
            raise _refused(f"port {port} is not open to us")

    def check_address(self, address: str) -> None:
        """Raises `ForbiddenUrlError` unless the resolved `address` is public."""
        if self.allow_private or address in self.trusted_addresses:
            return
        why = forbidden_reason(address)
        if why is not None:
            raise _refused(f"it leads to a {why} address")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: `host` in ASCII without brackets."""

    scheme: str
    host: str
    port: int


def check_url(url: str, policy: UrlPolicy) -> Target:
    """Parse `url` and return where it leads.

    Raises `InputError` when it is no URL, `ForbiddenUrlError` when the policy refuses it.
    """
    if _UNSAFE.search(url):
        raise InputError("The address contains spaces or control characters.")
    parts = _split(url)
    if parts.scheme not in policy.schemes:
        raise _refused(f"its scheme is {parts.scheme or 'missing'!r}")
    if parts.username is not None or parts.password is not None:
        raise _refused("it carries a user name")
    host = _ascii_host(parts.hostname or "")
    port = parts.port if parts.port is not None else DEFAULT_PORTS[parts.scheme]
    policy.check_port(port)
    check_host(host, policy)
    return Target(parts.scheme, host, port)


def check_host(host: str, policy: UrlPolicy) -> None:
    """Refuse hosts whose form alone gives them away; names are judged again once resolved."""
    if ":" in host or _is_dotted_quad(host):
        policy.check_address(host)
        return
    if not _HOST.fullmatch(host) or host.startswith("."):
        raise InputError(f"{host!r} is not a host name.")
    if policy.allow_private:
        return
    name = host.rstrip(".").lower()
    if all(_NUMERIC_LABEL.fullmatch(label) for label in name.split(".")):
        raise _refused("its host is a number in disguise")
    if name == "localhost" or name.endswith(_LOCAL_SUFFIXES):
        raise _refused("its host is a local name")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError as error:
        raise InputError("This is not a web address.") from error
    return parts


def _ascii_host(host: str) -> str:
    if not host:
        raise InputError("The address has no host.")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InputError("The host name is not valid.") from error


def _is_dotted_quad(host: str) -> bool:
    labels = host.split(".")
    return (
        len(labels) == 4
        and all(label == str(int(label)) for label in labels if label.isdecimal())
        and all(label.isascii() and label.isdecimal() for label in labels)
    )


def _refused(why: str) -> ForbiddenUrlError:
    return ForbiddenUrlError(
        f"This address is refused: {why}.",
        remedy="Use a public http(s) address.",
    )
