"""Events as they happen, by server-sent events; a broken line is taken up where it broke."""

import json
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from goviral.client.connection import Connection
from goviral.client.errors import ApiError
from goviral.client.values import Event
from goviral.kit.errors import RemoteError

_SILENT_S = 45.0
"""The service gives a sign of life every 15 s."""


def follow(
    connection: Connection, *, after: int | None = None, subject: str | None = None
) -> Iterator[Event]:
    """Events for ever, each once, in order; from now on, or after the position `after`.

    Raises `ApiError` where the service refuses, `RemoteError` where it stays away.
    """
    failures = 0
    while True:
        try:
            for event in _read(connection, after, subject):
                if isinstance(event, int):
                    after = event
                    continue
                after, failures = event.position, 0
                yield event
            # It ended in peace: the service stops or starts anew.
            error: RemoteError = RemoteError("The stream of events ended.")
        except ApiError:
            raise
        except RemoteError as broken:
            error = broken
        failures += 1
        connection.pause(failures, error)


def parse(lines: Iterable[str]) -> Iterator[Event | int]:
    """Events out of the lines of a stream (WHATWG HTML, 9.2), and the position it begins at.

    Comments and other fields are skipped.
    """
    data: list[str] = []
    position = ""
    for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif line.startswith("id:"):
            position = line[3:].strip()
        elif not line:
            if data:
                yield Event.model_validate(json.loads("\n".join(data)))
            elif position:
                yield int(position)
            data, position = [], ""


def _read(connection: Connection, after: int | None, subject: str | None) -> Iterator[Event | int]:
    query = f"?{urlencode({'subject': subject})}" if subject else ""
    headers = {"accept": "text/event-stream"}
    if after is not None:
        headers["last-event-id"] = str(after)
    with connection.stream(f"api/v1/events{query}", headers=headers, read_s=_SILENT_S) as answer:
        yield from parse(answer.iter_lines())
