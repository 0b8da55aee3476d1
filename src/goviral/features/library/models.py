"""What a creator owns: videos, uploads, transcripts, moments, clips, thumbnails."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from goviral.kit.clock import utc_now
from goviral.kit.db.base import Base, Identified, Listed, Owned, Timestamped

_KEY = String(600)
_VIDEO = "videos.id"


class VideoState(StrEnum):
    """How far the source itself is; what is made of it is the pipeline's matter."""

    NEW = "new"  # known by address, upload or key; no film of ours yet
    READY = "ready"  # the film is in the store and was looked into
    FAILED = "failed"  # there is no usable film at its source
    EXPIRED = "expired"  # the film was deleted when its time was over; what was made of it stays


class UploadState(StrEnum):
    """The life of an upload."""

    RECEIVING = "receiving"
    CHECKING = "checking"  # all bytes are here; being read, probed, scanned
    READY = "ready"
    DUPLICATE = "duplicate"  # the same bytes were here before: see `duplicate_of`
    REFUSED = "refused"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Still takes bytes."""
        return self is UploadState.RECEIVING


class UploadWay(StrEnum):
    """How the bytes come."""

    TUS = "tus"  # through us, resumable
    PARTS = "parts"  # straight to the bucket, each part to its own address
    SESSION = "session"  # straight to the bucket, to one address


class MomentState(StrEnum):
    """What became of a moment."""

    PROPOSED = "proposed"
    SELECTED = "selected"
    REJECTED = "rejected"


class ClipState(StrEnum):
    """How far a clip is."""

    PLANNED = "planned"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"


class _Kept:
    """Mixin: what retention knows. `expires_at` is set with the warning, at least 72 hours ahead.

    `used_at` starts the time a thing is kept; set it when something is made of it.
    """

    used_at: Mapped[datetime] = mapped_column(default=utc_now)
    warned_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)


class Video(Identified, Listed, Timestamped, _Kept, Base):
    """A film to cut clips from. Exactly one of `source_url`, `upload_id`, `source_key` is set.

    `key` is where our own copy lies once there is one; `facts` is what a look into it told.
    """

    __tablename__ = "videos"

    title: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(16), default=VideoState.NEW.value)
    source_url: Mapped[str | None] = mapped_column(String(4000))
    upload_id: Mapped[str | None] = mapped_column(String(64))
    source_key: Mapped[str | None] = mapped_column(_KEY)
    key: Mapped[str | None] = mapped_column(_KEY)
    content_type: Mapped[str] = mapped_column(String(100), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str | None] = mapped_column(String(64))
    duration_ms: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(16))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_videos_owner_id_id", "owner_id", "id"),
        Index("ix_videos_owner_id_sha256", "owner_id", "sha256"),
        UniqueConstraint("upload_id"),
    )

    @property
    def source(self) -> dict[str, str]:
        """See `source_of`."""
        return source_of(self.source_url, self.upload_id, self.source_key)


def source_of(url: str | None, upload_id: str | None, key: str | None) -> dict[str, str]:
    """Where a video came from: `{"url"}`, `{"upload_id"}` or `{"key"}`."""
    if url is not None:
        return {"url": url}
    if upload_id is not None:
        return {"upload_id": upload_id}
    return {"key": key or ""}


class Upload(Identified, Listed, Timestamped, Base):
    """Bytes on their way in. `video_id` is kept free for the video that will be made of them.

    `offset` counts the bytes that are safe. Who holds `lock` until `locked_until` alone may add more.
    `reference` is the bucket's name of an upload that goes past us.
    """

    __tablename__ = "uploads"

    state: Mapped[str] = mapped_column(String(16), default=UploadState.RECEIVING.value, index=True)
    way: Mapped[str] = mapped_column(String(16), default=UploadWay.TUS.value)
    filename: Mapped[str] = mapped_column(String(255), default="")
    content_type: Mapped[str] = mapped_column(String(100), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    declared_sha256: Mapped[str | None] = mapped_column(String(64))
    sha256: Mapped[str | None] = mapped_column(String(64))
    video_id: Mapped[str] = mapped_column(String(64), index=True)
    duplicate_of: Mapped[str | None] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(_KEY)
    reference: Mapped[str | None] = mapped_column(Text)
    lock: Mapped[str | None] = mapped_column(String(64))
    locked_until: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_uploads_owner_id_id", "owner_id", "id"),
        Index("ix_uploads_owner_id_sha256", "owner_id", "sha256"),
    )


class UploadPiece(Base):
    """A stretch of an upload that lies in the store; only where the store cannot append."""

    __tablename__ = "upload_pieces"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    )
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(_KEY)


class TranscriptRecord(Identified, Owned, Timestamped, Base):
    """A video's words; the words themselves are a JSON file in the store (`formats/json`)."""

    __tablename__ = "transcripts"

    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"), unique=True)
    key: Mapped[str] = mapped_column(_KEY)
    engine: Mapped[str] = mapped_column(String(64), default="")
    language: Mapped[str] = mapped_column(String(16), default="und")
    duration_ms: Mapped[int] = mapped_column(default=0)
    sentence_count: Mapped[int] = mapped_column(default=0)
    word_count: Mapped[int] = mapped_column(default=0)


class Moment(Identified, Owned, Timestamped, Base):
    """A span worth clipping. `rank` 1 is the best of its video; `history` holds earlier bounds.

    `removals` are stretches inside, in times of the video, that its clip leaves out.
    """

    __tablename__ = "moments"

    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16), default=MomentState.PROPOSED.value)
    rank: Mapped[int] = mapped_column(default=0)
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    score: Mapped[int] = mapped_column(default=0)
    scorecard: Mapped[dict[str, Any]] = mapped_column(default=dict)
    title: Mapped[str] = mapped_column(Text, default="")
    hook: Mapped[str] = mapped_column(Text, default="")
    quote: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(32), default="")
    speaker: Mapped[str | None] = mapped_column(String(200))
    origin: Mapped[str] = mapped_column(String(32), default="ranking")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    platforms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    removals: Mapped[list[Any]] = mapped_column(default=list)
    history: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)


class Clip(Identified, Listed, Timestamped, _Kept, Base):
    """A moment made a film. `plan` is its ClipPlan as JSON, `version` counts the plan's edits.

    `made_from` is what was wished when it was planned: the same wishes again are the same clip.
    `rendered_version` is the edit that `key` shows: smaller than `version` means out of date.
    """

    __tablename__ = "clips"

    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"), index=True)
    moment_id: Mapped[str | None] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16), default=ClipState.PLANNED.value)
    title: Mapped[str] = mapped_column(Text, default="")
    made_from: Mapped[dict[str, Any]] = mapped_column(default=dict)
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    rendered_version: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(_KEY)
    output_path: Mapped[str | None] = mapped_column(String(1000))
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str | None] = mapped_column(String(64))
    duration_ms: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    thumbnail_id: Mapped[str | None] = mapped_column(String(64))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_clips_owner_id_id", "owner_id", "id"),)


class Thumbnail(Identified, Owned, Timestamped, Base):
    """A still that sells a clip; several variants stand beside each other."""

    __tablename__ = "thumbnails"

    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"), index=True)
    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id", ondelete="CASCADE"), index=True)
    style: Mapped[str] = mapped_column(String(64), default="")
    title: Mapped[str] = mapped_column(Text, default="")
    aspect_ratio: Mapped[str] = mapped_column(String(8), default="9:16")
    at_ms: Mapped[int] = mapped_column(default=0)
    key: Mapped[str] = mapped_column(_KEY)
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(default=0)
