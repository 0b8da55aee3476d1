"""Every clip of the run gets its thumbnails, and is shown with the first of them."""

from goviral.features.library.models import Clip, ClipState
from goviral.features.library.thumbnails import make_and_keep
from goviral.features.pipeline.recorder import Noted
from goviral.features.pipeline.work import Work
from goviral.kit.errors import InputError, ProcessError


def take_stills(work: Work, noted: Noted) -> None:
    """A clip whose thumbnails fail keeps its film; what was wrong is in the log."""
    clips = _without_stills(work)
    failed = 0
    with work.film() as film:
        for clip in clips:
            work.context.check()
            folder = work.folder / f"{clip.id}-stills"
            folder.mkdir(exist_ok=True)
            try:
                ids = make_and_keep(work.services, clip, film, folder, mark=clip.id)
            except (InputError, ProcessError) as error:
                failed += 1
                work.context.log(f"no thumbnails of {clip.id}: {error}")
                continue
            _show_with(work, clip, ids)
    noted.facts |= {"clips": len(clips) - failed, "failed": failed}
    if not clips:
        noted.skip("all thumbnails are there")


def _without_stills(work: Work) -> list[Clip]:
    chosen = work.wishes.moment_ids
    with work.library() as (_, library):
        return [
            clip
            for clip in library.clips.of_video(work.video_id)
            if clip.state == ClipState.READY
            and clip.thumbnail_id is None
            and (chosen is None or clip.moment_id in chosen)
        ]


def _show_with(work: Work, clip: Clip, thumbnail_ids: list[str]) -> None:
    with work.library() as (_, library):
        row = library.clips.find(clip.id)
        if row is not None and row.thumbnail_id is None and thumbnail_ids:
            row.thumbnail_id = thumbnail_ids[0]
