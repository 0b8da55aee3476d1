"""Putting a film that lies on this machine on its shelf: looked into, hashed, stored, written down."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from goviral.features.accounts.models import User
from goviral.features.accounts.services import Services
from goviral.features.library.content import MediaGate, make_gate
from goviral.features.library.errors import QuotaError
from goviral.features.library.library import Library
from goviral.features.library.models import Video, VideoState
from goviral.features.library.quota import check_quota
from goviral.features.library.videos import set_facts
from goviral.kit.errors import AppError, CancelledError
from goviral.kit.storage.keys import source_key

_PIECE_BYTES = 1 << 20


def file_film(
    services: Services,
    owner_id: str,
    video_id: str,
    path: Path,
    *,
    title: str = "",
    gate: MediaGate | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Video:
    """Make the file at `path` the film of a video; the file may be moved away.

    For what was fetched from an address or a stored key; uploads are filed by their own check. Opens
    its own transactions. Raises `NotFoundError` (the video was deleted), `NotMediaError`,
    `TooMuchError`, `InfectedError`, `ScannerError`, `QuotaError`, `StorageError`, `CancelledError`.
    """
    facts = (gate or make_gate(services.settings.library)).check(path, cancelled)
    sha256, size_bytes = sha256_of(path, cancelled), path.stat().st_size
    with services.database.reading() as session:
        Library(session, owner_id).videos.get(video_id)
        _check_room(services, session, owner_id, size_bytes)
    key = source_key(video_id, facts.extension)
    services.store.put(key, path, facts.content_type, take=True)
    try:
        with services.database.transaction() as session:
            video = Library(session, owner_id).videos.get(video_id)
            # Once more: others were stored since. Another try of ours may have filed it, too.
            _check_room(services, session, owner_id, size_bytes - video.size_bytes)
            video.key, video.sha256, video.size_bytes = key, sha256, size_bytes
            video.title = video.title or title[:500]
            video.state, video.used_at = VideoState.READY.value, services.clock()
            video.error_code = video.error_message = None
            set_facts(video, facts.as_json())
    except QuotaError:
        services.store.delete(key)
        raise
    return video


def _check_room(services: Services, session: Session, owner_id: str, size_bytes: int) -> None:
    user = session.get(User, owner_id)
    plan = user.plan if user is not None else "free"
    check_quota(session, services.settings.library, owner_id, plan, size_bytes)


def mark_unusable(services: Services, owner_id: str, video_id: str, error: AppError) -> None:
    """Write down why there is no film of a video; harmless where the video is gone."""
    with services.database.transaction() as session:
        video = Library(session, owner_id).videos.find(video_id)
        if video is not None:
            video.state = VideoState.FAILED.value
            video.error_code, video.error_message = error.code, str(error)


def sha256_of(path: Path, cancelled: Callable[[], bool] = lambda: False) -> str:
    """Of a whole file, hexadecimal. Raises `CancelledError`."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while data := stream.read(_PIECE_BYTES):
            if cancelled():
                raise CancelledError("Stopped.")
            digest.update(data)
    return digest.hexdigest()
