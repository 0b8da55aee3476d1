"""The API behind a real uvicorn, in a thread of the test: for sockets that stay open."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from goviral.entrypoints.running.http import bind, serve_http
from goviral.entrypoints.running.parts import Part, relay_part
from goviral.features.accounts.services import Services


@contextmanager
def listening(services: Services, parts: Sequence[Part] | None = None) -> Iterator[str]:
    """The address of the API with a relay beside it; when the block ends it has stopped in peace."""
    bound = bind("127.0.0.1", 0)
    stopping = threading.Event()
    beside = [relay_part(services)] if parts is None else list(parts)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            serve_http(services, bound, stopping, beside)
        except BaseException as error:  # noqa: BLE001  told to the test below
            failed.append(error)

    thread = threading.Thread(target=run, name="api")
    thread.start()
    try:
        yield bound.url
    finally:
        stopping.set()
        thread.join(60)
        assert not thread.is_alive(), "the API does not stop"
        assert not failed, failed


def until(true: object, within_s: float = 60.0) -> None:
    """Wait until `true()` is."""
    ends_s = time.monotonic() + within_s
    while not true():  # type: ignore[operator]
        assert time.monotonic() < ends_s, "it does not come true"
        time.sleep(0.02)
