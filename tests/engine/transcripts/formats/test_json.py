import json
from typing import Any

from engine.transcripts.made import check_invariants, texts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats.json import Json


def read(value: Any) -> Transcript:
    transcript = Json().parse(Source(json.dumps(value)))
    check_invariants(transcript)
    return transcript


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
