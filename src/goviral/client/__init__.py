"""A Python client of the service: `GoViral("http://127.0.0.1:8000", "gvn_…")`.

Blocking; every answer a frozen value. Needs nothing of the service but its address and a key.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from goviral.client.connection import Connection
from goviral.client.errors import (
    ApiError,
    RunFailedError,
    StillWaitingError,
    UploadRefusedError,
)
from goviral.client.events import follow
from goviral.client.jobs import JobAdmin
from goviral.client.library import Clips, Moments, Videos
from goviral.client.pipeline import Pipeline
from goviral.client.uploads import Uploads
from goviral.client.values import Event, Health
from goviral.client.webhooks import Webhooks

__all__ = [
    "ApiError",
    "GoViral",
    "RunFailedError",
    "StillWaitingError",
    "UploadRefusedError",
]


class GoViral:
    """The service at `base_url` under an API key or token. Thread-safe but for its iterators."""

    def __init__(self, base_url: str, key: str, **options: Any) -> None:
        self._connection = Connection(base_url, key, **options)
        self.videos = Videos(self._connection)
        self.uploads = Uploads(self._connection)
        self.moments = Moments(self._connection)
        self.clips = Clips(self._connection)
        self.pipeline = Pipeline(self._connection)
        self.webhooks = Webhooks(self._connection)
        self.jobs = JobAdmin(self._connection)

    def events(self, *, after: int | None = None, subject: str | None = None) -> Iterator[Event]:
        """Events for ever, from now on or after a position; see `client.events`."""
        return follow(self._connection, after=after, subject=subject)

    def health(self) -> Health:
        """How the service is. Raises `ApiError` where it is not well."""
        return self._connection.get(Health, "health")

    def close(self) -> None:
        """Give the sockets back."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
