"""Scanning files for viruses by a ClamAV daemon, over its socket (INSTREAM, clamd(8)).

Where a scanner is configured it decides: no answer, or one that is not plainly "OK", refuses the file.
"""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from goviral.kit.errors import DependencyError, InputError, RemoteError

_PIECE_BYTES = 1 << 20
_ANSWER_BYTES = 4096
_CONNECT_S = 10.0


class InfectedError(InputError):
    """A file in which a virus was found."""

    code = "infected"
    http_status = 422


class ScannerError(RemoteError):
    """The scanner did not say that the file is clean; the file is not taken."""

    code = "scanner_failed"
    http_status = 503


class Scanner(Protocol):
    """Looks for viruses. Thread-safe."""

    def scan(self, path: Path) -> None:
        """Return where the file is clean. Raises `InfectedError`, `ScannerError`."""
        ...


class NoScanner:
    """Takes every file: nobody configured a scanner."""

    def scan(self, path: Path) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class ClamdScanner:
    """clamd at a Unix socket (a path) or at a host and port; `timeout_s` bounds each wait."""

    address: str | tuple[str, int]
    timeout_s: float

    def scan(self, path: Path) -> None:
        with path.open("rb") as stream:
            answer = self._ask(iter(lambda: stream.read(_PIECE_BYTES), b""))
        _judge(answer, path.name)

    def _ask(self, pieces: Iterable[bytes]) -> str:
        try:
            with self._connect() as connection:
                return _send(connection, pieces)
        except OSError as error:
            raise ScannerError(
                "The virus scanner does not answer.", remedy="Start clamd, then try again."
            ) from error

    def _connect(self) -> socket.socket:
        if isinstance(self.address, tuple):
            connection = socket.create_connection(self.address, timeout=_CONNECT_S)
        else:
            connection = _connected(self.address)
        connection.settimeout(self.timeout_s)
        return connection


def _connected(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_CONNECT_S)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def make_scanner(address: str, timeout_s: float) -> Scanner:
    """The scanner a setting names: none, `unix:/path` or `tcp://host:port`."""
    if not address:
        return NoScanner()
    if address.startswith("unix:"):
        return ClamdScanner(address.removeprefix("unix:"), timeout_s)
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not address.startswith("tcp://") or not host or not port.isdecimal():
        raise DependencyError(
            f"CLAMAV_SOCKET={address} is no address of clamd.",
            remedy="Write unix:/run/clamav/clamd.ctl or tcp://host:3310.",
        )
    return ClamdScanner((host.strip("[]"), int(port)), timeout_s)


def _send(connection: socket.socket, pieces: Iterable[bytes]) -> str:
    try:
        connection.sendall(b"zINSTREAM\0")
        for piece in pieces:
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # clamd hangs up on a stream that is too long, after it has said so
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _ANSWER_BYTES:
        received = connection.recv(_ANSWER_BYTES)
        if not received:
            break
        answer += received
    return answer.decode("utf-8", "replace").rstrip("\0").strip()


def _judge(answer: str, name: str) -> None:
    if answer == "stream: OK":
        return
    if answer.endswith(" FOUND"):
        virus = answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise InfectedError(f"{name} contains a virus: {virus}.", remedy="It was not kept.")
    if "size limit exceeded" in answer:
        raise ScannerError(
            "The file is larger than the virus scanner takes.",
            remedy="Raise StreamMaxLength and MaxFileSize of clamd.",
        )
    raise ScannerError(f"The virus scanner said: {answer[:200] or 'nothing'}.")
