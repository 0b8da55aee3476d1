"""The last resort: when somebody speaks is known, what is said is not. Never pretends to know words."""

from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from goviral.engine.media.audio import iter_pcm
from goviral.engine.media.probe import probe
from goviral.engine.transcripts.document import UNHEARD, Sentence, Transcript
from goviral.engine.transcripts.engine import STAGE, Cancelled, Engine, check
from goviral.engine.transcripts.speech import BLOCK_MS, RATE_HZ, Shape, find_speech, no_speech
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings

WARNING = (
    "Nobody here could write down what is said: the clips are chosen by sound alone and have no "
    "captions. Give a transcript, or use --engine faster-whisper or openai."
)
_SHAPE = Shape(pause_ms=500, longest_ms=20_000, pad_ms=60)


class SpeechOnly(Engine):
    """Times of speech in any language, without a word of it."""

    name = "speech-only"
    automatic = True
    languages = None
    needs_network = False
    is_draft = True
    remedy = ""

    def __init__(self, settings: Settings) -> None:
        del settings

    @override
    def available(self) -> str | None:
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
        duration_ms = probe(path).duration_ms
        progress.start(STAGE, duration_ms)
        sentences: list[Sentence] = []
        blocks = iter_pcm(path, sample_rate_hz=RATE_HZ, block_ms=BLOCK_MS)
        for stretch in find_speech(blocks, _SHAPE):
            check(cancelled)
            end_ms = min(stretch.end_ms, duration_ms)
            sentences.append(Sentence(len(sentences), UNHEARD, stretch.start_ms, end_ms))
            progress.advance(STAGE, end_ms)
        if not sentences:
            raise no_speech(path.name)
        return Transcript(
            tuple(sentences), language=language or "und", engine=self.name, warnings=(WARNING,)
        )
