"""Making thumbnails of a clip, as a job: it reads the film, which may have to be fetched."""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from goviral.engine.clips.thumbnails.packs.packs import find_pack
from goviral.features.accounts.services import Services
from goviral.features.library.errors import NotReadyError
from goviral.features.library.events import THUMBNAIL_CREATED, announce
from goviral.features.library.library import Library
from goviral.features.library.models import Clip, Thumbnail
from goviral.features.library.schemas import NewThumbnail
from goviral.features.library.sources import film_of, opened_plan
from goviral.kit.errors import NotFoundError
from goviral.kit.ids import new_id
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job, Payload
from goviral.kit.jobs.task import Task
from goviral.kit.scratch import Scratch
from goviral.kit.storage.keys import thumbnail_key

THUMBNAIL_TASK = "library.make_thumbnails"


def order_thumbnails(services: Services, session: Session, clip: Clip, wanted: NewThumbnail) -> Job:
    """The job that makes them. Raises `NotReadyError` for a clip without a plan, `InputError` (style)."""
    if not clip.plan:
        raise NotReadyError("This clip has no plan yet.", remedy="Wait until it is planned.")
    if wanted.style is not None:
        find_pack(wanted.style)
    return services.queue.enqueue(
        session,
        THUMBNAIL_TASK,
        {"clip_id": clip.id, **wanted.model_dump()},
        owner_id=clip.owner_id,
        subject=clip.id,
    )


def thumbnail_task() -> Task:
    """Makes the thumbnails of one wish; run again it makes the same files and no second row."""
    return Task(THUMBNAIL_TASK, _run, queue="media", timeout_s=900.0)


def make_and_keep(
    services: Services, clip: Clip, film: Path, folder: Path, *, mark: str
) -> list[str]:
    """The usual thumbnails of a clip, as files in the store and rows; the rows' ids.

    `mark` names the files: the same mark again makes the same files and no second row. Raises
    `InputError`, `ProcessError`, `StorageError`, `NotFoundError`.
    """
    usual: Payload = {"style": None, "title": None, "aspect_ratio": None}
    made = _draw(clip, film, folder, usual)
    return [_keep(services, clip, mark, path, fields) for path, fields in made]


def _run(context: JobContext, payload: Payload) -> Payload | None:
    services: Services = context.services
    assert context.owner_id is not None
    with services.database.reading() as session:
        library = Library(session, context.owner_id)
        clip = library.clips.find(payload["clip_id"])
        video = library.videos.find(clip.video_id) if clip is not None else None
    if clip is None or video is None:
        return None
    scratch = Scratch(services.settings.server.data_dir / "tmp")
    with film_of(services, video) as film, scratch.folder(clip.id) as folder:
        made = _draw(clip, film, folder, payload)
        ids = [_keep(services, clip, context.job_id, path, fields) for path, fields in made]
    return {"thumbnail_ids": ids}


def _draw(
    clip: Clip, film: Path, folder: Path, payload: Payload
) -> list[tuple[Path, dict[str, Any]]]:
    # Drawing brings its libraries along; the API, which orders, has no use for them.
    from goviral.engine.clips.thumbnails.thumbnails import (  # noqa: PLC0415
        SIZES,
        USUAL,
        ThumbnailWishes,
        make_thumbnails,
    )

    aspects = (payload["aspect_ratio"],) if payload["aspect_ratio"] else USUAL
    wishes = ThumbnailWishes(style=payload["style"], title=payload["title"], aspects=aspects)
    found = []
    for made in make_thumbnails(opened_plan(clip.plan, film), folder, wishes):
        width, height = SIZES[made.aspect]
        title = payload["title"] if payload["title"] is not None else clip.title
        fields = {
            "style": made.variant,
            "aspect_ratio": made.aspect,
            "title": title,
            "width": width,
            "height": height,
        }
        found.append((made.path, fields))
    return found


def _keep(services: Services, clip: Clip, mark: str, path: Path, fields: dict[str, Any]) -> str:
    shape = fields["aspect_ratio"].replace(":", "x")
    key = thumbnail_key(clip.id, f"{mark}-{fields['style']}-{shape}.jpg")
    size_bytes = path.stat().st_size
    services.store.put(key, path, "image/jpeg")
    with services.database.transaction() as session:
        library = Library(session, clip.owner_id)
        if library.clips.find(clip.id) is None:
            raise NotFoundError(f"The clip {clip.id} was deleted meanwhile.")
        known = session.scalars(select(Thumbnail).where(Thumbnail.key == key)).one_or_none()
        if known is None:
            known = library.thumbnails.add(
                Thumbnail(
                    id=new_id("thm"),
                    video_id=clip.video_id,
                    clip_id=clip.id,
                    key=key,
                    size_bytes=size_bytes,
                    **fields,
                )
            )
            data = {"clip_id": clip.id, "style": known.style, "aspect_ratio": known.aspect_ratio}
            announce(session, THUMBNAIL_CREATED, clip.owner_id, known.id, data)
    return known.id
