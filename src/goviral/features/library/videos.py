"""Bringing videos in."""

from datetime import datetime

from sqlalchemy.orm import Session

from goviral.features.accounts.caps import spend
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.library.errors import NotReadyError, SourceError
from goviral.features.library.events import VIDEO_CREATED, announce
from goviral.features.library.models import Upload, UploadState, Video, VideoState, source_of
from goviral.features.library.quota import check_quota
from goviral.features.library.repository import UploadRepository, VideoRepository
from goviral.features.library.schemas import NewVideo
from goviral.features.library.views import VIDEOS
from goviral.kit.db.view import Columns
from goviral.kit.errors import ForbiddenUrlError, InputError, NotFoundError
from goviral.kit.ids import new_id
from goviral.kit.settings import Settings
from goviral.kit.storage.keys import checked_key, incoming_prefix
from goviral.kit.urls import UrlPolicy, check_url

_TOLD = ("content_type", "duration_ms", "width", "height")
_UNKNOWN = (
    *_TOLD[1:],
    "upload_id",
    "key",
    "sha256",
    "error_code",
    "error_message",
    "warned_at",
    "expires_at",
)
_EMPTY = {
    **dict.fromkeys(_UNKNOWN),
    "state": VideoState.NEW.value,
    "content_type": "",
    "size_bytes": 0,
}
_WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""As `engine.media.download` has them."""


def check_source(services: Services, owner_id: str, wanted: NewVideo) -> int:
    """What can be said of a source without the database: it is one, and it may be opened.

    Returns the size of a stored file, 0 otherwise. Raises `SourceError`, `ForbiddenUrlError`,
    `InputError`, `NotFoundError`, `StorageError`.
    """
    given = [value for value in (wanted.url, wanted.upload_id, wanted.key) if value is not None]
    if len(given) != 1:
        raise SourceError(
            "A video needs one source.", remedy="Give url, upload_id or key, and only one of them."
        )
    if wanted.url is not None:
        check_video_url(services.settings, wanted.url)
    if wanted.key is None:
        return 0
    return _stored_size(services, owner_id, wanted.key)


def check_video_url(settings: Settings, url: str) -> None:
    """Refuse at once what the download would refuse: schemes, ports, hosts and addresses of ours.

    Names are judged again, with all their addresses, when they are opened.
    """
    policy = UrlPolicy(allow_private=settings.allow_private_urls, ports=_WEB_PORTS)
    try:
        check_url(url, policy)
    except ForbiddenUrlError:
        raise
    except InputError as error:
        raise InputError(error.message, remedy="Give the http(s) address of a video.") from error


def _stored_size(services: Services, owner_id: str, key: str) -> int:
    """Only what the owner put there himself: every other key is another's, or no source."""
    if not checked_key(key).startswith(incoming_prefix(owner_id)):
        raise _no_stored(key)
    stored = services.store.stat(key)
    if stored is None:
        raise _no_stored(key)
    return stored.size


def _no_stored(key: str) -> NotFoundError:
    return NotFoundError(f"There is no stored file {key}.", remedy="Check the key.")


def create_video(
    services: Services, session: Session, principal: Principal, wanted: NewVideo, stored_size: int
) -> tuple[Columns, bool]:
    """The new video, or the one that was made of the same upload, and whether it is new.

    Raises `NotFoundError`, `NotReadyError`, `CapReachedError`, `QuotaError`.
    """
    now, owner_id = services.clock(), principal.owner_id
    videos = VideoRepository(session, owner_id)
    video = _columns(wanted, owner_id, now)
    if wanted.upload_id is not None:
        upload = _usable_upload(session, owner_id, wanted.upload_id)
        known = videos.by_upload(upload.id)
        if known is not None:
            return VIDEOS.get(session.connection(), owner_id, known.id), False
        video |= _taken_over(video["title"], upload)
    settings = services.settings
    if stored_size:
        # Of an address nothing is here yet: its film is weighed when it is filed.
        check_quota(session, settings.library, owner_id, principal.plan, stored_size)
    spend(session, settings.limits, principal, "videos", now)
    videos.insert(video)
    source = source_of(video["source_url"], video["upload_id"], video["source_key"])
    announce(session, VIDEO_CREATED, owner_id, video["id"], {"source": source})
    return video, True


def _columns(wanted: NewVideo, owner_id: str, now: datetime) -> Columns:
    """A whole row: nobody has to ask the database what it made of it."""
    return {
        **_EMPTY,
        "id": new_id("vid"),
        "owner_id": owner_id,
        "title": wanted.title,
        "language": wanted.language,
        "source_url": wanted.url,
        "source_key": wanted.key,
        "facts": {},
        "used_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _usable_upload(session: Session, owner_id: str, upload_id: str) -> Upload:
    uploads = UploadRepository(session, owner_id)
    # Held: it may be given up, or made a video, by another request at the same time.
    upload = uploads.get_for_update(upload_id)
    if upload.duplicate_of is not None:
        upload = uploads.get_for_update(upload.duplicate_of)
    if upload.state == UploadState.READY:
        return upload
    if upload.state == UploadState.REFUSED:
        raise NotReadyError(f"This upload was refused: {upload.error_message}")
    raise NotReadyError(f"This upload is {upload.state}.", remedy="Wait until it is ready.")


def _taken_over(title: str, upload: Upload) -> Columns:
    """The upload kept an id free and put its bytes where that video's film belongs."""
    return {
        "id": upload.video_id,
        "upload_id": upload.id,
        "title": title or upload.filename.rpartition(".")[0] or upload.filename,
        "state": VideoState.READY.value,
        "key": upload.key,
        "sha256": upload.sha256,
        "size_bytes": upload.size_bytes,
        **_of_facts(upload.facts),
    }


def set_facts(video: Video, facts: dict[str, object]) -> None:
    """Write what a look into the film told (`content.MediaFacts.as_json`) on its row."""
    for name, value in _of_facts(facts).items():
        setattr(video, name, value)


def _of_facts(facts: dict[str, object]) -> Columns:
    return {"facts": facts, **{name: facts[name] for name in _TOLD}}
