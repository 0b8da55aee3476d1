"""Clips and their thumbnails over HTTP."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from fastapi.responses import RedirectResponse

from goviral.engine.clips.thumbnails.packs.packs import STYLES
from goviral.features.accounts.deps import (
    Looking,
    Paged,
    Reading,
    Router,
    Wired,
    Writing,
    require,
)
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.refusals import refuses
from goviral.features.accounts.services import Services
from goviral.features.library.deletion import Gone
from goviral.features.library.deletion import delete_clip as delete_with_files
from goviral.features.library.errors import NotReadyError
from goviral.features.library.library import Library
from goviral.features.library.models import Clip, ClipState, Thumbnail
from goviral.features.library.retention import keep
from goviral.features.library.schemas import (
    ChosenThumbnail,
    ClipOut,
    Listed,
    NewThumbnail,
    OrderedThumbnails,
    PlanOut,
    Removed,
    SignedUrl,
    StyleList,
    StyleOut,
    ThumbnailList,
    ThumbnailOut,
)
from goviral.features.library.thumbnails import order_thumbnails
from goviral.features.library.views import CLIPS
from goviral.kit.db.view import Columns
from goviral.kit.errors import NotFoundError
from goviral.kit.paging import Page
from goviral.kit.slug import slug

router = Router(tags=["clips"])

Reader = Annotated[Principal, Depends(require("clips:read"))]
Writer = Annotated[Principal, Depends(require("clips:write"))]
ClipId = Annotated[str, Path(max_length=64)]
_LONGEST_LINK_S = 604_800


@router.get("/clips", response_model=Listed[ClipOut])
def list_clips(
    looking: Looking,
    by: Reader,
    paging: Paged,
    video_id: Annotated[str | None, Query(max_length=64)] = None,
    moment_id: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[ClipState | None, Query()] = None,
) -> Page[Columns]:
    """One's clips, newest first."""
    wanted = ((Clip.video_id, video_id), (Clip.moment_id, moment_id), (Clip.state, state))
    where = [column == value for column, value in wanted if value is not None]
    return CLIPS.page(looking, by.owner_id, *where, cursor=paging.cursor, limit=paging.limit)


@router.get("/clips/{clip_id}", response_model=ClipOut)
def show_clip(clip_id: ClipId, looking: Looking, by: Reader) -> Columns:
    """One clip."""
    return CLIPS.get(looking, by.owner_id, clip_id)


@router.get("/clips/{clip_id}/plan", response_model=PlanOut)
def show_plan(clip_id: ClipId, session: Reading, by: Reader) -> Clip:
    """All that decides how a clip looks and sounds."""
    return Library(session, by.owner_id).clips.get(clip_id)


@router.delete("/clips/{clip_id}", response_model=Removed)
def delete_clip(clip_id: ClipId, by: Writer, wired: Wired) -> Gone:
    """Delete a clip and its thumbnails; its moment stays. Says what went."""
    return delete_with_files(wired, by, by.owner_id, clip_id)


@router.post("/clips/{clip_id}/keep", response_model=ClipOut)
def keep_clip(clip_id: ClipId, session: Writing, by: Writer, wired: Wired) -> Clip:
    """Start the time a clip is kept anew; a warning of its deletion is taken back."""
    clip = Library(session, by.owner_id).clips.get(clip_id)
    keep(session, clip, wired.clock())
    return clip


@router.get(
    "/clips/{moment_id}/stream",
    status_code=307,
    response_class=RedirectResponse,
    responses=refuses(409),
)
def stream_clip(
    moment_id: Annotated[str, Path(max_length=64, description="Of a moment, or of a clip.")],
    session: Reading,
    by: Reader,
    wired: Wired,
) -> RedirectResponse:
    """Where to watch a moment's newest clip: a link that works for a while, byte ranges and all."""
    library = Library(session, by.owner_id)
    clip = library.clips.find(moment_id) or library.clips.shown_for(moment_id)
    if clip is None:
        library.moments.get(moment_id)
        raise NotFoundError("There is no clip of this moment yet.", remedy="Render it first.")
    url = wired.store.sign(_key_of(clip), wired.settings.storage.link_ttl_s)
    return RedirectResponse(url, 307, {"cache-control": "no-store"})


