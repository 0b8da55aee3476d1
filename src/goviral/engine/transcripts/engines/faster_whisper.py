"""Whisper through CTranslate2: int8 on a CPU, half precision on a GPU, many windows at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import override

from goviral.engine.media.audio import iter_pcm
from goviral.engine.media.probe import probe
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.captions import single_words
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.engine import STAGE, Cancelled, Engine, as_prompt, check
from goviral.engine.transcripts.languages import UNKNOWN
from goviral.engine.transcripts.model_choice import choose_model, this_machine
from goviral.engine.transcripts.model_store import ModelStore
from goviral.engine.transcripts.speech import (
    BLOCK_MS,
    RATE_HZ,
    Shape,
    Stretch,
    find_speech,
    no_speech,
)
from goviral.kit.errors import DependencyError, InputError
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings

_WINDOW_S = 30
_SHAPE = Shape(pause_ms=160, longest_ms=29_000, pad_ms=300, join=True)
_BATCH = 8
_FRAMES_PER_WINDOW = _WINDOW_S * 100
_SURELY_SILENT = 0.6
_UNLIKELY = -1.0
"""Whisper's own rule: a silent window with a text this unlikely is made up."""


class FasterWhisper(Engine):
    """Good text and word times in about a hundred languages, once a model is here."""

    name = "faster-whisper"
    automatic = True
    languages = None
    needs_network = False
    is_draft = False
    remedy = (
        "Connect once: the model is fetched when it is first used. Or set GOVIRAL_WHISPER_MODEL."
    )

    def __init__(self, settings: Settings, store: ModelStore | None = None) -> None:
        self._settings = settings
        self._store = store or ModelStore(settings.cache_dir / "models", offline=settings.offline)

    @override
    def available(self) -> str | None:
        return self._store.obstacle(self._model_name(None, None))

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
        duration_ms = probe(path).duration_ms
        stretches = find_speech(iter_pcm(path, sample_rate_hz=RATE_HZ, block_ms=BLOCK_MS), _SHAPE)
        first = next(stretches, None)
        if first is None:
            raise no_speech(path.name)
        name = self._model_name(model, language)
        folder = self._store.fetch(name, progress, cancelled)
        progress.start(STAGE, duration_ms)
        run = _Run(_load(folder, language), language, hints)
        words: list[Cue] = []
        for batch in _batches(first, stretches):
            check(cancelled)
            words += run.words(batch)
            progress.advance(STAGE, min(batch[-1].end_ms, duration_ms))
        if not words:
            raise no_speech(path.name)
        transcript = build_transcript(
            words=words,
            language=run.language or UNKNOWN,
            engine=f"{self.name} {Path(name).name}",
        )
        # What had to be mended is Whisper's habit (words of no length), not the user's business.
        return replace(transcript, warnings=())

    def _model_name(self, model: str | None, language: str | None) -> str:
        return model or self._settings.whisper_model or choose_model(this_machine(), language)


class _Run:
    """One source: the language is settled by its first batch."""

    def __init__(self, pipeline: Any, language: str | None, hints: Sequence[str]) -> None:
        self._pipeline = pipeline
        self._hints = as_prompt(hints) or None
        self.language = language

    def words(self, batch: Sequence[Stretch]) -> list[Cue]:
        """The words of some stretches, each in a slot of thirty seconds, times of the source."""
        sound = np.zeros(len(batch) * _WINDOW_S * RATE_HZ, np.float32)
        clips = []
        for slot, stretch in enumerate(batch):
            begin = slot * _WINDOW_S
            sound[begin * RATE_HZ :][: len(stretch.samples)] = stretch.samples
            clips.append({"start": begin, "end": begin + len(stretch.samples) / RATE_HZ})
        segments, info = self._pipeline.transcribe(
            sound,
            language=self.language,
            clip_timestamps=clips,
            word_timestamps=True,
            batch_size=len(batch),
            language_detection_segments=min(4, len(batch)),
            hotwords=self._hints,
        )
        self.language = info.language
        found = (word for segment in segments for word in _words(segment, batch))
        return [word for word in found if word.text.strip()]


def _words(segment: Any, batch: Sequence[Stretch]) -> Iterator[Cue]:
    if segment.no_speech_prob > _SURELY_SILENT and segment.avg_logprob < _UNLIKELY:
        return
    slot = segment.seek // _FRAMES_PER_WINDOW
    stretch = batch[slot]
    offset_ms = stretch.start_ms - slot * _WINDOW_S * 1000

    def placed(text: str, start_s: float, end_s: float, probability: float | None) -> Cue:
        start, end = (min(offset_ms + float(s) * 1000, stretch.end_ms) for s in (start_s, end_s))
        return Cue(text, start, end, None, probability)

    if segment.words:
        for word in segment.words:
            yield placed(word.word, word.start, word.end, float(word.probability))
    else:
        yield from single_words(placed(segment.text, segment.start, segment.end, None))


def _batches(first: Stretch, rest: Iterator[Stretch]) -> Iterator[list[Stretch]]:
    batch = [first, *islice(rest, _BATCH - 1)]
    while batch:
        yield batch
        batch = list(islice(rest, _BATCH))


def _load(folder: Path, language: str | None) -> Any:
    """The pipeline with the model in `folder`.

    Raises `DependencyError` for a broken model, `InputError` for one that does not know `language`.
    """
    from faster_whisper import BatchedInferencePipeline

    model = _on_gpu(folder) if this_machine().gpus else None
    try:
        model = model or _open(folder, device="cpu", compute_type="int8")
    except (RuntimeError, ValueError, OSError) as error:
        raise DependencyError(
            f"The Whisper model in {folder} cannot be loaded: {error}",
            remedy="Delete the folder and run again, or name another with --model.",
        ) from error
    if language and language not in model.supported_languages:
        raise InputError(
            f"The Whisper model {folder.name} does not know the language {language!r}.",
            remedy="Name a multilingual model with --model, such as base or small.",
        )
    return BatchedInferencePipeline(model)


def _on_gpu(folder: Path) -> Any:
    """The model on the graphics card, None where its libraries are missing or too old.

    That shows only when the card is first used, so it is.
    """
    try:
        model = _open(folder, device="cuda", compute_type="int8_float16")
        model.detect_language(np.zeros(RATE_HZ, np.float32))
    except (RuntimeError, ValueError):
        return None
    return model


def _open(folder: Path, *, device: str, compute_type: str) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(
        str(folder),
        device=device,
        compute_type=compute_type,
        cpu_threads=this_machine().cores,
        local_files_only=True,
    )
