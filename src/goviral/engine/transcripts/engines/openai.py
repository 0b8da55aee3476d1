"""The OpenAI transcription API, or any server that speaks it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from goviral.engine.media.audio import iter_pcm
from goviral.engine.media.probe import probe
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.document import Transcript, Word
from goviral.engine.transcripts.engine import STAGE, Cancelled, Engine, as_prompt, check
from goviral.engine.transcripts.formats.whisper import parse_whisper
from goviral.engine.transcripts.languages import UNKNOWN
from goviral.engine.transcripts.speech import BLOCK_MS, RATE_HZ, no_speech
from goviral.engine.transcripts.upload import BITS_PER_S, Piece, pieces
from goviral.engine.transcripts.words import with_estimated_words
from goviral.kit.errors import AppError, DependencyError, InputError, RemoteError
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings

if TYPE_CHECKING:
    from openai import OpenAI

_LIMIT_BYTES = 25_000_000
_LONGEST_MS = 15 * 60 * 1000
"""Newer models refuse more than 25 minutes however few bytes; a shorter piece costs less to repeat."""
_TIMEOUT_S = 600.0
_ATTEMPTS = 3
_NO_KEY = "sk-none"
"""Servers of one's own need no key, but the client insists on one."""


class OpenAiTranscription(Engine):
    """Sends the sound away and costs money: only when asked for."""

    name = "openai"
    automatic = False
    languages = None
    needs_network = True
    is_draft = False
    remedy = "Set OPENAI_API_KEY, or OPENAI_BASE_URL for an endpoint of your own."

    def __init__(self, settings: Settings, *, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._llm = settings.llm
        self._offline = settings.offline
        self._limit_bytes = limit_bytes

    @override
    def available(self) -> str | None:
        if not self._llm.enabled:
            return "There is neither OPENAI_API_KEY nor OPENAI_BASE_URL."
        return None

    @override
    def transcribe(
        self,
        path: Path,
        *,
        language: str | None,
        model: str | None,
        progress: Progress,
        cancelled: Cancelled,
        hints: Sequence[str] = (),
    ) -> Transcript:
        obstacle = self.available()
        if obstacle is not None:
            raise DependencyError(obstacle, remedy="Set one, or choose another --engine.")
        name = model or self._llm.transcription_model
        duration_ms = probe(path).duration_ms
        progress.start(STAGE, duration_ms)
        blocks = iter_pcm(path, sample_rate_hz=RATE_HZ, block_ms=BLOCK_MS)
        with self._client() as client:
            words: list[Word] = []
            for piece in pieces(blocks, longest_ms=self._longest_ms()):
                check(cancelled)
                part = _parse(_ask(client, piece, name, language, hints), language)
                if part is not None:
                    language = language or part.language
                    words += [_moved(word, piece) for word in part.words]
                progress.advance(STAGE, min(piece.start_ms + piece.duration_ms, duration_ms))
        if not words:
            raise no_speech(path.name)
        transcript = build_transcript(
            words=words, language=language or UNKNOWN, engine=f"{self.name} {name}"
        )
        return replace(transcript, warnings=())

    def _longest_ms(self) -> int:
        """As long as the limit of bytes allows, with a tenth to spare for headers."""
        return min(_LONGEST_MS, self._limit_bytes * 8 * 900 // BITS_PER_S)

    def _client(self) -> "OpenAI":
        from openai import OpenAI

        key = self._llm.api_key.get_secret_value() if self._llm.api_key else _NO_KEY
        return OpenAI(
            api_key=key,
            base_url=self._llm.base_url,
            timeout=_TIMEOUT_S,
            max_retries=_ATTEMPTS - 1,
        )


def _ask(
    client: "OpenAI", piece: Piece, model: str, language: str | None, hints: Sequence[str]
) -> Mapping[str, Any]:
    """One piece's answer as plain values; the client repeats what may work later."""
    import openai

    try:
        answer = client.audio.transcriptions.create(
            file=("speech.mp3", piece.mp3, "audio/mpeg"),
            model=model,
            language=language or openai.omit,
            prompt=as_prompt(hints) or openai.omit,
            response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        )
    except openai.OpenAIError as error:
        raise _explained(error, model) from error
    return answer.model_dump() if hasattr(answer, "model_dump") else {}


def _explained(error: Exception, model: str) -> AppError:
    """The client's error in our terms: what can be retried, what the user must change."""
    import openai

    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return DependencyError(
            "The transcription server refused the key.", remedy="Check OPENAI_API_KEY."
        )
    if isinstance(error, openai.NotFoundError):
        return DependencyError(
            f"The transcription server knows no model {model!r}.",
            remedy="Name another with --model, or check OPENAI_BASE_URL.",
        )
    if isinstance(error, openai.RateLimitError):
        return RemoteError(
            "The transcription server takes no more for now: rate limit or quota.",
            remedy="Wait, or check the account's limits.",
        )
    if isinstance(error, openai.APIStatusError) and error.status_code < 500:
        return InputError(
            f"The transcription server refused the request: {error.message}",
            remedy="Use a model that gives word times, as whisper-1 does.",
        )
    if isinstance(error, openai.APITimeoutError):
        return RemoteError("The transcription server took too long.", remedy="Try again.")
    if isinstance(error, openai.APIConnectionError):
        return RemoteError(
            "The transcription server cannot be reached.",
            remedy="Check the connection and OPENAI_BASE_URL.",
        )
    return RemoteError(f"The transcription server failed: {error}", remedy="Try again later.")


def _parse(answer: Mapping[str, Any], language: str | None) -> Transcript | None:
    """A piece's transcript; None for a piece in which nobody speaks."""
    spoken = any(answer.get(key) for key in ("words", "segments"))
    if not spoken and str(answer.get("text") or "").strip():
        raise InputError(
            "The transcription server answered without times.",
            remedy="Use a model that gives word times, as whisper-1 does.",
        )
    if not spoken:
        return None
    known = {**answer, "language": language} if language else answer
    return with_estimated_words(parse_whisper(known, language=UNKNOWN, engine="openai"))


def _moved(word: Word, piece: Piece) -> Word:
    return replace(
        word, start_ms=word.start_ms + piece.start_ms, end_ms=word.end_ms + piece.start_ms
    )
