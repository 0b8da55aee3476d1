"""What happens to a video: runs, their stages, and who holds a video at the moment."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from goviral.kit.clock import utc_now
from goviral.kit.db import partitions  # noqa: F401  it hears of tables being made
from goviral.kit.db.base import Base, Identified, Listed, Owned, Timestamped

_VIDEO = "videos.id"


class RunState(StrEnum):
    """How far a run is. A run that will be tried again is `running`."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Nothing more happens to it."""
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


class StageState(StrEnum):
    """How a stage of a run went."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    SKIPPED = "skipped"  # its result was there already
    FAILED = "failed"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """The stages, in order."""

    INGEST = "ingest"
    AUDIO = "audio"
    TRANSCRIBE = "transcribe"
    MOMENTS = "moments"
    CLIPS = "clips"
    THUMBNAILS = "thumbnails"


class PipelineRun(Identified, Listed, Timestamped, Base):
    """One walk of a video through the stages, carried by one job. `wishes` is `wishes.RunWishes`."""

    __tablename__ = "pipeline_runs"

    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"), index=True)
    job_id: Mapped[str | None] = mapped_column(String(64))
    plan_name: Mapped[str] = mapped_column(String(16), default="free")
    state: Mapped[str] = mapped_column(String(16), default=RunState.QUEUED.value)
    stage: Mapped[str | None] = mapped_column(String(16))
    wishes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_pipeline_runs_owner_id_id", "owner_id", "id"),
        Index("ix_pipeline_runs_state", "state"),
    )


class StageRun(Identified, Owned, Timestamped, Base):
    """One stage of one run: when, how often tried, what came of it, what the log said."""

    __tablename__ = "pipeline_stages"

    run_id: Mapped[str] = mapped_column(ForeignKey("pipeline_runs.id", ondelete="CASCADE"))
    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"), index=True)
    stage: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=StageState.RUNNING.value)
    attempts: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    log: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("run_id", "stage"),)


class ModelRun(Owned, Base):
    """One call to a model, a language model or a recogniser, and what it cost; no text of either side.

    Only ever inserted; on PostgreSQL kept in monthly partitions. `cost_micro_usd` is in millionths of a dollar;
    None: not known.
    """

    __tablename__ = "model_runs"
    __table_args__ = (
        Index("ix_model_runs_video_id_id", "video_id", "id"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(primary_key=True, default=utc_now)
    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"))
    run_id: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(String(64))
    prompt_version: Mapped[str] = mapped_column(String(32), default="")
    provider: Mapped[str] = mapped_column(String(255))
    model: Mapped[str] = mapped_column(String(255))
    input_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    audio_ms: Mapped[int] = mapped_column(default=0)
    cost_micro_usd: Mapped[int | None] = mapped_column(BigInteger)
    latency_ms: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(128))


class VideoLock(Base):
    """Which run holds a video. Over when it expires; a living run renews it."""

    __tablename__ = "video_locks"

    video_id: Mapped[str] = mapped_column(ForeignKey(_VIDEO, ondelete="CASCADE"), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
