"""The API behind uvicorn: its socket, its start, its end."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import uvicorn
from typing_extensions import override

from goviral.entrypoints.api.app import create_app
from goviral.entrypoints.running.parts import Part
from goviral.features.accounts.services import Services
from goviral.features.ops.lifecycle import Lifecycle
from goviral.kit.errors import ConflictError

_BACKLOG = 2048
_LAST_REQUESTS_S = 10


class _Server(uvicorn.Server):
    """uvicorn without its own signals: who stops this process stops the rest of it too."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True, slots=True)
class Bound:
    """A socket that listens, and how it is reached."""

    socket: socket.socket
    host: str
    port: int

    @property
    def url(self) -> str:
        """Its address in a browser."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}"


def bind(host: str, port: int) -> Bound:
    """Listen on `port` of `host`; 0: any free one. Raises `ConflictError` where that cannot be."""
    listener: socket.socket | None = None
    try:
        kind, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(kind, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise ConflictError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}.",
            remedy="Choose another with --host and --port.",
        ) from error
    return Bound(listener, host, int(listener.getsockname()[1]))


def serve_http(
    services: Services,
    bound: Bound,
    stopping: threading.Event,
    parts: Sequence[Part] = (),
    *,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests until `stopping` is set, with `parts` running beside.

    Then: readiness says 503, open streams end, parts finish, last the door is closed. Requests are
    answered all the while.
    """
    lifecycle = Lifecycle()
    app = create_app(services, lifecycle)
    server = _Server(_configuration(services, app))
    ending = threading.Thread(
        target=_end, args=(services, server, lifecycle, stopping, parts), name="stop", daemon=True
    )
    for part in parts:
        part.start()
    ending.start()
    started()
    server.run(sockets=[bound.socket])
    stopping.set()
    ending.join()


def _end(
    services: Services,
    server: uvicorn.Server,
    lifecycle: Lifecycle,
    stopping: threading.Event,
    parts: Sequence[Part],
) -> None:
    stopping.wait()
    lifecycle.draining.set()
    services.feed.close()
    threading.Event().wait(services.settings.server.drain_s)
    for part in parts:
        part.stop()
    server.should_exit = True


def _configuration(services: Services, app: object) -> uvicorn.Config:
    trusted = services.settings.server.trusted_proxies
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted or None,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
        # 16 MB otherwise, from anybody who has not said yet who he is.
        ws_max_size=services.settings.limits.max_body_bytes,
    )