@router.get("/clips/{clip_id}/signed_url", response_model=SignedUrl, responses=refuses(409))
def sign_clip(
    clip_id: ClipId,
    session: Reading,
    by: Reader,
    wired: Wired,
    ttl_s: Annotated[
        int | None, Query(ge=1, le=_LONGEST_LINK_S, description="Seconds; unset: the setting's.")
    ] = None,
    download: Annotated[bool, Query(description="Save it under the clip's title.")] = False,
) -> SignedUrl:
    """A link to a clip that works without credentials, for a while."""
    clip = Library(session, by.owner_id).clips.get(clip_id)
    seconds = ttl_s or wired.settings.storage.link_ttl_s
    filename = f"{slug(clip.title, clip.id)}.mp4" if download else None
    url = wired.store.sign(_key_of(clip), seconds, filename=filename)
    return SignedUrl(url=url, expires_at=wired.clock() + timedelta(seconds=seconds))


@router.post("/clips/{clip_id}/thumbnail", status_code=202, response_model=OrderedThumbnails)
def make_thumbnail(
    clip_id: ClipId, wanted: NewThumbnail, session: Writing, by: Writer, wired: Wired
) -> OrderedThumbnails:
    """Have thumbnails made: two variants, or one of the wished style. Look for them in the list."""
    clip = Library(session, by.owner_id).clips.get(clip_id)
    job = order_thumbnails(wired, session, clip, wanted)
    return OrderedThumbnails(job_id=job.id, clip_id=clip.id, state=job.state)


@router.get("/clips/{clip_id}/thumbnails", response_model=ThumbnailList)
def list_thumbnails(clip_id: ClipId, session: Reading, by: Reader, wired: Wired) -> Any:
    """All thumbnails of a clip, each with a link that works for a while."""
    library = Library(session, by.owner_id)
    clip = library.clips.get(clip_id)
    return {"items": [_shown(wired, clip, row) for row in library.thumbnails.of_clip(clip.id)]}


@router.get("/thumbnails/styles", response_model=StyleList)
def list_styles(_by: Reader) -> StyleList:
    """The looks thumbnails can have."""
    return StyleList(
        items=[
            StyleOut(name=pack.name, label=pack.label, description=pack.description)
            for pack in STYLES.values()
        ]
    )


@router.post("/thumbnails/set", response_model=ThumbnailOut, responses=refuses(404))
def choose_thumbnail(
    chosen: ChosenThumbnail, session: Writing, by: Writer, wired: Wired
) -> dict[str, Any]:
    """Choose the thumbnail a clip is shown with."""
    library = Library(session, by.owner_id)
    clip = library.clips.get(chosen.clip_id)
    thumbnail = library.thumbnails.get(chosen.thumbnail_id)
    if thumbnail.clip_id != clip.id:
        raise NotFoundError(f"The clip has no thumbnail {thumbnail.id}.", remedy="Check the id.")
    clip.thumbnail_id = thumbnail.id
    return _shown(wired, clip, thumbnail)


def _key_of(clip: Clip) -> str:
    if clip.key is None:
        raise NotReadyError("This clip is not rendered yet.", remedy="Wait until it is ready.")
    return clip.key


def _shown(wired: Services, clip: Clip, thumbnail: Thumbnail) -> dict[str, Any]:
    row = {column.key: getattr(thumbnail, column.key) for column in thumbnail.__table__.columns}
    url = wired.store.sign(thumbnail.key, wired.settings.storage.link_ttl_s)
    return {**row, "url": url, "is_chosen": clip.thumbnail_id == thumbnail.id}
