"""Deleting a video or a clip: records, files, temporary folders, jobs; and saying what went.

Records go in one transaction, which also leaves a job behind: it deletes the files again later, in case
this process dies in between or a job that was stopped still wrote some.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, CursorResult, FromClause, Table, and_, delete, select
from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.features.library.events import CLIP_DELETED, VIDEO_DELETED, announce
from goviral.features.library.library import Library
from goviral.features.library.models import Clip, Thumbnail, Upload, Video
from goviral.kit.db.base import Base
from goviral.kit.db.locks import lock_name
from goviral.kit.db.repository import missing
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import ACTIVE, Job, Payload
from goviral.kit.jobs.repository import JobRepository
from goviral.kit.jobs.task import Task
from goviral.kit.scratch import Scratch
from goviral.kit.storage.keys import (
    clip_key,
    thumbnail_prefix,
    upload_prefix,
    video_prefix,
    work_prefix,
)
from goviral.kit.storage.store import Store

DELETE_FILES_TASK = "library.delete_files"
_AGAIN_AFTER = timedelta(minutes=10)
"""Longer than a job that was asked to stop takes to do so."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What a deletion took: rows by table, files, bytes, temporary folders, jobs that were stopped."""

    subject: str
    records: dict[str, int] = field(default_factory=dict)
    jobs_cancelled: int = 0
    files: int = 0
    bytes: int = 0
    temporary_folders: int = 0


@dataclass(frozen=True, slots=True)
class Places:
    """Where the deleted lies: files, and what jobs and temporary folders are named after (`subjects`)."""

    keys: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


def delete_video(
    services: Services, principal: Principal | None, owner_id: str, video_id: str
) -> Gone:
    """Delete a video and all that was made of it. Raises `NotFoundError`, `StorageError`.

    Asked for several times at once, one deletes and tells, the others find nothing any more.
    """
    with services.database.transaction() as session:
        library = Library(session, owner_id)
        _take_turn(session, video_id)
        video = library.videos.get(video_id)
        places = _places_of_video(library, video)
        ended = _forget_jobs(session, owner_id, places.subjects)
        stopped = _stop_jobs(services, session, places.subjects)
        records = ended | _delete_rows(session, video)
        _leave_job(services, session, owner_id, video_id, places)
        details = {**records, "jobs_cancelled": stopped}
        audit(session, principal, "video.delete", video_id, details, owner_id=owner_id)
        announce(session, VIDEO_DELETED, owner_id, video_id, {"records": records})
    return _with_files(services, Gone(video_id, records, stopped), places)


def delete_clip(
    services: Services,
    principal: Principal | None,
    owner_id: str,
    clip_id: str,
    *,
    only_if: ColumnElement[bool] | None = None,
) -> Gone:
    """Delete a clip with its thumbnails; its moment stays. `only_if` is asked as it goes.

    Raises `NotFoundError`, also where it is there and `only_if` does not hold; `StorageError`.
    """
    with services.database.transaction() as session:
        library = Library(session, owner_id)
        _take_turn(session, library.clips.get(clip_id).video_id)
        session.expire_all()
        clip = library.clips.get(clip_id)
        places = Places(_keys_of_clips([clip]), (thumbnail_prefix(clip.id),), (clip.id,))
        ended = _forget_jobs(session, owner_id, places.subjects)
        stopped = _stop_jobs(services, session, places.subjects)
        thumbnails = _delete_from(session, Thumbnail.__table__, Thumbnail.clip_id == clip.id)
        mine = Clip.id == clip.id if only_if is None else and_(Clip.id == clip.id, only_if)
        clips = _delete_from(session, Clip.__table__, mine)
        if not clips:
            raise missing(library.clips.noun, clip_id)
        records = ended | {"thumbnails": thumbnails, "clips": clips}
        _leave_job(services, session, owner_id, clip_id, places)
        audit(session, principal, "clip.delete", clip_id, records, owner_id=owner_id)
        announce(session, CLIP_DELETED, owner_id, clip_id, {"video_id": clip.video_id})
    return _with_files(services, Gone(clip_id, records, stopped), places)


def delete_files_task() -> Task:
    """The job that makes sure of it."""
    return Task(DELETE_FILES_TASK, _delete_files, max_attempts=8)


