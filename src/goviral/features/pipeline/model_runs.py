"""What models were asked in a run, written down with what it cost."""

from sqlalchemy.orm import Session

from goviral.engine.llm.runs import ModelRun as Call
from goviral.features.pipeline.models import ModelRun, PipelineRun, Stage
from goviral.kit.ids import new_id
from goviral.kit.settings import LlmSettings

_MINUTE_MS = 60_000
_OF_OPENAI = "openai"


def write_calls(
    session: Session, prices: LlmSettings, run: PipelineRun, stage: Stage, calls: tuple[Call, ...]
) -> None:
    """Insert the calls of one stage of `run`."""
    for call in calls:
        session.add(_row(call, prices, run, stage))


def cost_micro_usd(call: Call, prices: LlmSettings) -> int | None:
    """Millionths of a dollar; None where no price is set or nobody says what was used.

    A dollar for a million tokens is a millionth of a dollar for one. Recognisers of this machine cost nothing.
    """
    if call.audio_ms:
        return _cost_of_listening(call, prices)
    if not call.usage.total:
        return None
    if prices.input_usd_per_million is None or prices.output_usd_per_million is None:
        return None
    asked = call.usage.input_tokens * prices.input_usd_per_million
    return round(asked + call.usage.output_tokens * prices.output_usd_per_million)


def _cost_of_listening(call: Call, prices: LlmSettings) -> int | None:
    if call.provider != _OF_OPENAI:
        return 0
    if prices.transcription_usd_per_minute is None or call.outcome != "ok":
        return None
    return round(call.audio_ms * prices.transcription_usd_per_minute * 1_000_000 / _MINUTE_MS)


def _row(call: Call, prices: LlmSettings, run: PipelineRun, stage: Stage) -> ModelRun:
    return ModelRun(
        id=new_id("mrn"),
        owner_id=run.owner_id,
        video_id=run.video_id,
        run_id=run.id,
        stage=stage.value,
        purpose=call.prompt_name,
        prompt_version=call.prompt_version,
        provider=call.provider[:255],
        model=call.model[:255],
        input_tokens=call.usage.input_tokens,
        output_tokens=call.usage.output_tokens,
        audio_ms=call.audio_ms,
        cost_micro_usd=cost_micro_usd(call, prices),
        latency_ms=call.latency_ms,
        attempts=call.attempts,
        outcome=call.outcome,
        request_id=call.request_id[:128] if call.request_id else None,
    )
