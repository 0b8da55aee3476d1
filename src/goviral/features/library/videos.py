"""Bringing videos in."""

from sqlalchemy.orm import Session

from goviral.features.accounts.caps import spend
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.library.errors import NotReadyError, SourceError
from goviral.features.library.events import VIDEO_CREATED, announce
from goviral.features.library.models import Upload, UploadState, Video, VideoState
from goviral.features.library.quota import check_quota
from goviral.features.library.repository import UploadRepository, VideoRepository
from goviral.features.library.schemas import NewVideo
from goviral.kit.errors import ForbiddenUrlError, InputError, NotFoundError
from goviral.kit.ids import new_id
from goviral.kit.settings import Settings
from goviral.kit.storage.keys import checked_key, incoming_prefix
from goviral.kit.urls import UrlPolicy, check_url

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
) -> tuple[Video, bool]:
    """The new video, or the one that was made of the same upload, and whether it is new.

    Raises `NotFoundError`, `NotReadyError`, `CapReachedError`, `QuotaError`.
    """
    videos = VideoRepository(session, principal.owner_id)
    video = Video(
        id=new_id("vid"),
        title=wanted.title,
        language=wanted.language,
        state=VideoState.NEW.value,
        source_url=wanted.url,
        source_key=wanted.key,
    )
    if wanted.upload_id is not None:
        upload = _usable_upload(session, principal.owner_id, wanted.upload_id)
        known = videos.by_upload(upload.id)
        if known is not None:
            return known, False
        _take_over(video, upload)
    settings = services.settings
    if stored_size:
        # Of an address nothing is here yet: its film is weighed when it is filed.
        check_quota(session, settings.library, principal.owner_id, principal.plan, stored_size)
    spend(session, settings.limits, principal, "videos", services.clock())
    videos.add(video)
    announce(session, VIDEO_CREATED, video.owner_id, video.id, {"source": video.source})
    return video, True


def _usable_upload(session: Session, owner_id: str, upload_id: str) -> Upload:
    uploads = UploadRepository(session, owner_id)
    upload = uploads.get(upload_id)
    if upload.duplicate_of is not None:
        upload = uploads.get(upload.duplicate_of)
    if upload.state == UploadState.READY:
        return upload
    if upload.state == UploadState.REFUSED:
        raise NotReadyError(f"This upload was refused: {upload.error_message}")
    raise NotReadyError(f"This upload is {upload.state}.", remedy="Wait until it is ready.")


def _take_over(video: Video, upload: Upload) -> None:
    """The upload kept an id free and put its bytes where that video's film belongs."""
    video.id = upload.video_id
    video.upload_id = upload.id
    video.title = video.title or upload.filename.rpartition(".")[0] or upload.filename
    video.state = VideoState.READY.value
    video.key, video.sha256, video.size_bytes = upload.key, upload.sha256, upload.size_bytes
    set_facts(video, upload.facts)


def set_facts(video: Video, facts: dict[str, object]) -> None:
    """Write what a look into the film told (`content.MediaFacts.as_json`) on its row."""
    video.facts = facts
    for name in ("content_type", "duration_ms", "width", "height"):
        setattr(video, name, facts[name])
