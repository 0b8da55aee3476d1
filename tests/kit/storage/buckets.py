"""Servers of S3 and of Google Cloud Storage on loopback, as child processes."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ports import free_port

BUCKET = "goviral-tests"


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a moto server with an empty bucket."""
    import httpx2

    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, port):
        url = f"http://127.0.0.1:{port}"
        assert httpx2.put(f"{url}/{BUCKET}", timeout=30).status_code == 200
        yield url


@contextmanager
def gcs_server() -> Iterator[str]:
    """The address of the emulator with an empty bucket."""
    port = free_port()
    command = [sys.executable, "-m", "gcp_storage_emulator", "start", "--host=127.0.0.1"]
    command += [f"--port={port}", f"--default-bucket={BUCKET}", "--in-memory", "-q"]
    with _running(command, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, child)
        yield
    finally:
        child.kill()
        child.wait()


def _wait_for(port: int, child: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        assert child.poll() is None, f"{child.args} ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(f"{child.args} does not listen")
