"""Uploads over lines that break: a real server, real sockets, its memory watched."""

import hashlib
import random
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from features.library.sending import TUS, TYPE
from goviral.features.library.check_upload import UploadCheck
from goviral.features.library.content import make_gate
from goviral.features.library.repository import UploadRepository
from goviral.kit.db.repository import EVERYONE
from goviral.kit.server_settings import StorageSettings
from kit.storage.buckets import BUCKET
from ports import free_port
from twins.live import until
from twins.service import over, settings_in

SIZE = 96 << 20
BREAKS = 20
KEY = {"x-api-key": "dev-key"}


@dataclass
class Server:
    pid: int
    port: int
    folder: Path
    s3_url: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def peak_bytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024


@pytest.fixture(params=["local", "s3"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    port = free_port()
    s3_url = request.getfixturevalue("s3_server_url") if request.param == "s3" else ""
    command = [sys.executable, "-m", "features.library.serve_child", str(tmp_path), str(port)]
    tests = Path(__file__).parents[2]
    child = subprocess.Popen([*command, *([s3_url] if s3_url else [])], cwd=tests)
    try:
        _wait_for(port, child)
        yield Server(child.pid, port, tmp_path, s3_url)
    finally:
        child.kill()
        child.wait()


def _wait_for(port: int, child: "subprocess.Popen[bytes]") -> None:
    for _ in range(1000):
        assert child.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not listen")


@pytest.fixture(scope="module")
def large_film(film: bytes) -> bytes:
    """A film whose last box is 96 MB of noise that players skip."""
    noise = random.Random(1).randbytes(SIZE - len(film) - 8)
    return film + struct.pack(">I4s", len(noise) + 8, b"free") + noise


def begin(server: Server, size: int) -> str:
    answer = httpx2.post(
        f"{server.url}/api/v1/uploads/tus",
        headers={**TUS, **KEY, "Upload-Length": str(size)},
        timeout=60,
    )
    assert answer.status_code == 201
    return str(answer.headers["location"])


def standing(server: Server, address: str) -> int:
    answer = httpx2.head(server.url + address, headers={**TUS, **KEY}, timeout=60)
    return int(answer.headers["upload-offset"])


def send(server: Server, address: str, offset: int, content: bytes, stop_after: int | None) -> int:
    """One PATCH of all that is left; the line breaks after `stop_after` bytes. Its status, or 0."""
    said = {
        **TUS,
        **KEY,
        "Host": "x",
        "Upload-Offset": str(offset),
        "Content-Type": TYPE,
        "Content-Length": str(len(content) - offset),
    }
    head = f"PATCH {address} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in said.items())
    end = len(content) if stop_after is None else offset + stop_after
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(head.encode() + b"\r\n")
        try:
            line.sendall(memoryview(content)[offset:end])
        except (BrokenPipeError, ConnectionResetError):
            return 0
        if stop_after is None:
            return int(line.recv(4096).split(b" ", 2)[1])
        if stop_after % 2:  # half of them without a word: a reset instead of an end
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return 0


def settled(server: Server, address: str) -> int:
    """Where the upload stands once the server has heard of the break."""
    before = -1
    for _ in range(200):
        now = standing(server, address)
        if now == before:
            return now
        before = now
        time.sleep(0.1)
    raise AssertionError("it never settles")


@pytest.mark.slow
def test_twenty_broken_lines_lose_no_byte_and_take_no_memory(
    server: Server, large_film: bytes
) -> None:
    address = begin(server, len(large_film))
    send(server, address, 0, large_film, 3_000_000)
    until(lambda: standing(server, address) > 0)
    settled(server, address)
    usual = server.peak_bytes()
    chance = random.Random(7)
    offset = settled(server, address)
    assert offset > 0
    for _ in range(BREAKS):
        send(server, address, offset, large_film, chance.randrange(1, 6_000_000))
        reached = settled(server, address)
        assert reached >= offset
        offset = reached
    status = 409
    for _ in range(300):  # the last broken line may still hold the place
        status = send(server, address, offset, large_film, None)
        if status != 409:
            break
        time.sleep(0.2)
        offset = settled(server, address)
    assert status == 204
    assert standing(server, address) == len(large_film)
    assert server.peak_bytes() - usual < 64 << 20
    assert filed_sha256(server, address) == hashlib.sha256(large_film).hexdigest()


def filed_sha256(server: Server, address: str) -> str:
    """Do what the worker would, in this process, on the same folder."""
    settings = settings_in(server.folder)
    if server.s3_url:
        storage = StorageSettings.model_validate(
            {
                "backend": "s3",
                "S3_BUCKET": BUCKET,
                "S3_ENDPOINT_URL": server.s3_url,
                "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret",
            }
        )
        settings = settings.model_copy(update={"storage": storage})
    with over(settings, started=False) as services:
        with services.database.reading() as session:
            upload = UploadRepository(session, EVERYONE).get(address.rsplit("/", 1)[1])
        assert upload.state == "checking"
        done = UploadCheck(services, make_gate(services.settings.library)).run(upload)
        assert done["state"] == "ready"
        return str(done["sha256"])


def test_of_two_at_the_same_place_one_is_204_and_one_is_409(
    server: Server, large_film: bytes
) -> None:
    part = large_film[: 12 << 20]
    address = begin(server, len(large_film))
    statuses: list[int] = []
    ready = threading.Barrier(2)

    def write() -> None:
        said = {**TUS, **KEY, "Upload-Offset": "0", "Content-Type": TYPE}
        ready.wait()
        answer = httpx2.patch(server.url + address, headers=said, content=part, timeout=60)
        statuses.append(answer.status_code)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(statuses) == [204, 409]
    assert standing(server, address) == len(part)
