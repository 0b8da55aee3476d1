"""What the library tells the world, in the transaction in which it happens."""

from typing import Any, Final

from sqlalchemy.orm import Session

from goviral.kit.events.outbox import publish

VIDEO_CREATED: Final = "video.created"
VIDEO_DELETED: Final = "video.deleted"
VIDEO_EXPIRING: Final = "video.expiring"
VIDEO_FILM_DELETED: Final = "video.film_deleted"
CLIP_DELETED: Final = "clip.deleted"
CLIP_EXPIRING: Final = "clip.expiring"
UPLOAD_READY: Final = "upload.ready"
UPLOAD_REFUSED: Final = "upload.refused"
THUMBNAIL_CREATED: Final = "thumbnail.created"


def announce(
    session: Session, type_: str, owner_id: str, subject: str, data: dict[str, Any]
) -> None:
    """Publish an event about `subject`; it goes out if and only if the transaction commits."""
    publish(session, type_, owner_id=owner_id, subject=subject, data=data)