def _delete_files(context: JobContext, payload: Payload) -> Payload | None:
    services: Services = context.services
    store: Store = services.store
    found = sum(store.delete_prefix(prefix) for prefix in payload["prefixes"])
    for key in payload["keys"]:
        store.delete(key)
    subjects = payload.get("subjects", [])
    with services.database.transaction() as session:
        # Those that were stopped, and have ended since.
        ended = _forget_jobs(session, context.owner_id or "", subjects)
    return {"files": found, **ended}


def _places_of_video(library: Library, video: Video) -> Places:
    clips = library.clips.of_video(video.id)
    prefixes = [video_prefix(video.id), work_prefix(video.id)]
    prefixes += [thumbnail_prefix(clip.id) for clip in clips]
    if video.upload_id:
        prefixes.append(upload_prefix(video.upload_id))
    keys = list(_keys_of_clips(clips))
    # The file an owner put into the store himself is part of what he wants gone.
    keys += [key for key in (video.key, video.source_key) if key]
    return Places(tuple(keys), tuple(prefixes), tuple(_subjects(library, video)))


def _keys_of_clips(clips: Iterable[Clip]) -> tuple[str, ...]:
    # Also where one would lie that is being rendered now.
    return tuple(sorted({key for clip in clips for key in (clip.key, clip_key(clip.id)) if key}))


def _subjects(library: Library, video: Video) -> list[str]:
    moments = [moment.id for moment in library.moments.of_video(video.id)]
    clips = [clip.id for clip in library.clips.of_video(video.id)]
    return [video.id, *moments, *clips, *([video.upload_id] if video.upload_id else [])]


def _forget_jobs(session: Session, owner_id: str, subjects: Sequence[str]) -> dict[str, int]:
    """What ended jobs tell of it: titles, ids, lines of logs."""
    found = JobRepository(session, owner_id).forget(subjects)
    return {"jobs": found} if found else {}


def _stop_jobs(services: Services, session: Session, subjects: Sequence[str]) -> int:
    active = select(Job.id).where(Job.subject.in_(subjects), Job.state.in_(ACTIVE))
    ids = session.scalars(active).all()
    for job_id in ids:
        services.queue.cancel(session, job_id)
    return len(ids)


def _take_turn(session: Session, video_id: str) -> None:
    """Deletions of one video and its clips come one after the other.

    Not by the row: work for a video holds its job first, and then waits for the video.
    """
    lock_name(session, "deletion", video_id)


def _delete_rows(session: Session, video: Video) -> dict[str, int]:
    """Every row of every feature that names the video, most dependent tables first."""
    records: dict[str, int] = {}
    for table in reversed(Base.metadata.sorted_tables):
        if "video_id" in table.columns and table.name != Upload.__tablename__:
            records[table.name] = _delete_from(
                session, table, table.columns["video_id"] == video.id
            )
    upload_id = video.upload_id
    records["videos"] = _delete_from(session, Video.__table__, Video.id == video.id)
    if upload_id is not None:
        records["uploads"] = _delete_from(session, Upload.__table__, Upload.id == upload_id)
    session.expire_all()
    return {name: count for name, count in records.items() if count}


def _delete_from(session: Session, table: FromClause, mine: ColumnElement[bool]) -> int:
    """How many rows went, as the database says."""
    assert isinstance(table, Table)
    found = session.execute(delete(table).where(mine))
    assert isinstance(found, CursorResult)
    return found.rowcount


def _leave_job(
    services: Services, session: Session, owner_id: str, subject: str, places: Places
) -> None:
    services.queue.enqueue(
        session,
        DELETE_FILES_TASK,
        asdict(places),
        owner_id=owner_id,
        run_at=services.clock() + _AGAIN_AFTER,
    )


def _with_files(services: Services, gone: Gone, places: Places) -> Gone:
    store: Store = services.store
    found = {stored.key: stored.size for prefix in places.prefixes for stored in store.list(prefix)}
    for key in places.keys:
        stored = store.stat(key)
        if stored is not None:
            found[key] = stored.size
            store.delete(key)
    for prefix in places.prefixes:
        store.delete_prefix(prefix)
    scratch = Scratch(services.settings.server.data_dir / "tmp")
    return Gone(
        gone.subject,
        gone.records,
        gone.jobs_cancelled,
        files=len(found),
        bytes=sum(found.values()),
        temporary_folders=sum(map(scratch.drop, places.subjects)),
    )
