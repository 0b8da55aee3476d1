"""Ports of loopback for tests."""

import random
import socket
from contextlib import suppress

_CHANCE = random.SystemRandom()


def free_port() -> int:
    """A port on which nobody listens, of those the kernel gives to no client: it stays free."""
    while True:
        port = _CHANCE.randrange(20_000, 32_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
