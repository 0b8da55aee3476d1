"""Rows of the library, each owner his own. Other features come through `library.Library`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from goviral.features.library.models import (
    Clip,
    ClipState,
    Moment,
    Thumbnail,
    TranscriptRecord,
    Upload,
    UploadPiece,
    UploadState,
    Video,
)
from goviral.kit.db.repository import Repository


class VideoRepository(Repository[Video]):
    model = Video
    noun = "video"

    def by_upload(self, upload_id: str) -> Video | None:
        """The video made of an upload."""
        return self.session.scalars(self.rows().where(Video.upload_id == upload_id)).one_or_none()


class UploadRepository(Repository[Upload]):
    model = Upload
    noun = "upload"

    def same_bytes(self, sha256: str, other_than: str = "") -> Upload | None:
        """A finished upload of the same bytes, the oldest."""
        statement = self.rows().where(
            Upload.sha256 == sha256, Upload.state == UploadState.READY, Upload.id != other_than
        )
        return self.session.scalars(statement.order_by(Upload.id)).first()

    def pieces(self, upload_id: str) -> Sequence[UploadPiece]:
        """What lies in the store, in order."""
        statement = select(UploadPiece).where(UploadPiece.upload_id == upload_id)
        return self.session.scalars(statement.order_by(UploadPiece.offset)).all()

    def overdue(self, now: datetime, limit: int) -> Sequence[Upload]:
        """Uploads nobody finished in time."""
        statement = self.rows().where(
            Upload.state == UploadState.RECEIVING, Upload.expires_at <= now
        )
        return self.session.scalars(statement.order_by(Upload.expires_at).limit(limit)).all()


class TranscriptRepository(Repository[TranscriptRecord]):
    model = TranscriptRecord
    noun = "transcript"

    def of_video(self, video_id: str) -> TranscriptRecord | None:
        statement = self.rows().where(TranscriptRecord.video_id == video_id)
        return self.session.scalars(statement).one_or_none()


class MomentRepository(Repository[Moment]):
    model = Moment
    noun = "moment"

    def of_video(self, video_id: str) -> Sequence[Moment]:
        """The moments of a video, best first."""
        statement = self.rows().where(Moment.video_id == video_id)
        return self.session.scalars(statement.order_by(Moment.rank, Moment.id)).all()


class ClipRepository(Repository[Clip]):
    model = Clip
    noun = "clip"

    def of_video(self, video_id: str) -> Sequence[Clip]:
        statement = self.rows().where(Clip.video_id == video_id)
        return self.session.scalars(statement.order_by(Clip.id)).all()

    def of_moment(self, moment_id: str) -> Sequence[Clip]:
        """The clips of a moment, newest first."""
        statement = self.rows().where(Clip.moment_id == moment_id)
        return self.session.scalars(statement.order_by(Clip.id.desc())).all()

    def shown_for(self, moment_id: str) -> Clip | None:
        """The newest clip of a moment that can be watched."""
        ready = (clip for clip in self.of_moment(moment_id) if clip.key)
        return next((clip for clip in ready if clip.state == ClipState.READY), None)


class ThumbnailRepository(Repository[Thumbnail]):
    model = Thumbnail
    noun = "thumbnail"

    def of_clip(self, clip_id: str) -> Sequence[Thumbnail]:
        statement = self.rows().where(Thumbnail.clip_id == clip_id)
        return self.session.scalars(statement.order_by(Thumbnail.id)).all()
