"""The bundled English recogniser: needs nothing, runs everywhere, hears badly."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import mean
from threading import Lock
from typing import Self

from typing_extensions import override

from goviral.engine.media.audio import iter_pcm
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.engine import STAGE, Cancelled, Engine, NotUnderstoodError, check
from goviral.engine.transcripts.model_choice import usable_cores
from goviral.engine.transcripts.speech import BLOCK_MS, RATE_HZ, Shape, find_speech, no_speech
from goviral.kit import process
from goviral.kit.errors import CancelledError, DependencyError
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings
from goviral.kit.timecode import Span

DRAFT_WARNING = (
    "Recognised by the bundled English model: a draft, with many wrong words and no punctuation. "
    "Give a transcript, or let a Whisper model be fetched, before you show its text."
)
_WORKER = "goviral.engine.transcripts.engines.sphinx_worker"
_SHAPE = Shape(pause_ms=300, longest_ms=20_000)
_TASK_MS = 90_000
"""Speech a process hears. Fixed, so that the text does not depend on the number of cores."""
_UNDERSTOOD = 0.39
_ENOUGH_WORDS = 300


class PocketSphinx(Engine):
    """English only, draft quality; the floor under the other engines."""

    name = "pocketsphinx"
    automatic = True
    languages = frozenset({"en"})
    needs_network = False
    is_draft = True
    remedy = "Run `make setup` again."

    def __init__(self, settings: Settings) -> None:
        del settings

    @override
    def available(self) -> str | None:
        try:
            from pocketsphinx import get_model_path
        except ImportError:
            return "The package pocketsphinx is not installed."
        if not Path(get_model_path("en-us")).exists():
            return "The package pocketsphinx came without its English model."
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
        if language not in (None, "en"):
            raise DependencyError(
                f"The bundled recogniser knows English only, not {language!r}.",
                remedy="Use --engine faster-whisper or openai, or give a transcript.",
            )
        progress.start(STAGE)
        blocks = iter_pcm(path, sample_rate_hz=RATE_HZ, block_ms=BLOCK_MS)
        spans = []
        for stretch in find_speech(blocks, _SHAPE):
            check(cancelled)
            spans.append(Span(stretch.start_ms, stretch.end_ms))
        words: list[Cue] = []
        checked = False
        with _Crew(path, progress, cancelled) as crew:
            for heard in crew.hear(spans):
                words += heard
                if not checked and len(words) >= _ENOUGH_WORDS:
                    _check_understood(words, path.name, language)  # before an hour is lost
                    checked = True
        if not words:
            raise no_speech(path.name)
        doubt = _check_understood(words, path.name, language)
        transcript = build_transcript(words=words, language="en", engine=self.name)
        return replace(transcript, warnings=(DRAFT_WARNING, *([doubt] if doubt else [])))


class _Crew:
    """Processes that hear one file together; the first failure or a stop ends them all."""

    def __init__(self, path: Path, progress: Progress, cancelled: Cancelled) -> None:
        self._path = path
        self._progress = progress
        self._cancelled = cancelled
        self._over = False
        self._heard_ms = 0
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(max_workers=usable_cores())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *what: object) -> None:
        self._over = True
        self._pool.shutdown(cancel_futures=True)

    def hear(self, spans: Sequence[Span]) -> Iterator[list[Cue]]:
        """The words of each task, in order of time."""
        self._progress.start(STAGE, sum(span.duration_ms for span in spans))
        return self._pool.map(self._task, tasks(spans))

    def _task(self, spans: Sequence[Span]) -> list[Cue]:
        if self._over:
            raise CancelledError("Stopped.")
        words: list[Cue] = []
        waiting = iter(spans)

        def take(line: str) -> None:
            words.extend(Cue(text, start, end, None, p) for text, start, end, p in json.loads(line))
            self._advance(next(waiting))

        pairs = json.dumps([(span.start_ms, span.end_ms) for span in spans])
        speech_s = sum(span.duration_ms for span in spans) / 1000
        try:
            process.run(
                [sys.executable, "-m", _WORKER, str(self._path.absolute()), pairs],
                timeout_s=60 + 30 * speech_s,
                on_line=take,
                cancelled=lambda: self._over or self._cancelled(),
            )
        except BaseException:
            self._over = True
            raise
        return words

    def _advance(self, span: Span) -> None:
        """Parts are heard side by side: what counts is how much, not up to where."""
        with self._lock:
            self._heard_ms += span.duration_ms
            self._progress.advance(STAGE, self._heard_ms)


def tasks(spans: Iterable[Span]) -> list[list[Span]]:
    """Neighbouring spans in groups of about a minute and a half of speech."""
    groups: list[list[Span]] = []
    filled_ms = _TASK_MS
    for span in spans:
        if filled_ms >= _TASK_MS:
            groups.append([])
            filled_ms = 0
        groups[-1].append(span)
        filled_ms += span.duration_ms
    return groups


def _check_understood(words: Sequence[Cue], name: str, language: str | None) -> str | None:
    """A warning where English was promised but hardly understood; None where all is well.

    Raises `NotUnderstoodError` where nobody promised English: then it most likely is another
    language, or music, and the words are invented. Mean word posteriors measured on real recordings: English
    0.42 to 0.69, English with echo or music 0.21 to 0.34, other languages 0.20 to 0.36.
    """
    sureness = mean(word.probability or 0.0 for word in words)
    if sureness >= _UNDERSTOOD:
        return None
    if language == "en":
        return (
            f"Hardly anything in {name} was understood ({sureness:.0%} sure): most words are wrong."
        )
    raise NotUnderstoodError(
        f"{name} does not sound like clear English, the only language of the bundled recogniser.",
        remedy="Give a transcript, use --engine faster-whisper or openai, "
        "or say --language en if it is English.",
    )
