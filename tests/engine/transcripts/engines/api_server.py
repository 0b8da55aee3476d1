"""A server on loopback that plays the transcription API: it decodes what is uploaded."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

Answer = tuple[int, dict[str, Any]]


@dataclass
class Upload:
    """One request: its form fields and what its file holds."""

    fields: dict[str, list[str]]
    size_bytes: int
    duration_s: float
    authorization: str


@dataclass
class ApiServer:
    """`answer` says what to reply to an upload; `uploads` keeps what came."""

    answer: Callable[[Upload], Answer]
    uploads: list[Upload] = field(default_factory=list)
    address: str = ""


@contextmanager
def api_server(answer: Callable[[Upload], Answer]) -> Iterator[ApiServer]:
    """The API until the block ends; its base URL is `address`."""
    state = ApiServer(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            upload = _upload(self)
            state.uploads.append(upload)
            status, value = state.answer(upload)
            if self.path != "/v1/audio/transcriptions":
                status, value = 404, {"error": {"message": "no such path"}}
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _upload(request: BaseHTTPRequestHandler) -> Upload:
    body = request.rfile.read(int(request.headers["content-length"]))
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    sound = b""
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename():
            sound = content
        else:
            fields.setdefault(name, []).append(content.decode())
    return Upload(fields, len(sound), _duration_s(sound), request.headers["authorization"] or "")


def _duration_s(sound: bytes) -> float:
    import av

    with av.open(io.BytesIO(sound)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
        return samples / container.streams.audio[0].rate
