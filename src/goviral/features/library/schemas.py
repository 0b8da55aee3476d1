"""What the library's routes take and give."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from goviral.engine.clips.plans.word_faults import LONGEST_TITLE

T = TypeVar("T")
Ratio = Literal["9:16", "1:1", "4:5", "16:9"]
Title = Annotated[str, StringConstraints(max_length=LONGEST_TITLE, pattern=r"^[^\x00]*$")]


class Out(BaseModel):
    """A row as it is shown."""

    model_config = ConfigDict(from_attributes=True)


class Listed(Out, Generic[T]):
    """A page of a list, newest first."""

    items: list[T]
    next_cursor: str | None = None


class VideoSource(BaseModel):
    """Where a video came from: one of the three."""

    url: str | None = None
    upload_id: str | None = None
    key: str | None = None


class NewVideo(BaseModel):
    """A film to work with: exactly one of `url`, `upload_id` and `key`."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, max_length=4000, description="Address of a page or media file.")
    upload_id: str | None = Field(None, max_length=64, description="A finished upload.")
    key: str | None = Field(
        None, max_length=512, description="A file in the store, below incoming/<your owner id>/."
    )
    title: str = Field("", max_length=500)
    language: str | None = Field(None, max_length=16, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")


class VideoOut(Out):
    """A video."""

    id: str
    owner_id: str
    title: str
    state: str
    source: VideoSource
    duration_ms: int | None
    width: int | None
    height: int | None
    size_bytes: int
    content_type: str
    sha256: str | None
    language: str | None
    facts: dict[str, Any]
    error_code: str | None
    error_message: str | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Removed(Out):
    """What a deletion took away."""

    subject: str = Field(description="The video or clip that was deleted.")
    records: dict[str, int] = Field(description="Rows by kind.")
    jobs_cancelled: int
    files: int
    bytes: int
    temporary_folders: int


class TranscriptOut(Out):
    """A transcript: what is known of it, and its document."""

    id: str
    video_id: str
    engine: str
    language: str
    duration_ms: int
    sentence_count: int
    word_count: int
    created_at: datetime
    document: dict[str, Any] = Field(description="Sentences and words with times in milliseconds.")


class MomentOut(Out):
    """A span worth clipping."""

    id: str
    video_id: str
    state: str
    rank: int
    start_ms: int
    end_ms: int
    score: int
    scorecard: dict[str, Any]
    title: str
    hook: str
    quote: str
    category: str
    speaker: str | None
    origin: str
    reasons: list[Any]
    platforms: dict[str, Any]
    removals: list[Any]
    history: list[Any]
    version: int
    created_at: datetime
    updated_at: datetime


class ClipOut(Out):
    """A clip; its plan is asked for by itself."""

    id: str
    video_id: str
    moment_id: str | None
    state: str
    title: str
    version: int
    rendered_version: int | None
    output_path: str | None
    size_bytes: int
    sha256: str | None
    duration_ms: int | None
    width: int | None
    height: int | None
    thumbnail_id: str | None
    error_code: str | None
    error_message: str | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


class PlanOut(Out):
    """A clip's plan, and which edit of it this is."""

    version: int
    plan: dict[str, Any]


class LinkQuery(BaseModel):
    """What a signed link carries."""

    signature: str | None = Field(None, max_length=128)
    expires: int = Field(0, ge=0, le=10**11)
    filename: str = Field("", max_length=300)


class SignedUrl(BaseModel):
    """A link to a file, and until when it works."""

    url: str
    expires_at: datetime


class NewThumbnail(BaseModel):
    """Wishes for thumbnails of a clip."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = Field(None, description="Words on it; unset: the clip's own title.")
    aspect_ratio: Ratio | None = Field(None, description="Shape; unset: one each of 9:16 and 16:9.")
    style: str | None = Field(None, max_length=64, description="One of the styles; unset: several.")


class OrderedThumbnails(BaseModel):
    """Thumbnails that are being made."""

    job_id: str
    clip_id: str
    state: str


class ThumbnailOut(Out):
    """A still that sells a clip."""

    id: str
    clip_id: str
    style: str
    title: str
    aspect_ratio: str
    width: int
    height: int
    size_bytes: int
    url: str
    is_chosen: bool
    created_at: datetime


class ThumbnailList(BaseModel):
    """All thumbnails of a clip, in the order they were made."""

    items: list[ThumbnailOut]


class StyleOut(BaseModel):
    """A look of thumbnails."""

    name: str
    label: str
    description: str


class StyleList(BaseModel):
    """The looks there are."""

    items: list[StyleOut]


class ChosenThumbnail(BaseModel):
    """The thumbnail a clip shall be shown with."""

    model_config = ConfigDict(extra="forbid")

    clip_id: str = Field(max_length=64)
    thumbnail_id: str = Field(max_length=64)


class NewUpload(BaseModel):
    """A file that is to be sent."""

    model_config = ConfigDict(extra="forbid")

    size_bytes: int = Field(ge=1, le=10**14)
    filename: str = Field("", max_length=255)
    content_type: str = Field("", max_length=100)
    sha256: str | None = Field(
        None,
        pattern="^[0-9A-Fa-f]{64}$",
        description="Of the whole file: where it is here already, nothing need be sent.",
    )
    way: Literal["auto", "tus"] = Field(
        "auto", description="`tus`: through the service even where the bucket could take it."
    )


class UploadOut(Out):
    """An upload."""

    id: str
    state: str
    way: str
    filename: str
    content_type: str
    size_bytes: int
    offset: int
    sha256: str | None
    duplicate_of: str | None
    video_id: str | None = Field(description="The video made of it, once there is one.")
    tus_url: str | None = Field(description="Where to send bytes by tus, where that is the way.")
    facts: dict[str, Any]
    error_code: str | None
    error_message: str | None
    expires_at: datetime
    created_at: datetime
    updated_at: datetime


class UploadBegun(BaseModel):
    """`duplicate`: the same bytes are here, send nothing and use this upload's id."""

    status: Literal["created", "duplicate"]
    upload: UploadOut


class WantedParts(BaseModel):
    """Parts whose addresses are wanted."""

    model_config = ConfigDict(extra="forbid")

    numbers: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(min_length=1, max_length=1000)


class PartAddress(BaseModel):
    """Where to PUT one part."""

    number: int
    url: str


class PartAddresses(BaseModel):
    """Where to PUT parts. `session`: one address for all bytes (Google's resumable upload)."""

    kind: Literal["parts", "session"]
    part_size_bytes: int
    part_count: int
    parts: list[PartAddress]


class SentPart(BaseModel):
    """A part that lies in the bucket."""

    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1, le=10_000)
    etag: str = Field(min_length=1, max_length=200, description="As the bucket answered.")


class SentParts(BaseModel):
    """All parts of an upload; empty for a session."""

    model_config = ConfigDict(extra="forbid")

    parts: list[SentPart] = Field(default_factory=list, max_length=10_000)
