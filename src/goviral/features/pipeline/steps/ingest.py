"""The film becomes ours: fetched from its address or taken from the bucket, looked into, kept."""

import shutil

from goviral.engine.media.download import fetch_source
from goviral.engine.media.fetched import FetchedSource
from goviral.features.library.filing import file_film, mark_unusable
from goviral.features.library.models import Video, VideoState
from goviral.features.pipeline.recorder import Noted
from goviral.features.pipeline.work import Work
from goviral.kit.errors import CancelledError, InputError
from goviral.kit.storage.keys import work_prefix

CAPTIONS = "captions"


def ingest(work: Work, noted: Noted) -> None:
    """Raises `InputError` for a source that is no film or may not be opened, `RemoteError`, `QuotaError`."""
    video = work.video()
    if video.state == VideoState.READY and video.key:
        noted.skip("the film is here")
        return
    try:
        if video.source_url is not None:
            _fetch(work, video, video.source_url, noted)
        else:
            _take(work, video, noted)
    except CancelledError:
        raise
    except InputError as error:
        mark_unusable(work.services, work.run.owner_id, work.video_id, error)
        raise


def _fetch(work: Work, video: Video, url: str, noted: Noted) -> None:
    # Not the run's own folder: a download that was cut off goes on where it stopped.
    folder = work.services.settings.server.data_dir / "tmp" / f"{video.id}-fetch"
    fetched = fetch_source(
        url,
        folder,
        settings=work.services.settings,
        language=work.wishes.language or video.language,
        progress=work.context.part(0.0, 0.15),
        cancelled=work.context.cancelled,
        max_bytes=work.services.settings.library.max_upload_bytes,
    )
    _keep_captions(work, fetched)
    filed = file_film(
        work.services,
        work.run.owner_id,
        work.video_id,
        fetched.media_path,
        title=fetched.title,
        cancelled=work.context.cancelled,
    )
    shutil.rmtree(folder, ignore_errors=True)
    noted.facts |= {"bytes": filed.size_bytes, "title": filed.title}


def _take(work: Work, video: Video, noted: Noted) -> None:
    """A film the owner put into the bucket."""
    path = work.folder / "source"
    work.services.store.fetch(video.source_key or "", path)
    filed = file_film(
        work.services,
        work.run.owner_id,
        work.video_id,
        path,
        cancelled=work.context.cancelled,
    )
    path.unlink(missing_ok=True)
    noted.facts["bytes"] = filed.size_bytes


def _keep_captions(work: Work, fetched: FetchedSource) -> None:
    """The page's own captions: words that are timed already, and cost nothing."""
    path = fetched.captions_path
    if path is not None:
        key = work_prefix(work.video_id) + CAPTIONS + path.suffix
        work.services.store.put(key, path, "text/plain")
