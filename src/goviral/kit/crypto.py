"""Passwords, random secrets, and keys one can recognise.

A password is hashed slowly (Argon2id), because people choose it. A secret of ours has 190 random bits
and is hashed fast: nobody can try them all (OWASP ASVS 5.0, 6.5.2).
"""

import hashlib
import hmac
import secrets
import threading
import zlib

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PUBLIC_LENGTH = 8
_SECRET_LENGTH = 32
_CHECK_LENGTH = 6


class Passwords:
    """Hashes and checks passwords, a few at a time: each takes `memory_kib` of memory.

    46 MiB with two passes is twice what OWASP asks of Argon2id.
    """

    def __init__(
        self, concurrent: int = 2, memory_kib: int = 47_104, passes: int = 2, lanes: int = 1
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._room = threading.BoundedSemaphore(concurrent)
        self._nobodys: str | None = None

    def hash(self, password: str) -> str:
        """The hash to keep, with its parameters and salt in it."""
        with self._room:
            return self._hasher.hash(password)

    def check(self, password: str, kept: str | None) -> bool:
        """True where `kept` is the hash of `password`.

        None, for an account that does not exist, takes as long as any other: who asks cannot tell.
        """
        nobodys = self._nobody()
        return self._check(password, kept or nobodys) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """True where `kept` was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _check(self, password: str, kept: str) -> bool:
        with self._room:
            try:
                return self._hasher.verify(kept, password)
            except (VerificationError, InvalidHashError):
                return False

    def _nobody(self) -> str:
        if self._nobodys is None:
            self._nobodys = self.hash(secrets.token_urlsafe())
        return self._nobodys


def new_secret(length: int = _SECRET_LENGTH) -> str:
    """Random text of letters and digits, 5.95 bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal: what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_key(prefix: str) -> tuple[str, str]:
    """A key `prefix_<public id><secret><check>` and its public id.

    The prefix and the CRC-32 at its end let scanners (and we, without the database) tell a key from
    noise; the form is GitHub's. Keep the public id and `digest(key)`.
    """
    public_id = new_secret(_PUBLIC_LENGTH)
    body = f"{prefix}_{public_id}{new_secret()}"
    return body + _check_of(body), public_id


def public_id_of(key: str, prefix: str) -> str | None:
    """The public id in a key; None for text that cannot be one of ours."""
    length = len(prefix) + 1 + _PUBLIC_LENGTH + _SECRET_LENGTH + _CHECK_LENGTH
    if len(key) != length or not key.startswith(f"{prefix}_") or not key.isascii():
        return None
    body, check = key[:-_CHECK_LENGTH], key[-_CHECK_LENGTH:]
    if not is_same(check, _check_of(body)):
        return None
    return body[len(prefix) + 1 :][:_PUBLIC_LENGTH]


def derived_key(secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose out of one secret: what signs tokens never seals values."""
    return hmac.digest(secret.encode(), f"goviral:{purpose}".encode(), "sha256")


def _check_of(body: str) -> str:
    value = zlib.crc32(body.encode())
    letters = ""
    for _ in range(_CHECK_LENGTH):
        value, remainder = divmod(value, len(ALPHABET))
        letters = ALPHABET[remainder] + letters
    return letters
