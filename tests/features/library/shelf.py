"""Rows and files of a library, made without a pipeline."""

from pathlib import Path
from typing import Any

from goviral.engine.clips.plans.plan import ClipPlan, Frame, Layout, Shot, Source, ThumbnailPlan
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.library.models import (
    Clip,
    ClipState,
    Moment,
    Thumbnail,
    Video,
    VideoState,
)
from goviral.features.library.sources import stored_plan
from goviral.features.library.transcripts import save_transcript
from goviral.kit.ids import new_id
from goviral.kit.storage.keys import clip_key, source_key, thumbnail_key, work_prefix
from goviral.kit.timecode import Span

DEV = "usr_dev"


def add_video(
    services: Services, content: bytes = b"film", owner_id: str = DEV, **fields: Any
) -> Video:
    """A video whose film is here."""
    video_id = new_id("vid")
    key = source_key(video_id, ".mp4")
    services.store.put(key, content, "video/mp4")
    row = Video(
        id=video_id,
        source_url="https://example.com/a.mp4",
        key=key,
        state=VideoState.READY.value,
        size_bytes=len(content),
        **fields,
    )
    with services.database.transaction() as session:
        return Library(session, owner_id).videos.add(row)


def add_moment(services: Services, video: Video, **fields: Any) -> Moment:
    row = Moment(id=new_id("mom"), video_id=video.id, start_ms=0, end_ms=2000, **fields)
    with services.database.transaction() as session:
        return Library(session, video.owner_id).moments.add(row)


def add_clip(
    services: Services,
    video: Video,
    moment: Moment | None = None,
    content: bytes = b"0123456789",
    **fields: Any,
) -> Clip:
    """A clip that is rendered."""
    clip_id = new_id("clip")
    services.store.put(clip_key(clip_id), content, "video/mp4")
    values = {"title": "Why we sleep", "state": ClipState.READY.value, **fields}
    row = Clip(
        id=clip_id,
        video_id=video.id,
        moment_id=moment.id if moment else None,
        key=clip_key(clip_id),
        output_path=services.store.uri(clip_key(clip_id)),
        size_bytes=len(content),
        **values,
    )
    with services.database.transaction() as session:
        return Library(session, video.owner_id).clips.add(row)


def add_thumbnail(services: Services, clip: Clip, name: str = "a.jpg") -> Thumbnail:
    key = thumbnail_key(clip.id, name)
    services.store.put(key, b"jpeg", "image/jpeg")
    row = Thumbnail(id=new_id("thm"), video_id=clip.video_id, clip_id=clip.id, key=key)
    with services.database.transaction() as session:
        return Library(session, clip.owner_id).thumbnails.add(row)


def add_transcript(services: Services, video: Video) -> None:
    words = ("Sleep", "is", "a", "superpower.")
    spoken = [Cue(word, i * 400, i * 400 + 350) for i, word in enumerate(words)]
    transcript = build_transcript(words=spoken, language="en", engine="test")
    save_transcript(services, video.owner_id, video.id, transcript)


def leave_work(services: Services, video: Video) -> Path:
    """What a stage left in the store and on this machine."""
    services.store.put(work_prefix(video.id) + "audio.flac", b"sound")
    folder = services.settings.server.data_dir / "tmp" / f"{video.id}-abc"
    folder.mkdir(parents=True)
    (folder / "frames.raw").write_bytes(b"x")
    return folder


def plan_of(video: Video, *, seconds: int = 2) -> dict[str, Any]:
    """A plan of the test card's first seconds."""
    span = Span(0, seconds * 1000)
    plan = ClipPlan(
        name="01-test",
        title="Why we sleep",
        source=Source(
            path="/nowhere",
            fingerprint="0",
            duration_ms=3000,
            width=320,
            height=180,
            video_stream=0,
            audio_stream=1,
        ),
        span=span,
        frame=Frame(1080, 1920, Source("", "", 0).fps),
        shots=(Shot(span, Layout.FOLLOW, crop_width=100, crop_height=180),),
        thumbnail=ThumbnailPlan(500, "Why we sleep"),
    )
    assert video.key is not None
    return stored_plan(plan, video.key)
