"""The bundled English recogniser: needs nothing, runs everywhere, hears badly."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from typing_extensions import override

from goviral.engine.media.audio import iter_pcm
from goviral.engine.media.probe import probe
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.engine import STAGE, Cancelled, Engine, NotUnderstoodError, check
from goviral.engine.transcripts.speech import (
    BLOCK_MS,
    RATE_HZ,
    Shape,
    Stretch,
    find_speech,
    no_speech,
)
from goviral.kit.errors import DependencyError
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings

DRAFT_WARNING = (
    "Recognised by the bundled English model: a draft, with many wrong words and no punctuation. "
    "Give a transcript, or let a Whisper model be fetched, before you show its text."
)
_SHAPE = Shape(pause_ms=300, longest_ms=20_000)
_FRAME_MS = 10
_UNDERSTOOD = 0.39
_ENOUGH_WORDS = 300
_FILLER = re.compile(r"^(?:<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT = re.compile(r"\(\d+\)$")


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
    ) -> Transcript:
        if language not in (None, "en"):
            raise DependencyError(
                f"The bundled recogniser knows English only, not {language!r}.",
                remedy="Use --engine faster-whisper or openai, or give a transcript.",
            )
        duration_ms = probe(path).duration_ms
        progress.start(STAGE, duration_ms)
        decoder = _decoder()
        words: list[Cue] = []
        for stretch in find_speech(
            iter_pcm(path, sample_rate_hz=RATE_HZ, block_ms=BLOCK_MS), _SHAPE
        ):
            check(cancelled)
            heard = _hear(decoder, stretch)
            if len(words) < _ENOUGH_WORDS <= len(words) + len(heard):
                _check_understood([*words, *heard], path.name, language)  # before an hour is lost
            words += heard
            progress.advance(STAGE, min(stretch.end_ms, duration_ms))
        if not words:
            raise no_speech(path.name)
        doubt = _check_understood(words, path.name, language)
        warnings = [DRAFT_WARNING, *([doubt] if doubt else [])]
        return build_transcript(words=words, language="en", engine=self.name, warnings=warnings)


def _decoder() -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=RATE_HZ, loglevel="FATAL")


def _hear(decoder: Any, stretch: Stretch) -> list[Cue]:
    samples = (np.clip(stretch.samples, -1, 1) * 32767).astype("<i2")
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), False, True)
    decoder.end_utt()
    # A decoder that found no path has no segments; asking it would raise.
    segments = decoder.seg() if decoder.hyp() is not None else ()
    return list(_words(segments, stretch))


def _words(segments: Any, stretch: Stretch) -> Iterator[Cue]:
    for segment in segments:
        if _FILLER.match(segment.word):
            continue
        start = stretch.start_ms + segment.start_frame * _FRAME_MS
        end = min(stretch.start_ms + (segment.end_frame + 1) * _FRAME_MS, stretch.end_ms)
        text = _VARIANT.sub("", segment.word)
        text = "I" + text[1:] if text == "i" or text.startswith("i'") else text
        yield Cue(text, start, end, None, min(1.0, float(segment.prob)))


def _check_understood(words: Sequence[Cue], name: str, language: str | None) -> str | None:
    """A warning where English was promised but hardly understood; None where all is well.

    Raises `NotUnderstoodError` where nobody promised English: then it most likely is another language, or
    music, and the words are invented. Mean word posteriors measured on real recordings: English
    0.42 to 0.69, English with echo or music 0.21 to 0.29, other languages 0.20 to 0.36.
    """
    sureness = mean(w.probability or 0.0 for w in words)
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
