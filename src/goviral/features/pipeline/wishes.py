"""What a caller wants of a run: checked at the edge, kept with the run, given to the engine."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from goviral.engine.clips.pace.pace import PaceWishes
from goviral.engine.clips.planning.planner import ClipWishes
from goviral.engine.clips.plans.plan import Platform
from goviral.engine.moments.moment import Wishes
from goviral.engine.studio.wishes import TranscriptWishes
from goviral.features.pipeline.models import Stage

Aspect = Literal["9:16", "1:1", "4:5", "16:9"]
Layout = Literal["auto", "follow", "split", "screen", "fit"]
PlatformName = Literal["any", "tiktok", "reels", "shorts"]
_Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
_Id = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
_Style = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
_Code = Annotated[str, StringConstraints(max_length=16, pattern=r"^[A-Za-z-]+$")]


class ClipOptions(BaseModel):
    """How clips shall look."""

    aspect: Aspect = "9:16"
    layout: Layout = "auto"
    platform: PlatformName = Field(
        "any", description="Whose buttons words keep clear of in 9:16 clips."
    )
    captions: _Style = Field("punch", description="A caption style, or `none`.")
    tighten: bool = Field(False, description="Take out long silences and filler words.")

    def for_engine(self) -> ClipWishes:
        """The engine's wishes. Stills with words are the thumbnail stage's."""
        return ClipWishes(
            aspect=self.aspect,
            layout=self.layout,
            platform=Platform(self.platform),
            captions=None if self.captions == "none" else self.captions,
            pace=PaceWishes(tighten=self.tighten),
        )


class MomentOptions(BaseModel):
    """Which moments shall be found."""

    count: int | None = Field(None, ge=1, le=50, description="Unset: 4 to 10 by length.")
    min_ms: int = Field(40_000, ge=1_000, le=600_000)
    max_ms: int = Field(90_000, ge=1_000, le=600_000)
    about: _Text = Field("", description="What they shall be about.")

    @model_validator(mode="after")
    def _in_order(self) -> "MomentOptions":
        if self.min_ms > self.max_ms:
            raise ValueError("min_ms is above max_ms")
        return self

    def for_engine(self, language: str | None) -> Wishes:
        """The engine's wishes."""
        return Wishes(self.count, self.min_ms, self.max_ms, self.about, language=language or None)


class RunWishes(BaseModel):
    """Everything a run was asked for."""

    until: Stage = Field(Stage.THUMBNAILS, description="The last stage of the run.")
    language: _Code | None = None
    engine: Literal["auto", "faster-whisper", "openai", "pocketsphinx", "speech-only"] = "auto"
    moments: MomentOptions = Field(default_factory=MomentOptions)
    clips: ClipOptions = Field(default_factory=ClipOptions)
    moment_ids: list[_Id] | None = Field(
        None, max_length=50, description="Only these are rendered; unset: all that were found."
    )
    choose_again: bool = Field(
        False, description="Find moments anew; those that nobody selected are replaced."
    )

    def for_transcript(self, language: str | None) -> TranscriptWishes:
        """How it shall be listened to."""
        return TranscriptWishes(engine=self.engine, language=self.language or language)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the run, in order."""
        every = tuple(Stage)
        return every[: every.index(self.until) + 1]
