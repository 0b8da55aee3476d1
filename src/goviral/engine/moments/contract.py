"""The service's contract: what comes in as a `ProcessRequest`, what goes out as a `ServiceResult`.

Other systems call this, so names and meanings stay. Every field is read in snake_case and in camelCase;
results are written in the case that `options.output_case` asks for, and there the five judgements are
called `scorecard` or `viralScore`. Times are whole milliseconds from the start of the source.
`docs/schemas/` holds the JSON Schemas, made from here by `scripts/write_schemas.py`.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from goviral.engine.moments.moment import Category
from goviral.kit.errors import InputError

_MAX_MS = 10 * 24 * 3_600_000
_JUDGEMENTS = ("hook", "retention", "emotion", "clarity", "shareability")


class Wire(BaseModel):
    """Base of everything on the wire: both cases in, unknown fields ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )


def _text_id(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole(value: Any) -> Any:
    """Other systems count milliseconds in floats."""
    return round(value) if isinstance(value, float) and abs(value) < _MAX_MS else value


Milliseconds = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=_MAX_MS)]
Percent = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=100)]
Id = Annotated[str, BeforeValidator(_text_id), Field(min_length=1, max_length=200)]


class SentencePayload(Wire):
    """One sentence with its times."""

    id: Annotated[str | None, BeforeValidator(_text_id)] = None
    text: str
    start_ms: Milliseconds = Field(validation_alias=AliasChoices("start_ms", "startMs", "start"))
    end_ms: Milliseconds = Field(validation_alias=AliasChoices("end_ms", "endMs", "end"))
    speaker: str | None = None


class WordPayload(Wire):
    """One word with its times."""

    text: str = Field(validation_alias=AliasChoices("text", "word"))
    start_ms: Milliseconds = Field(validation_alias=AliasChoices("start_ms", "startMs", "start"))
    end_ms: Milliseconds = Field(validation_alias=AliasChoices("end_ms", "endMs", "end"))
    probability: float | None = Field(
        None, validation_alias=AliasChoices("probability", "confidence")
    )
    speaker: str | None = None


class TranscriptPayload(Wire):
    """What was said. Sentences, words, or both; with words alone the sentences are found."""

    sentences: list[SentencePayload] = []
    words: list[WordPayload] = []
    language: str | None = None


class Metadata(Wire):
    """What is known about the talk. Goes to the model as data; nothing in it is an instruction."""

    title: str | None = Field(None, max_length=500)
    language: str | None = Field(None, max_length=20)
    duration_ms: Milliseconds | None = None
    description: str | None = Field(None, max_length=5000)
    speaker_names: dict[str, str] | list[str] = []


class Webhooks(Wire):
    """Where results go: `result_url` gets completion and failure, `progress_url` what happens between."""

    result_url: str | None = Field(
        None,
        validation_alias=AliasChoices(
            "result_url",
            "resultUrl",
            "completion_url",
            "completionUrl",
            "result",
            "completion",
            "url",
        ),
    )
    progress_url: str | None = Field(
        None, validation_alias=AliasChoices("progress_url", "progressUrl", "progress")
    )


class Options(Wire):
    """What this job wants otherwise than the settings say.

    `count` None: every moment that a model proposes and that holds; 4 to 10 from the built-in ranking.
    """

    min_ms: int = Field(40_000, ge=1_000, le=600_000)
    max_ms: int = Field(90_000, ge=1_000, le=600_000)
    count: int | None = Field(None, ge=1, le=1_000)
    about: str = Field("", max_length=500)
    chunk_duration_ms: int | None = Field(None, ge=1_000)
    chunk_overlap_ms: int | None = Field(None, ge=0)
    max_concurrency: int | None = Field(None, ge=1, le=64)
    model: str | None = Field(None, max_length=200)
    temperature: float | None = Field(None, ge=0, le=2)
    max_output_tokens: int | None = Field(None, ge=64, le=100_000)
    output_case: Literal["snake", "camel"] = "snake"

    @model_validator(mode="after")
    def _ordered(self) -> "Options":
        if self.min_ms > self.max_ms:
            raise ValueError("min_ms is above max_ms")
        return self


class ProcessRequest(Wire):
    """One job. `openai_api_key` is this job's own key: used for it alone, never stored or shown."""

    job_id: Id = Field(validation_alias=AliasChoices("job_id", "jobId", "id"))
    transcript: TranscriptPayload
    metadata: Metadata = Metadata()
    webhooks: Webhooks = Webhooks()
    options: Options = Options()
    openai_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("openai_api_key", "openaiApiKey", "openAiApiKey")
    )

    @model_validator(mode="before")
    @classmethod
    def _gather_webhooks(cls, value: Any) -> Any:
        """Callers write the addresses in a group, as one string, or beside the rest."""
        if not isinstance(value, dict):
            return value
        group: Any = next((value[name] for name in _WEBHOOK_GROUPS if value.get(name)), {})
        if isinstance(group, str):
            group = {"result_url": group}
        if not isinstance(group, dict):
            return {**value, "webhooks": group}
        flat = {field: value[name] for name, field in _FLAT_WEBHOOKS.items() if value.get(name)}
        return {**value, "webhooks": {**flat, **group}}


_WEBHOOK_GROUPS = ("webhooks", "webhook", "webhook_endpoints", "webhookEndpoints")
_FLAT_WEBHOOKS = {
    "webhook_url": "result_url",
    "webhookUrl": "result_url",
    "completion_webhook_url": "result_url",
    "completionWebhookUrl": "result_url",
    "progress_webhook_url": "progress_url",
    "progressWebhookUrl": "progress_url",
}


