"""Identifiers: of rows, which sort by the time they were made, and of processes."""

import os
import secrets
import socket
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


def worker_name() -> str:
    """A name no other worker has or had: host, process, chance."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"
