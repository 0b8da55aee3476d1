"""The door other features come through: all that one owner has, over one session."""

from sqlalchemy.orm import Session

from goviral.features.library.repository import (
    ClipRepository,
    MomentRepository,
    ThumbnailRepository,
    TranscriptRepository,
    UploadRepository,
    VideoRepository,
)


class Library:
    """Rows of one owner (`kit.db.repository.EVERYONE` in jobs that serve all).

    `Library(session, owner_id).videos.get(video_id)` raises `NotFoundError` for another owner's.
    """

    def __init__(self, session: Session, owner_id: str) -> None:
        self.session = session
        self.owner_id = owner_id
        self.videos = VideoRepository(session, owner_id)
        self.uploads = UploadRepository(session, owner_id)
        self.transcripts = TranscriptRepository(session, owner_id)
        self.moments = MomentRepository(session, owner_id)
        self.clips = ClipRepository(session, owner_id)
        self.thumbnails = ThumbnailRepository(session, owner_id)
