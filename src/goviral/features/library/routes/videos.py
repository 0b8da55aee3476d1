"""Videos over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Response
from fastapi.responses import PlainTextResponse

from goviral.engine.transcripts.formats import dump
from goviral.engine.transcripts.formats.json import as_plain
from goviral.features.accounts.deps import (
    Looking,
    Paged,
    Reading,
    Router,
    Wired,
    Writing,
    not_by_link,
    require,
)
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.refusals import refuses
from goviral.features.library.deletion import Gone
from goviral.features.library.deletion import delete_video as delete_everything
from goviral.features.library.library import Library
from goviral.features.library.models import Clip, Moment, TranscriptRecord, Video, VideoState
from goviral.features.library.retention import keep
from goviral.features.library.schemas import (
    ClipOut,
    Listed,
    MomentOut,
    NewVideo,
    Removed,
    TranscriptOut,
    VideoOut,
)
from goviral.features.library.transcripts import open_transcript
from goviral.features.library.videos import check_source, create_video
from goviral.features.library.views import CLIPS, VIDEOS, shown_video
from goviral.kit.db.view import Columns
from goviral.kit.errors import NotFoundError
from goviral.kit.paging import Page

router = Router(tags=["videos"])
founding_router = Router()

Reader = Annotated[Principal, Depends(require("videos:read"))]
Writer = Annotated[Principal, Depends(require("videos:write"))]
ClipReader = Annotated[Principal, Depends(require("clips:read"))]
VideoId = Annotated[str, Path(max_length=64)]


@router.get("/videos", response_model=Listed[VideoOut])
def list_videos(
    looking: Looking,
    by: Reader,
    paging: Paged,
    state: Annotated[VideoState | None, Query(description="Only those so far.")] = None,
    title: Annotated[str | None, Query(max_length=100, description="Part of the title.")] = None,
) -> Page[Columns]:
    """One's videos, newest first."""
    where = [] if state is None else [Video.state == state.value]
    if title:
        where.append(Video.title.icontains(title, autoescape=True))
    page = VIDEOS.page(looking, by.owner_id, *where, cursor=paging.cursor, limit=paging.limit)
    return Page([shown_video(video) for video in page.items], page.next_cursor)


@router.post(
    "/videos",
    status_code=201,
    response_model=VideoOut,
    responses=refuses(404)
    | {200: {"model": VideoOut, "description": "The upload is a video already."}},
)
def add_video(
    wanted: NewVideo, session: Writing, by: Writer, wired: Wired, response: Response
) -> Columns:
    """Bring a video in by address, upload or stored key. 200 where the upload is a video already.

    An address is not opened yet, only judged: that is the pipeline's first stage.
    """
    stored_size = check_source(wired, by.owner_id, wanted)
    video, is_new = create_video(wired, session, by, wanted, stored_size)
    if not is_new:
        response.status_code = 200
    return shown_video(video)


@router.get("/videos/{video_id}", response_model=VideoOut)
def show_video(video_id: VideoId, looking: Looking, by: Reader) -> Columns:
    """One video."""
    return shown_video(VIDEOS.get(looking, by.owner_id, video_id))


@router.delete("/videos/{video_id}", response_model=Removed)
@not_by_link
def delete_video(video_id: VideoId, by: Writer, wired: Wired) -> Gone:
    """Delete a video and all that was made of it: files, records, running work. Says what went."""
    return delete_everything(wired, by, by.owner_id, video_id)


@founding_router.delete("/videos", response_model=Removed)
@not_by_link
def delete_named_video(
    by: Writer, wired: Wired, video_id: Annotated[str, Query(alias="id", max_length=64)]
) -> Gone:
    """The same, the id in the query."""
    return delete_everything(wired, by, by.owner_id, video_id)


@router.post("/videos/{video_id}/keep", response_model=VideoOut)
@not_by_link
def keep_video(video_id: VideoId, session: Writing, by: Writer, wired: Wired) -> Video:
    """Start the time a film is kept anew; a warning of its deletion is taken back."""
    video = Library(session, by.owner_id).videos.get(video_id)
    keep(session, video, wired.clock())
    return video


@router.get("/videos/{video_id}/transcript", response_model=TranscriptOut)
def show_transcript(
    video_id: VideoId,
    by: Reader,
    wired: Wired,
    form: Annotated[
        Literal["json", "srt", "vtt"], Query(alias="format", description="srt and vtt: as text.")
    ] = "json",
) -> Any:
    """What is said in a video, with times; 404 while nobody has listened to it."""
    with wired.database.reading() as session:
        record = _transcript_of(Library(session, by.owner_id), video_id)
    transcript = open_transcript(wired.store, record)
    if form != "json":
        return PlainTextResponse(dump(transcript, form))
    return {**_columns(record), "document": as_plain(transcript)}


@router.get("/videos/{video_id}/moments", response_model=Listed[MomentOut])
def list_moments(video_id: VideoId, session: Reading, by: Reader) -> Page[Moment]:
    """The moments of a video, best first, all of them."""
    library = Library(session, by.owner_id)
    return Page(library.moments.of_video(library.videos.get(video_id).id))


@router.get("/videos/{video_id}/clips", response_model=Listed[ClipOut])
def list_clips_of_video(
    video_id: VideoId, looking: Looking, by: ClipReader, paging: Paged
) -> Page[Columns]:
    """The clips of a video, newest first."""
    mine = Clip.video_id == VIDEOS.get(looking, by.owner_id, video_id)["id"]
    return CLIPS.page(looking, by.owner_id, mine, cursor=paging.cursor, limit=paging.limit)


def _transcript_of(library: Library, video_id: str) -> TranscriptRecord:
    record = library.transcripts.of_video(library.videos.get(video_id).id)
    if record is None:
        raise NotFoundError(
            f"The video {video_id} has no transcript yet.", remedy="Start its pipeline."
        )
    return record


def _columns(record: TranscriptRecord) -> dict[str, Any]:
    return {column.key: getattr(record, column.key) for column in record.__table__.columns}
