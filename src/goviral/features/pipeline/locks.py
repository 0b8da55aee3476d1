"""One active run a video: a lock that expires, so that a run that died does not hold it for ever."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from goviral.features.pipeline.models import VideoLock
from goviral.kit.db.leadership import changed, insert_if_absent

LEASE = timedelta(minutes=10)


def take(session: Session, video_id: str, holder: str, now: datetime) -> bool:
    """Hold the video for `holder` from now on, or longer; whether it does."""
    mine_or_over = or_(VideoLock.holder == holder, VideoLock.expires_at <= now)
    took = session.execute(
        update(VideoLock)
        .where(VideoLock.video_id == video_id, mine_or_over)
        .values(holder=holder, expires_at=now + LEASE)
    )
    return changed(took) or insert_if_absent(
        session, VideoLock, video_id=video_id, holder=holder, expires_at=now + LEASE
    )


def holder_of(session: Session, video_id: str) -> str | None:
    """Who holds the video, or held it last."""
    lock = session.get(VideoLock, video_id)
    return lock.holder if lock else None


def release(session: Session, video_id: str, holder: str) -> None:
    """Let go of the video, if it is still `holder`'s."""
    mine = (VideoLock.video_id == video_id, VideoLock.holder == holder)
    session.execute(delete(VideoLock).where(*mine))
