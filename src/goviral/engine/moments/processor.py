"""One job from request to result: chunks side by side, doubles dropped, everybody told."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import Any

from typing_extensions import override

from goviral.engine.llm.client import LlmClient
from goviral.engine.llm.clients import find_client
from goviral.engine.llm.runs import RunLog
from goviral.engine.moments.chunking import Chunk, ChunkRule, chunk_transcript
from goviral.engine.moments.contract import (
    DeliveryPayload,
    DroppedPayload,
    ProcessRequest,
    ResultMetadata,
    ServiceResult,
    Timings,
)
from goviral.engine.moments.dedup import drop_doubles
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.moments.payloads import (
    moment_payload,
    run_payload,
    talk_of,
    token_use,
    transcript_of,
    wishes_of,
)
from goviral.engine.moments.proposals import (
    ChunkProposals,
    ProposalRule,
    Watching,
    propose,
    rule_of,
)
from goviral.engine.moments.validation import Dropped
from goviral.engine.moments.webhooks import JobWebhooks, Sender, progress_url, senders
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import AppError
from goviral.kit.settings import Settings

Listener = Callable[[str, Mapping[str, Any]], None]
FindClient = Callable[[Settings, str | None], LlmClient | None]


@dataclass(frozen=True)
class Services:
    """What a processor works with. `client` makes the model of a job from settings and its own key."""

    settings: Settings
    client: FindClient = find_client
    result_sender: Sender | None = None
    progress_sender: Sender | None = None

    def webhooks(self, request: ProcessRequest) -> JobWebhooks:
        """The messages of `request`'s job."""
        result, progress = senders(self.settings)
        to = progress_url(request.webhooks, derive=self.settings.webhooks.derive_progress)
        return JobWebhooks(
            request.job_id,
            request.webhooks.result_url,
            to,
            self.result_sender or result,
            self.progress_sender or progress,
        )


def process(
    request: ProcessRequest, services: Services, listener: Listener = lambda *_: None
) -> ServiceResult:
    """Run one job. `listener` and the progress webhook hear of: started, chunk_completed, chunk_failed.

    The first chunk that fails stops the others, is told as `chunk_failed`, sent as failure, and raised.
    Raises `InputError` (no usable transcript), the errors of `llm.errors`; each after the failure webhook.
    """
    with _Telling(services.webhooks(request), listener) as telling:
        job = _Job(request, services, telling)
        result = job.run()
        told = result.to_json(request.options.output_case)
        telling.webhooks.completed(
            {"total_chunks": result.total_chunks, "moments": told["moments"]}
        )
        return _with_deliveries(result, telling.webhooks)


class _Telling(AbstractContextManager["_Telling"]):
    """Events of a job, numbered; whatever ends the job, its failure is told."""

    def __init__(self, webhooks: JobWebhooks, listener: Listener) -> None:
        self.webhooks = webhooks
        self._listener = listener
        self._sequence = 0

    def event(self, name: str, **facts: Any) -> None:
        self._sequence += 1
        facts = {"sequence": self._sequence, **facts}
        self._listener(name, facts)
        self.webhooks.progress(name, facts)

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self.webhooks.failed(_said(error))


@dataclass
class _Found:
    """What either way of finding gives."""

    moments: Sequence[Moment]
    before: int
    dropped: Sequence[Dropped] = ()
    notes: Sequence[str] = ()
    log: RunLog = field(default_factory=RunLog)


