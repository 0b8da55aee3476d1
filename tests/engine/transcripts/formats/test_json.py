import contextlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.transcripts.made import built, check_invariants, texts, transcripts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats.json import Json
from goviral.kit.errors import InputError


def read(value: Any) -> Transcript:
    transcript = Json().parse(Source(json.dumps(value)))
    check_invariants(transcript)
    return transcript


def camel(value: Any) -> Any:
    """The same document with camelCase keys."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {re.sub("_(.)", lambda m: m[1].upper(), k): camel(v) for k, v in value.items()}


class TestOwnDocuments:
    @given(transcripts())
    def test_are_the_same_in_camel_case(self, transcript: Transcript) -> None:
        assert read(camel(json.loads(Json().dump(transcript)))) == transcript

    @given(transcripts(), st.data())
    def test_with_a_spoilt_field_are_mended_or_refused(
        self, transcript: Transcript, data: st.DataObject
    ) -> None:
        value = json.loads(Json().dump(transcript))
        row = data.draw(st.sampled_from([*value["sentences"], *value["words"]]))
        spoilt = st.sampled_from([None, -5, 1.5, "7", True, [], "", " a  b ", 10**7])
        row[data.draw(st.sampled_from(sorted(row)))] = data.draw(spoilt)
        with contextlib.suppress(InputError):
            read(value)

    @pytest.mark.parametrize("key", ["language", "engine", "words_estimated", "words", "warnings"])
    def test_without_a_field_are_read_all_the_same(self, key: str) -> None:
        value = {"warnings": ["kept"], **json.loads(Json().dump(built("One two. Three.")))}
        del value[key]
        assert texts(read(value)) == ["One two.", "Three."]


class TestKeys:
    def test_camel_case_is_read(self) -> None:
        transcript = read(
            {
                "language": "de",
                "wordsEstimated": True,
                "sentences": [{"id": "a", "text": "Guten Tag.", "startMs": 10, "endMs": 900}],
                "words": [
                    {"text": "Guten", "startMs": 10, "endMs": 400, "probability": "0.9"},
                    {"text": "Tag.", "startMs": 400, "endMs": 900},
                ],
            }
        )
        assert transcript.words_estimated
        assert transcript.language == "de"
        assert [w.probability for w in transcript.words] == [0.9, None]
        assert transcript.sentences[0].span.start_ms == 10

    def test_seconds_are_read(self) -> None:
        transcript = read({"sentences": [{"text": "Hi there.", "start": 1.5, "end": "2.25"}]})
        assert (transcript.sentences[0].start_ms, transcript.duration_ms) == (1500, 2250)


class TestWhatPeopleEdit:
    def test_sentences_stay_as_they_were_written(self) -> None:
        transcript = read(
            {
                "sentences": [
                    {"text": "no full stop here", "start_ms": 0, "end_ms": 900},
                    {"text": "Two. In one.", "start_ms": 900, "end_ms": 60_000},
                ]
            }
        )
        assert texts(transcript) == ["no full stop here", "Two. In one."]

    def test_fields_of_the_wrong_kind_are_passed_over(self) -> None:
        transcript = read(
            {
                "language": 7,
                "words": "none",
                "warnings": ["kept", 5],
                "sentences": [
                    None,
                    "text",
                    {"text": "Hello.", "start_ms": 0, "end_ms": 500, "speaker": 3},
                    {"text": "You.", "start_ms": True, "end_ms": [1]},
                ],
            }
        )
        assert texts(transcript) == ["Hello.", "You."]
        assert transcript.sentences[0].speaker is None
        assert transcript.warnings[0] == "kept"
