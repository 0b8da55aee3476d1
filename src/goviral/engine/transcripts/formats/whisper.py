"""What the Whisper family writes as JSON.

openai-whisper and its API, faster-whisper, whisper-timestamped: `segments` with `words`, seconds.
whisperX: the same with `score` and `speaker`, words it could not align without times.
whisper.cpp: `transcription` with `offsets` in milliseconds and `tokens` smaller than words.
Transformers: `chunks` with `timestamp: [start, end]`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from typing_extensions import override

from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.captions import single_words
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Format, Source
from goviral.engine.transcripts.languages import language_code
from goviral.engine.transcripts.payload import first_of, number_of, rows, text_of
from goviral.engine.transcripts.punctuation import punctuate
from goviral.engine.transcripts.tokens import is_unspaced

_SPACED_SHARE = 0.2
"""From this share on, a leading space marks a word and a piece without one continues it."""

_TOO_LONG_MS = 60_000


class Whisper(Format):
    """Segments are thirty-second habits of the model, not sentences: words are cut anew."""

    name = "whisper"
    extensions = (".json",)

    @override
    def recognises(self, source: Source) -> bool:
        value = source.value
        if isinstance(value, list):
            return bool(rows(value)) and {"start", "end", "text"} <= rows(value)[0].keys()
        keys = ("segments", "transcription", "chunks", "word_segments", "words")
        return isinstance(value, dict) and any(isinstance(value.get(key), list) for key in keys)

    @override
    def parse(self, source: Source) -> Transcript:
        return parse_whisper(source.value, language=source.language, engine=self.name)


def parse_whisper(value: Any, *, language: str, engine: str) -> Transcript:
    """The transcript of any of the family's documents; also of an API's answer, as plain values.

    Raises `InputError` where there is neither a timed word nor a timed segment.
    """
    document: Mapping[str, Any] = value if isinstance(value, dict) else {"segments": value}
    segments = rows(first_of(document, "segments", "transcription", "chunks"))
    words = _segment_words(segments) or _loose_words(document, segments)
    sentences = (
        [] if words else [_cue(segment, text_of(segment.get("text"))) for segment in segments]
    )
    return build_transcript(
        words=_in_ms(words),
        sentences=_in_ms(sentences),
        language=_language(document) or language,
        engine=engine,
    )


def _in_ms(cues: Sequence[Cue]) -> list[Cue]:
    """`cues` read as seconds; where half of them would then last for minutes, they were no seconds.

    Some services write milliseconds under the same names.
    """
    lengths = sorted(c.end_ms - c.start_ms for c in cues if c.start_ms and c.end_ms)
    if not lengths or lengths[len(lengths) // 2] < _TOO_LONG_MS:
        return list(cues)
    return [replace(c, start_ms=_shrunk(c.start_ms), end_ms=_shrunk(c.end_ms)) for c in cues]


def _shrunk(time_ms: float | None) -> float | None:
    return None if time_ms is None else time_ms / 1000


def _language(document: Mapping[str, Any]) -> str:
    result = document.get("result")
    named = result.get("language") if isinstance(result, dict) else document.get("language")
    return language_code(text_of(named))


def _loose_words(document: Mapping[str, Any], segments: Sequence[Mapping[str, Any]]) -> list[Cue]:
    """Words listed beside the segments, as the API does: without the segments' punctuation."""
    words = [_word(row) for row in rows(first_of(document, "words", "word_segments"))]
    return punctuate(
        [word for word in words if word.text.strip()],
        [_cue(segment, text_of(segment.get("text"))) for segment in segments],
    )


def _segment_words(segments: Sequence[Mapping[str, Any]]) -> list[Cue]:
    """The words inside the segments; a segment without any is spread over its time."""
    pieces = [list(_pieces(segment)) for segment in segments]
    flat = [piece for group in pieces for piece in group]
    if not any(piece.start_ms is not None for piece in flat):
        return []
    glue = sum(piece.text.startswith(" ") for piece in flat) >= _SPACED_SHARE * len(flat)
    words: list[Cue] = []
    for segment, group in zip(segments, pieces, strict=True):
        named = text_of(segment.get("speaker")) or None
        whole = _glued(group) if glue else group
        for word in whole or [_cue(segment, text_of(segment.get("text")))]:
            words += single_words(replace(word, speaker=word.speaker or named))
    return words


def _pieces(segment: Mapping[str, Any]) -> Iterator[Cue]:
    if "tokens" in segment and rows(segment["tokens"]):
        for token in rows(segment["tokens"]):
            text = text_of(token.get("text"))
            if text and not text.startswith("[_") and "\ufffd" not in text:
                yield _cue(token, text)
    else:
        for row in rows(segment.get("words")):
            yield _word(row)


def _glued(pieces: Sequence[Cue]) -> list[Cue]:
    """Pieces without a leading space belong to the word before, whose marks are spaces."""
    words: list[Cue] = []
    for piece in pieces:
        if words and not piece.text.startswith(" ") and not is_unspaced(piece.text[:1]):
            last = words.pop()
            words.append(replace(last, text=last.text + piece.text, end_ms=piece.end_ms))
        else:
            words.append(piece)
    return words


def _word(row: Mapping[str, Any]) -> Cue:
    return _cue(row, text_of(first_of(row, "word", "text")))


def _cue(row: Mapping[str, Any], text: str) -> Cue:
    start, end = _times(row)
    probability = number_of(first_of(row, "probability", "score", "confidence", "p"))
    return Cue(text, start, end, text_of(row.get("speaker")) or None, probability)


def _times(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    offsets, stamp = row.get("offsets"), row.get("timestamp")
    if isinstance(offsets, dict):
        return number_of(offsets.get("from")), number_of(offsets.get("to"))
    if isinstance(stamp, list) and len(stamp) == 2:
        return _ms(stamp[0]), _ms(stamp[1])
    return _ms(row.get("start")), _ms(row.get("end"))


def _ms(seconds: Any) -> float | None:
    value = number_of(seconds)
    return None if value is None else value * 1000
