"""Scanning by a daemon that speaks clamd's protocol; it fails closed."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from goviral.kit.antivirus import (
    ClamdScanner,
    InfectedError,
    NoScanner,
    ScannerError,
    make_scanner,
)
from goviral.kit.errors import DependencyError

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd:
    """One connection at a time: reads INSTREAM, answers what it finds, or what it is told to."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.answer: bytes | None = None
        self.received = b""
        self.limit = 1 << 40
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                self._talk(connection, stream)

    def _talk(self, connection: socket.socket, stream) -> None:
        assert stream.read(10) == b"zINSTREAM\0"
        self.received = b""
        while length := struct.unpack(">I", stream.read(4))[0]:
            self.received += stream.read(length)
            if len(self.received) > self.limit:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        found = (
            b"stream: Eicar-Test-Signature FOUND\0" if EICAR in self.received else b"stream: OK\0"
        )
        connection.sendall(found if self.answer is None else self.answer)


@contextmanager
def listening(family: int, address) -> Iterator[FakeClamd]:
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen()
        yield FakeClamd(listener)


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[FakeClamd]:
    with listening(socket.AF_UNIX, str(tmp_path / "clamd.ctl")) as fake:
        yield fake


@pytest.fixture
def scanner(clamd: FakeClamd) -> ClamdScanner:
    return ClamdScanner(clamd.listener.getsockname(), 5)


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    return path


def test_a_clean_file_passes_and_all_of_it_was_seen(
    scanner: ClamdScanner, clamd: FakeClamd, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 10_000
    scanner.scan(write(tmp_path, content))
    assert clamd.received == content


def test_a_virus_is_named(scanner: ClamdScanner, tmp_path: Path) -> None:
    with pytest.raises(InfectedError, match="Eicar-Test-Signature"):
        scanner.scan(write(tmp_path, b"film" + EICAR))


@pytest.mark.parametrize(
    "answer", [b"", b"stream: ERROR\0", b"UNKNOWN COMMAND\0", b"OK\0", b"stream: OK FOUNDx\0"]
)
def test_any_answer_but_ok_refuses(
    scanner: ClamdScanner, clamd: FakeClamd, tmp_path: Path, answer: bytes
) -> None:
    clamd.answer = answer
    with pytest.raises(ScannerError):
        scanner.scan(write(tmp_path, b"film"))


def test_a_file_too_large_for_the_scanner_is_refused_with_what_to_do(
    scanner: ClamdScanner, clamd: FakeClamd, tmp_path: Path
) -> None:
    clamd.limit = 2_000_000
    with pytest.raises(ScannerError, match=r"larger|answer") as refused:
        scanner.scan(write(tmp_path, bytes(8_000_000)))
    assert refused.value.remedy


def test_a_daemon_that_is_not_there_refuses(tmp_path: Path) -> None:
    with pytest.raises(ScannerError, match="does not answer"):
        ClamdScanner(str(tmp_path / "none.ctl"), 5).scan(write(tmp_path, b"film"))


def test_a_daemon_that_never_answers_refuses(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.ctl"))
        silent.listen()
        with pytest.raises(ScannerError, match="does not answer"):
            ClamdScanner(str(tmp_path / "silent.ctl"), 0.2).scan(write(tmp_path, b"film"))


def test_a_daemon_over_tcp_is_asked_too(tmp_path: Path) -> None:
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as fake:
        port = fake.listener.getsockname()[1]
        scanner = make_scanner(f"tcp://127.0.0.1:{port}", 5)
        with pytest.raises(InfectedError):
            scanner.scan(write(tmp_path, EICAR))


def test_the_setting_chooses() -> None:
    assert isinstance(make_scanner("", 1), NoScanner)
    assert make_scanner("unix:/run/clamav/clamd.ctl", 7) == ClamdScanner("/run/clamav/clamd.ctl", 7)
    assert make_scanner("tcp://[::1]:3310", 7) == ClamdScanner(("::1", 3310), 7)
    for wrong in ("clamd", "http://x:1", "tcp://host", "tcp://:1", "tcp://host:x"):
        with pytest.raises(DependencyError):
            make_scanner(wrong, 1)
