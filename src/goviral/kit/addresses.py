"""Which IP addresses belong to the public internet. Pure: text in, a reason or None out.

`ipaddress` alone is not enough: it calls NAT64 and 6to4 forms of 169.254.169.254 global, as it does
multicast and site-local. So addresses that carry an IPv4 address inside are unwrapped and judged again,
and what the standard library misses is listed here (RFC 6890 and its registry, cloud metadata hosts).
"""

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)

_NEVER_V4 = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "this network"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("168.63.129.16/32", "cloud metadata"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.88.99.0/24", "6to4 relay"),
        ("198.18.0.0/15", "benchmarking"),
    )
)
_NEVER_V6 = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fec0::/10", "site-local"),
    )
)


def forbidden_reason(address: str) -> str | None:
    """Why `address` (as a resolver returns it) must not be opened; None where it is public."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "not an address"
    return _judge_v4(ip) if isinstance(ip, IPv4Address) else _judge_v6(ip)


def _judge_v4(ip: IPv4Address) -> str | None:
    for network, why in _NEVER_V4:
        if ip in network:
            return why
    return _judge_by_library(ip)


def _judge_v6(ip: IPv6Address) -> str | None:
    if ip.scope_id is not None:
        return "link-local"
    if ip.ipv4_mapped is not None:
        return _judge_v4(ip.ipv4_mapped)
    if ip in _NAT64:
        return _judge_v4(_low_ipv4(ip))
    for inner in _carried(ip):
        why = _judge_v4(inner)
        if why is not None:
            return why
    for network, why in _NEVER_V6:
        if ip in network:
            return why
    return _judge_by_library(ip)


def _carried(ip: IPv6Address) -> tuple[IPv4Address, ...]:
    """IPv4 addresses to which a tunnel may deliver: compatible, 6to4, Teredo, ISATAP."""
    if ip in _COMPATIBLE:
        return (_low_ipv4(ip),)
    if ip.sixtofour is not None:
        return (ip.sixtofour,)
    if ip.teredo is not None:
        return ip.teredo
    if (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP_MARKS:
        return (_low_ipv4(ip),)
    return ()


def _low_ipv4(ip: IPv6Address) -> IPv4Address:
    return IPv4Address(int(ip) & 0xFFFFFFFF)


def _judge_by_library(ip: IPv4Address | IPv6Address) -> str | None:
    checks = (
        (ip.is_loopback, "loopback"),
        (ip.is_link_local, "link-local"),
        (ip.is_unspecified, "unspecified"),
        (ip.is_multicast, "multicast"),
        (ip.is_reserved, "reserved"),
        (ip.is_private, "private"),
        (not ip.is_global, "not global"),
    )
    return next((why for holds, why in checks if holds), None)
