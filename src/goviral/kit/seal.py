"""Values that must be stored and read again, encrypted at rest under keys that can be changed."""

import base64
import hmac
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from goviral.kit.crypto import derived_key
from goviral.kit.errors import DependencyError

_FORM = "s1"
_NONCE_BYTES = 12


class SealError(DependencyError):
    """No key that this service was given opens a sealed value."""

    code = "sealing_key_missing"


class Seal:
    """AES-256-GCM; `about` (a row's id) is bound to each value, so one copied to another row does not open.

    The first key seals, all of them open. A sealed value names its key by four bytes that tell nothing of it:
    `s1.<key>.<nonce and text>`. Values of before (without a name) are tried with every key.
    """

    def __init__(self, *keys: str) -> None:
        self._ciphers: Mapping[str, AESGCM] = {
            _name(key): AESGCM(derived_key(key, "seal")) for key in keys
        }
        self._first = next(iter(self._ciphers))

    def close(self, text: str, about: str) -> str:
        """The sealed text, printable."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._ciphers[self._first].encrypt(nonce, text.encode(), about.encode())
        return f"{_FORM}.{self._first}.{base64.urlsafe_b64encode(sealed).decode()}"

    def is_newest(self, sealed: str) -> bool:
        """Whether the key that seals today sealed it."""
        return sealed.startswith(f"{_FORM}.{self._first}.")

    def open(self, sealed: str, about: str) -> str:
        """What was sealed. Raises `SealError` where no key opens it, the row or a single bit differs."""
        form, _, rest = sealed.partition(".")
        name, _, text = rest.rpartition(".")
        if form != _FORM:
            return self._open_unnamed(sealed, about)
        if name not in self._ciphers:
            raise _lost(f"It was sealed with the key {name[:8]}.")
        return _opened(self._ciphers[name], text, about)

    def _open_unnamed(self, sealed: str, about: str) -> str:
        for cipher in self._ciphers.values():
            try:
                return _opened(cipher, sealed, about)
            except SealError:
                continue
        raise _lost("It was sealed with JWT_SECRET, which was changed since.")


def _opened(cipher: AESGCM, text: str, about: str) -> str:
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise _lost("It was changed, or moved to another row.") from error


def _name(key: str) -> str:
    return hmac.digest(derived_key(key, "seal"), b"name", "sha256")[:4].hex()


def _lost(why: str) -> SealError:
    return SealError(
        f"A sealed value does not open. {why}",
        remedy="Add the key it was sealed with (or the old JWT_SECRET) to GOVIRAL_SEALING_KEYS.",
    )
