"""Words of the tus protocol, version 1.0.0: headers read and written. Pure."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from goviral.kit.errors import InputError

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256", "md5")
BODY_TYPE = "application/offset+octet-stream"
_MAX_METADATA = 4096


class TusError(InputError):
    """A header that is missing or cannot be read."""

    code = "bad_tus_request"


class TusVersionError(InputError):
    """Another version of the protocol than ours."""

    code = "tus_version"
    http_status = 412


class TusTypeError(InputError):
    """A body that is not announced as tus wants it."""

    code = "tus_content_type"
    http_status = 415


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must add up to."""

    algorithm: str
    digest: bytes

    def new(self) -> "hashlib._Hash":
        # md5 and sha1 are what clients of the protocol know: against accidents, not enemies.
        return hashlib.new(self.algorithm, usedforsecurity=False)


def check_version(header: str | None) -> None:
    """Raises `TusVersionError`."""
    if header != VERSION:
        raise TusVersionError(f"Only tus {VERSION} is spoken.", remedy="Send Tus-Resumable: 1.0.0.")


def check_type(header: str | None) -> None:
    """Raises `TusTypeError`."""
    if (header or "").partition(";")[0].strip().lower() != BODY_TYPE:
        raise TusTypeError("The body is of the wrong type.", remedy=f"Send it as {BODY_TYPE}.")


def read_size(header: str | None, name: str) -> int:
    """A count of bytes. Raises `TusError`."""
    text = (header or "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise TusError(f"{name} is missing or no number of bytes.")
    return int(text)


def read_checksum(header: str | None) -> Checksum | None:
    """`sha1 <base64>`; None where nothing was promised. Raises `TusError`."""
    if header is None:
        return None
    algorithm, _, encoded = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise TusError("That checksum is not known.", remedy=f"Use {', '.join(ALGORITHMS)}.")
    digest = _base64(encoded.strip())
    if digest is None or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise TusError("The checksum is no base64 of its length.")
    return Checksum(algorithm, digest)


def read_metadata(header: str | None) -> Mapping[str, str]:
    """`name <base64>,flag`: what a client says of its file. Raises `TusError`."""
    if not header:
        return {}
    if len(header) > _MAX_METADATA:
        raise TusError("Upload-Metadata is too long.")
    found: dict[str, str] = {}
    for pair in header.split(","):
        name, _, encoded = pair.strip().partition(" ")
        value = _base64(encoded.strip())
        if not name or not name.isascii() or value is None or name in found:
            raise TusError("Upload-Metadata cannot be read.")
        found[name] = value.decode("utf-8", "replace")
    return found


def write_metadata(values: Mapping[str, str]) -> str:
    """The same header again."""
    pairs = ((name, base64.b64encode(value.encode()).decode()) for name, value in values.items())
    return ",".join(f"{name} {encoded}".strip() for name, encoded in pairs)


def write_time(at: datetime) -> str:
    """A time as `Upload-Expires` has it."""
    return format_datetime(at, usegmt=True)


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
