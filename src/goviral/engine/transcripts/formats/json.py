"""Our own document as JSON: snake_case written, camelCase read as well."""

import json
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

from typing_extensions import override

from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.engine.transcripts.format import Source, WritableFormat
from goviral.engine.transcripts.payload import number_of, rows, text_of
from goviral.engine.transcripts.settling import is_settled


class Json(WritableFormat):
    """`{"language", "engine", "words_estimated", "duration_ms", "sentences": [{"id", "text",
    "start_ms", "end_ms", "speaker"?}], "words": [{"text", "start_ms", "end_ms", "probability"?,
    "speaker"?}]}`. Times in seconds (`start`, `end`) are read too.
    """

    name = "json"
    extensions = (".json",)

    @override
    def recognises(self, source: Source) -> bool:
        return isinstance(source.value, dict) and isinstance(source.value.get("sentences"), list)

    @override
    def parse(self, source: Source) -> Transcript:
        value = source.value
        exact = _exact(value)
        if exact is not None:
            return exact
        return build_transcript(
            sentences=[_cue(row) for row in rows(value.get("sentences"))],
            words=[_cue(row) for row in rows(value.get("words"))],
            language=text_of(value.get("language")) or source.language,
            engine=text_of(value.get("engine")) or self.name,
            words_estimated=bool(value.get("words_estimated", value.get("wordsEstimated", False))),
            warnings=[w for w in value.get("warnings") or () if isinstance(w, str)],
            keep_sentences=True,
        )

    @override
    def dump(self, transcript: Transcript) -> str:
        return json.dumps(as_plain(transcript), ensure_ascii=False, indent=1) + "\n"


def as_plain(transcript: Transcript) -> dict[str, Any]:
    """The document as plain values, optional fields left away where they say nothing."""
    plain: dict[str, Any] = {
        "language": transcript.language,
        "engine": transcript.engine,
        "words_estimated": transcript.words_estimated,
        "duration_ms": transcript.duration_ms,
        "sentences": [_plain_sentence(sentence) for sentence in transcript.sentences],
        "words": [_plain_word(word) for word in transcript.words],
    }
    return plain | ({"warnings": list(transcript.warnings)} if transcript.warnings else {})


def _plain_sentence(sentence: Sentence) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": sentence.id,
        "text": sentence.text,
        "start_ms": sentence.start_ms,
        "end_ms": sentence.end_ms,
    }
    return plain | ({"speaker": sentence.speaker} if sentence.speaker else {})


def _plain_word(word: Word) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "text": word.text,
        "start_ms": word.start_ms,
        "end_ms": word.end_ms,
    }
    if word.probability is not None:
        plain["probability"] = round(word.probability, 4)
    return plain | ({"speaker": word.speaker} if word.speaker else {})


def _exact(value: Mapping[str, Any]) -> Transcript | None:
    """The document as we write it, at a third of the cost; None where anything in it is amiss."""
    try:
        words = tuple(
            Word(w["text"], w["start_ms"], w["end_ms"], w.get("probability"), w.get("speaker"))
            for w in value["words"]
        )
        sentences = tuple(
            Sentence(s["id"], s["text"], s["start_ms"], s["end_ms"], s.get("speaker"))
            for s in value["sentences"]
        )
        language, engine, estimated = (value[k] for k in ("language", "engine", "words_estimated"))
    except (KeyError, TypeError, AttributeError):
        return None
    told = value.get("warnings", [])
    plain = isinstance(language, str) and isinstance(engine, str) and isinstance(estimated, bool)
    if not plain or not _are_warnings(told) or not _are_probabilities(words):
        return None
    if not is_settled(sentences, words):
        return None
    return Transcript(sentences, words, language, engine, estimated, tuple(told))


def _are_warnings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(warning, str) for warning in value)


def _are_probabilities(words: Sequence[Word]) -> bool:
    return all(type(word.probability) in (float, int, NoneType) for word in words)


def _cue(row: Mapping[str, Any]) -> Cue:
    return Cue(
        text_of(row.get("text", row.get("word"))),
        _time(row, "start"),
        _time(row, "end"),
        text_of(row.get("speaker")) or None,
        number_of(row.get("probability")),
    )


def _time(row: Mapping[str, Any], edge: str) -> float | None:
    for key, factor in ((f"{edge}_ms", 1), (f"{edge}Ms", 1), (edge, 1000)):
        value = number_of(row.get(key))
        if value is not None:
            return value * factor
    return None
