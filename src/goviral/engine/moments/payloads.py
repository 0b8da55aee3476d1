"""Between the contract and the engine's own values. Pure."""

from dataclasses import asdict
from typing import Any

from goviral.engine.llm.runs import ModelRun, RunLog
from goviral.engine.moments.contract import (
    Metadata,
    ModelRunPayload,
    MomentPayload,
    Options,
    ProcessRequest,
    TokenUse,
    TranscriptPayload,
)
from goviral.engine.moments.moment import Moment, Reason, Wishes
from goviral.engine.moments.platforms import Words, copy_for_platforms
from goviral.engine.moments.prompts import Talk
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.engine.transcripts.languages import UNKNOWN, detect_language, language_code
from goviral.engine.transcripts.settling import is_settled

_HOUR_MS = 3_600_000


def transcript_of(payload: TranscriptPayload, metadata: Metadata) -> Transcript:
    """The transcript of a request; what had to be mended is in its `warnings`.

    Raises `InputError` when there is no text, or no times that mean anything.
    """
    language = _language(payload, metadata)
    settled = _settled(payload, language)
    if settled is not None:
        return settled
    return build_transcript(
        sentences=[Cue(s.text, s.start_ms, s.end_ms, s.speaker) for s in payload.sentences],
        words=[Cue(w.text, w.start_ms, w.end_ms, w.speaker, w.probability) for w in payload.words],
        language=language,
        engine="request",
        keep_sentences=True,
    )


def _settled(payload: TranscriptPayload, language: str) -> Transcript | None:
    """The transcript as it was sent, where nothing in it has to be mended: a fifth of the time."""
    sentences = tuple(
        Sentence(number, s.text, s.start_ms, s.end_ms, s.speaker)
        for number, s in enumerate(payload.sentences)
    )
    words = tuple(
        Word(w.text, w.start_ms, w.end_ms, w.probability, w.speaker) for w in payload.words
    )
    if not is_settled(sentences, words):
        return None
    return Transcript(sentences, words, language, "request")


def wishes_of(options: Options, language: str) -> Wishes:
    """What a request wants of moments."""
    return Wishes(options.count, options.min_ms, options.max_ms, options.about, language=language)


def talk_of(metadata: Metadata) -> Talk:
    """What a request says about its talk; a list of names belongs to speakers who go by them."""
    names = metadata.speaker_names
    known = names if isinstance(names, dict) else {name: name for name in names}
    return Talk(metadata.title or "", metadata.description or "", known)


def moment_payload(moment: Moment) -> MomentPayload:
    """A moment as the contract has it; one without copy for platforms gets it from templates."""
    words = Words(moment.title, moment.hook, moment.quote)
    values = {
        "start_ms": moment.span.start_ms,
        "end_ms": moment.span.end_ms,
        "duration_ms": moment.span.duration_ms,
        "quote": moment.quote,
        "hook": moment.hook,
        "title": moment.title,
        "category": moment.category,
        "scorecard": asdict(moment.scorecard),
        "reasons": [_reason(reason) for reason in moment.reasons],
        "platforms": moment.platforms or copy_for_platforms(words),
        "speaker": moment.speaker,
        "origin": moment.origin,
        "mends": list(moment.mends),
    }
    return MomentPayload.model_validate(values)


def run_payload(run: ModelRun) -> ModelRunPayload:
    """A call to a model as the contract has it."""
    return ModelRunPayload(
        model=run.model,
        prompt_name=run.prompt_name,
        prompt_version=run.prompt_version,
        prompt_hash=run.prompt_hash,
        latency_ms=run.latency_ms,
        input_tokens=run.usage.input_tokens,
        output_tokens=run.usage.output_tokens,
        attempts=run.attempts,
        outcome=run.outcome,
    )


def token_use(log: RunLog, duration_ms: int) -> TokenUse:
    """Tokens of a job, and what an hour of its talk costs."""
    usage = log.usage
    return TokenUse(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total,
        tokens_per_hour=round(usage.total * _HOUR_MS / max(1, duration_ms)),
    )


def webhook_addresses(payload: Any) -> ProcessRequest | None:
    """Of a request that does not fit: who asked and where to say so, if that much can be read."""
    if not isinstance(payload, dict):
        return None
    try:
        bare = {k: v for k, v in payload.items() if k not in ("transcript", "options", "metadata")}
        return ProcessRequest.model_validate({**bare, "transcript": {}})
    except ValueError:
        return None


def _language(payload: TranscriptPayload, metadata: Metadata) -> str:
    for named in (payload.language, metadata.language):
        code = language_code(named or "")
        if code:
            return code
    spoken = payload.sentences or payload.words
    return detect_language(" ".join(part.text for part in spoken[:200])) or UNKNOWN


def _reason(reason: Reason) -> dict[str, object]:
    return {
        "feature": reason.feature,
        "text": reason.text,
        "weight": reason.weight,
        "start_ms": reason.span.start_ms if reason.span else None,
        "end_ms": reason.span.end_ms if reason.span else None,
    }
