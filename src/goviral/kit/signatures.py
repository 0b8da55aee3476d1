"""HMAC-SHA256 signatures over exact bytes, hexadecimal, compared in constant time."""

import hashlib
import hmac


def sign(body: bytes, secret: str) -> str:
    """Hex HMAC-SHA256 of `body` under `secret` (UTF-8)."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """True where `signature` is the one `sign` makes; takes the same time whichever bit differs."""
    return hmac.compare_digest(sign(body, secret).encode(), signature.strip().lower().encode())
