"""What a magic link may be for. A new purpose is one line."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Purpose:
    """Facts of a purpose: the scopes its holder gets, how long it may work, whether only once."""

    name: str
    scopes: frozenset[str]
    max_ttl_minutes: int
    is_single_use: bool


_ALL: Final = (
    # ASVS 5.0, 6.5.5: what logs in works ten minutes, once.
    Purpose("login", frozenset(), 10, is_single_use=True),
    Purpose("view", frozenset({"videos:read", "clips:read"}), 7 * 24 * 60, is_single_use=False),
    Purpose("upload", frozenset({"videos:write"}), 24 * 60, is_single_use=False),
)
PURPOSES: Final = {purpose.name: purpose for purpose in _ALL}