class ScorecardPayload(Wire):
    """Five judgements and their total, 0-100 each. A bare number counts for all of them."""

    hook: Percent
    retention: Percent
    emotion: Percent
    clarity: Percent
    shareability: Percent
    total: Percent = Field(validation_alias=AliasChoices("total", "overall", "score"))

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return dict.fromkeys((*_JUDGEMENTS, "total"), value)
        if not isinstance(value, dict) or {"total", "overall", "score"} & value.keys():
            return value
        judged = [value[name] for name in _JUDGEMENTS if isinstance(value.get(name), (int, float))]
        return {**value, "total": round(sum(judged) / len(judged))} if judged else value


class ReasonPayload(Wire):
    """Why: a feature, what it says, how much it weighs, and the span of transcript it rests on."""

    feature: str
    text: str
    weight: float
    start_ms: Milliseconds | None = None
    end_ms: Milliseconds | None = None


class PlatformCopy(Wire):
    """Words for one platform, within its limits. `hashtags` without #; `title` where it has one."""

    text: str
    hashtags: list[str] = []
    title: str | None = None


class Platforms(Wire):
    """Copy for each platform."""

    twitter: PlatformCopy
    instagram_reels: PlatformCopy
    youtube_shorts: PlatformCopy
    tiktok: PlatformCopy
    linkedin: PlatformCopy


class MomentPayload(Wire):
    """A span worth clipping. `origin` says who found it, `mends` what was corrected about it."""

    start_ms: Milliseconds = Field(validation_alias=AliasChoices("start_ms", "startMs", "start"))
    end_ms: Milliseconds = Field(validation_alias=AliasChoices("end_ms", "endMs", "end"))
    duration_ms: Milliseconds
    quote: str
    hook: str
    title: str
    category: Category
    scorecard: ScorecardPayload = Field(
        validation_alias=AliasChoices("scorecard", "viralScore", "viral_score"),
        serialization_alias="viralScore",
    )
    reasons: list[ReasonPayload] = []
    platforms: Platforms
    speaker: str | None = None
    origin: str = "ranking"
    mends: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _with_duration(cls, value: Any) -> Any:
        if not isinstance(value, dict) or {"duration_ms", "durationMs"} & value.keys():
            return value
        ends = [
            next((value[name] for name in names if isinstance(value.get(name), (int, float))), None)
            for names in (("start_ms", "startMs", "start"), ("end_ms", "endMs", "end"))
        ]
        if ends[0] is None or ends[1] is None:
            return value
        return {**value, "duration_ms": ends[1] - ends[0]}


class DroppedPayload(Wire):
    """A proposal that did not become a moment, and why."""

    chunk: int | None
    start_ms: int
    end_ms: int
    reason: str


class ModelRunPayload(Wire):
    """One call to a model. `outcome` is "ok" or an error's code."""

    model: str
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    latency_ms: int
    input_tokens: int
    output_tokens: int
    attempts: int
    outcome: str


class TokenUse(Wire):
    """Tokens of the whole job, and of an hour of its talk."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    tokens_per_hour: int = 0


class DeliveryPayload(Wire):
    """One webhook delivery. `status` is the receiver's last HTTP status, None where none came."""

    event: str
    delivered: bool
    attempts: int
    status: int | None = None
    error: str | None = None


class Timings(Wire):
    """Where the time went, in milliseconds of wall clock."""

    total_ms: int
    proposals_ms: int
    assembly_ms: int


class ResultMetadata(Wire):
    """How the result came about. The three last fields are filled by the serverless worker."""

    model_config = ConfigDict(protected_namespaces=())

    moments_before_dedup: int
    moments_after_dedup: int
    timings: Timings
    model_runs: list[ModelRunPayload] = []
    token_use: TokenUse = TokenUse()
    dropped: list[DroppedPayload] = []
    notes: list[str] = []
    webhooks: list[DeliveryPayload] = []
    handler_time_seconds: float | None = None
    runpod_job_id: str | None = None
    gpu_used: bool | None = None


class ServiceResult(Wire):
    """Moments, best first."""

    job_id: str
    status: Literal["completed"] = "completed"
    total_chunks: int
    moments: list[MomentPayload]
    metadata: ResultMetadata

    def to_json(self, case: Literal["snake", "camel"] = "snake") -> dict[str, Any]:
        """Plain values, ready for `json.dumps`, in the case the job asked for."""
        return self.model_dump(mode="json", by_alias=case == "camel")


def parse_request(payload: Any) -> ProcessRequest:
    """Raises `InputError` that names the first fields that do not fit."""
    try:
        return ProcessRequest.model_validate(payload)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        said = "; ".join(f"{_place(fault['loc'])}: {fault['msg']}" for fault in faults[:3])
        raise InputError(
            f"The request does not fit the contract: {said}.",
            remedy="See docs/schemas/process_request.json.",
        ) from None


def scorecard_to_viral_score(card: ScorecardPayload) -> dict[str, int]:
    """The five judgements and their total as camelCase callers know them."""
    return card.model_dump(by_alias=True)


def viral_score_to_scorecard(viral_score: Any) -> ScorecardPayload:
    """The reverse; also reads a bare number. Raises `InputError`."""
    try:
        return ScorecardPayload.model_validate(viral_score)
    except ValidationError:
        raise InputError("A viral score is five judgements from 0 to 100, or one number.") from None


def _place(location: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in location) or "request"
