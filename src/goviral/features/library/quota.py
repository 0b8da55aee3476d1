"""How many bytes an owner may have here at a time, by plan."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from goviral.features.library.errors import QuotaError
from goviral.features.library.models import Clip, Upload, UploadState, Video
from goviral.kit.db.locks import lock_name
from goviral.kit.db.repository import is_of
from goviral.kit.server_settings import LibrarySettings

_GIB = 1024**3


def used_bytes(session: Session, owner_id: str) -> int:
    """Films, clips, and uploads that are no video yet, at the size they were announced with."""
    waiting = Upload.state.in_((UploadState.RECEIVING, UploadState.CHECKING, UploadState.READY))
    unclaimed = Upload.id.not_in(select(Video.upload_id).where(Video.upload_id.is_not(None)))
    return (
        _total(session, Video.size_bytes, is_of(Video, owner_id))
        + _total(session, Clip.size_bytes, is_of(Clip, owner_id))
        + _total(session, Upload.size_bytes, is_of(Upload, owner_id), waiting, unclaimed)
    )


def check_quota(
    session: Session, settings: LibrarySettings, owner_id: str, plan: str, more_bytes: int
) -> None:
    """Raises `QuotaError` where `more_bytes` would not fit.

    To be asked in the transaction that takes the room: others of the owner wait for its end.
    """
    allowed: int | None = getattr(settings, f"{plan}_bytes")
    if allowed is None:
        return
    lock_name(session, "quota", owner_id)
    used = used_bytes(session, owner_id)
    if used + more_bytes > allowed:
        raise QuotaError(
            f"{used / _GIB:.1f} of {allowed / _GIB:.1f} GiB are used; this does not fit.",
            remedy="Delete videos, or take a larger plan.",
        )


def _total(session: Session, column: object, *where: ColumnElement[bool]) -> int:
    statement = select(func.coalesce(func.sum(column), 0)).where(*where)
    return int(session.scalar(statement) or 0)
