"""What goes in and out of the pipeline routes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from goviral.features.library.schemas import ClipOut, Listed, MomentOut, Title
from goviral.features.pipeline.wishes import (
    ClipOptions,
    MomentOptions,
    RunWishes,
)

Id = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
_Wish = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
_Ms = Annotated[int, Field(ge=0, le=1_000 * 3_600_000)]
_Limit = Annotated[int, Field(ge=1_000, le=600_000)] | None


class Started(RunWishes):
    """A run of a video, and what is wished of it."""

    video_id: Id


class Generated(MomentOptions):
    """Which moments shall be found."""

    choose_again: bool = Field(True, description="Replace those nobody touched.")


class Rendered(ClipOptions):
    """Which moments shall be made clips, and how."""

    moment_ids: list[Id] = Field(min_length=1, max_length=50)


class Refinement(BaseModel):
    """New bounds: in words, or as times."""

    instruction: _Wish | None = Field(
        None, description="E.g. `start 5 seconds earlier, drop the aside`."
    )
    start_ms: _Ms | None = None
    end_ms: _Ms | None = None
    min_ms: _Limit = Field(None, description="Unset: as when the moments were found.")
    max_ms: _Limit = Field(None, description="Unset: as when the moments were found.")

    @model_validator(mode="after")
    def _something(self) -> "Refinement":
        if self.instruction is None and self.start_ms is None and self.end_ms is None:
            raise ValueError("give instruction, start_ms or end_ms")
        if self.min_ms and self.max_ms and self.min_ms > self.max_ms:
            raise ValueError("min_ms is above max_ms")
        return self


class RefinedOut(MomentOut):
    """The moment as it is now, and what was understood."""

    understood: list[str]


class MomentChange(BaseModel):
    """What somebody decides about a moment."""

    state: Literal["proposed", "selected", "rejected"] | None = None
    title: Title | None = None


class PlanChange(BaseModel):
    """A clip's plan, edited. `version` is the edit it was made from."""

    version: int = Field(ge=1)
    plan: dict[str, Any]
    render: bool = Field(True, description="Make the clip anew at once.")


class EditedOut(BaseModel):
    """The clip after an edit; `job_id` where it is being made anew."""

    clip: ClipOut
    job_id: str | None


class StageOut(BaseModel):
    """One stage of a run."""

    model_config = ConfigDict(from_attributes=True)

    stage: str
    state: str
    progress: float = Field(description="0 to 1, of this stage alone.")
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    facts: dict[str, Any]
    error_code: str | None
    error_message: str | None
    log: str


class RunOut(BaseModel):
    """A run: where it is, and its history."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    video_id: str
    job_id: str | None
    state: str
    stage: str | None
    progress: float
    wishes: dict[str, Any]
    error_code: str | None
    error_message: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    stages: list[StageOut]


class ModelRunOut(BaseModel):
    """One call to a model. `outcome` is `ok` or an error's code."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    run_id: str
    stage: str
    purpose: str = Field(description="The question's name; `transcribe` for a recogniser.")
    prompt_version: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    audio_ms: int
    cost_micro_usd: int | None = Field(
        description="Millionths of a US dollar by the prices set; null: not known."
    )
    latency_ms: int
    attempts: int
    outcome: str
    created_at: datetime


class SpentOut(BaseModel):
    """Sums over all calls about a video; `unpriced` calls are not in `cost_micro_usd`."""

    model_config = ConfigDict(from_attributes=True)

    runs: int
    input_tokens: int
    output_tokens: int
    audio_ms: int
    cost_micro_usd: int
    unpriced: int


class ModelRunsOut(Listed[ModelRunOut]):
    """A page of calls, newest first, and what all of them came to."""

    totals: SpentOut


class ExtractionOut(BaseModel):
    """How far the clips of a video are."""

    video_id: str
    state: str
    run_id: str | None
    progress: float
    total: int
    planned: int
    rendering: int
    ready: int
    failed: int
    clips: list[ClipOut]
