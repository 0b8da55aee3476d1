"""Identifiers that sort by the time they were made."""

import secrets
import time
import uuid


def new_id(prefix: str = "") -> str:
    """A version 7 UUID (RFC 9562): 48 bits of Unix milliseconds, 12 of their parts, then random.

    The parts (method 3 of its section 6.2) keep ids of one millisecond in order. `prefix_` in front.
    """
    ms, rest_ns = divmod(time.time_ns(), 1_000_000)
    value = ms << 80 | 0x7 << 76 | (rest_ns * 4096 // 1_000_000) << 64 | secrets.randbits(64)
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = str(uuid.UUID(int=value))
    return f"{prefix}_{text}" if prefix else text