class _Job:
    def __init__(self, request: ProcessRequest, services: Services, telling: _Telling) -> None:
        self._request = request
        self._telling = telling
        self._settings = _settings_of(request, services.settings)
        key = request.openai_api_key
        self._client = services.client(self._settings, key.get_secret_value() if key else None)
        self._completed = 0
        self._total = 0

    def run(self) -> ServiceResult:
        started = time.monotonic()
        transcript = transcript_of(self._request.transcript, self._request.metadata)
        wishes = wishes_of(self._request.options, transcript.language)
        rule = self._rule()
        self._total = len(chunk_transcript(transcript, rule.chunks))
        self._telling.event("started", total_chunks=self._total)
        found = self._find(transcript, wishes, rule)
        proposed = time.monotonic()
        moments = [moment_payload(moment) for moment in found.moments]
        ended = time.monotonic()
        return ServiceResult(
            job_id=self._request.job_id,
            total_chunks=self._total,
            moments=moments,
            metadata=ResultMetadata(
                moments_before_dedup=found.before,
                moments_after_dedup=len(moments),
                timings=Timings(
                    total_ms=_ms(started, ended),
                    proposals_ms=_ms(started, proposed),
                    assembly_ms=_ms(proposed, ended),
                ),
                model_runs=[run_payload(run) for run in found.log.runs],
                token_use=token_use(found.log, transcript.duration_ms),
                dropped=[_dropped(dropped) for dropped in found.dropped],
                notes=[*transcript.warnings, *found.notes],
            ),
        )

    def _find(self, transcript: Transcript, wishes: Wishes, rule: ProposalRule) -> _Found:
        if self._client is None:
            ranked = find_moments(transcript, wishes=wishes)
            return _Found(drop_doubles(ranked), len(ranked))
        proposals = propose(
            transcript,
            wishes,
            self._client,
            rule=rule,
            talk=talk_of(self._request.metadata),
            watching=Watching(self._chunk_done, self._chunk_failed),
        )
        unique = drop_doubles(proposals.moments)
        return _Found(
            unique[: wishes.count],
            len(proposals.moments),
            proposals.dropped,
            proposals.notes,
            proposals.log,
        )

    def _chunk_done(self, done: ChunkProposals) -> None:
        self._completed += 1
        self._telling.event(
            "chunk_completed",
            chunk=done.chunk.index,
            completed_chunks=self._completed,
            total_chunks=self._total,
            moments=len(done.moments),
        )

    def _chunk_failed(self, chunk: Chunk, error: BaseException) -> None:
        self._telling.event(
            "chunk_failed", chunk=chunk.index, total_chunks=self._total, error=_said(error)
        )

    def _rule(self) -> ProposalRule:
        options, usual = self._request.options, rule_of(self._settings)
        chunks = ChunkRule(
            _first(options.chunk_duration_ms, usual.chunks.duration_ms),
            _first(options.chunk_overlap_ms, usual.chunks.overlap_ms),
        )
        concurrency = _first(options.max_concurrency, usual.concurrency)
        return replace(usual, chunks=chunks, concurrency=concurrency)


def _settings_of(request: ProcessRequest, settings: Settings) -> Settings:
    """The settings with what this job wants of its model otherwise."""
    names = ("model", "temperature", "max_output_tokens")
    wished = {name: getattr(request.options, name) for name in names}
    changed = {name: value for name, value in wished.items() if value is not None}
    return settings.model_copy(update={"llm": settings.llm.model_copy(update=changed)})


def _with_deliveries(result: ServiceResult, webhooks: JobWebhooks) -> ServiceResult:
    deliveries = [DeliveryPayload(**asdict(delivery)) for delivery in webhooks.deliveries]
    metadata = result.metadata.model_copy(update={"webhooks": deliveries})
    return result.model_copy(update={"metadata": metadata})


def _dropped(dropped: Dropped) -> DroppedPayload:
    return DroppedPayload(
        chunk=dropped.chunk,
        start_ms=dropped.span.start_ms,
        end_ms=dropped.span.end_ms,
        reason=dropped.reason,
    )


def _said(error: BaseException) -> str:
    """One line for another system; what is not an error of ours says only that it happened."""
    return (
        str(error) if isinstance(error, AppError) else f"Internal error ({type(error).__name__})."
    )


def _first(wished: int | None, usual: int) -> int:
    return usual if wished is None else wished


def _ms(started: float, ended: float) -> int:
    return round((ended - started) * 1000)
