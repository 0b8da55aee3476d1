"""Identifiers that sort by the time they were made."""

import secrets
import time
import uuid


def new_id(prefix: str = "") -> str:
    """A version 7 UUID (RFC 9562): 48 bits of Unix milliseconds, then random; `prefix_` in front."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = str(uuid.UUID(int=value))
    return f"{prefix}_{text}" if prefix else text
