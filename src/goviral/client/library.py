"""Videos, moments and clips of the service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from goviral.client.connection import Connection
from goviral.client.values import Clip, Listing, Moment, Removed, SignedUrl, Video
from goviral.kit.files import atomic_path

T = TypeVar("T", Video, Clip)
_PIECE_BYTES = 1 << 20


class Videos:
    """`client.videos`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self,
        *,
        url: str | None = None,
        upload_id: str | None = None,
        key: str | None = None,
        title: str = "",
        language: str | None = None,
    ) -> Video:
        """A video out of exactly one source."""
        given = {"url": url, "upload_id": upload_id, "key": key, "language": language}
        body = {name: value for name, value in given.items() if value is not None}
        return self._connection.post(Video, "api/v1/videos", {**body, "title": title})

    def get(self, video_id: str) -> Video:
        """One video."""
        return self._connection.get(Video, f"api/v1/videos/{video_id}")

    def list(self, **filters: Any) -> Iterator[Video]:
        """All of one's videos, newest first, page by page."""
        return _pages(self._connection, Video, "api/v1/videos", filters)

    def delete(self, video_id: str) -> Removed:
        """Delete it and all that was made of it."""
        return Removed.model_validate(self._connection.delete(f"api/v1/videos/{video_id}"))

    def transcript(self, video_id: str, form: str = "srt") -> str:
        """What is said, as SRT or VTT text, or as JSON."""
        path = f"api/v1/videos/{video_id}/transcript"
        return self._connection.send("GET", path, params={"format": form}).text


class Moments:
    """`client.moments`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, video_id: str) -> list[Moment]:
        """The moments of a video, best first."""
        path = f"api/v1/videos/{video_id}/moments"
        return self._connection.get(Listing[Moment], path).items

    def refine(
        self,
        moment_id: str,
        instruction: str | None = None,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        **limits: int,
    ) -> Moment:
        """New bounds, in words or as times; `min_ms` and `max_ms` limit them, else those they were found by."""
        given = {"instruction": instruction, "start_ms": start_ms, "end_ms": end_ms}
        body = {name: value for name, value in given.items() if value is not None}
        path = f"api/v1/moments/{moment_id}/refine"
        return self._connection.post(Moment, path, {**body, **limits})

    def change(self, moment_id: str, **changes: str) -> Moment:
        """Its `state` (selected, rejected, proposed) or `title`."""
        return self._connection.patch(Moment, f"api/v1/moments/{moment_id}", changes)


class Clips:
    """`client.clips`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, clip_id: str) -> Clip:
        """One clip."""
        return self._connection.get(Clip, f"api/v1/clips/{clip_id}")

    def list(self, **filters: Any) -> Iterator[Clip]:
        """Clips, newest first; `video_id`, `moment_id`, `state`."""
        return _pages(self._connection, Clip, "api/v1/clips", filters)

    def link(self, clip_id: str, *, ttl_s: int | None = None) -> SignedUrl:
        """A link that works without credentials for a while."""
        path = f"api/v1/clips/{clip_id}/signed_url"
        found = self._connection.get(SignedUrl, path, ttl_s=ttl_s)
        return found.model_copy(update={"url": self._connection.url(found.url)})

    def download(self, clip_id: str, to: Path) -> Path:
        """The clip as a file, whole or not at all."""
        url = self.link(clip_id).url
        with (
            atomic_path(to) as partial,
            self._connection.stream(url) as answer,
            partial.open("wb") as film,
        ):
            for piece in answer.iter_bytes(_PIECE_BYTES):
                film.write(piece)
        return to

    def delete(self, clip_id: str) -> Removed:
        """Delete it; its moment stays."""
        return Removed.model_validate(self._connection.delete(f"api/v1/clips/{clip_id}"))


def _pages(
    connection: Connection, kind: type[T], path: str, filters: dict[str, Any]
) -> Iterator[T]:
    cursor: str | None = None
    while True:
        page = connection.get(Listing[kind], path, **filters, cursor=cursor)  # type: ignore[valid-type]
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
