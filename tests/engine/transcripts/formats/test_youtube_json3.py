import json
from typing import Any

from engine.transcripts.made import check_invariants, texts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats.youtube_json3 import YoutubeJson3


def read(*events: Any) -> Transcript:
    source = Source(json.dumps({"wireMagic": "pb3", "events": list(events)}), "en")
    transcript = YoutubeJson3().parse(source)
    check_invariants(transcript)
    return transcript


RECOGNISED = (
    {"tStartMs": 0, "dDurationMs": 90_000, "id": 1, "wpWinPosId": 1},
    {
        "tStartMs": 160,
        "dDurationMs": 4000,
        "segs": [
            {"utf8": "so", "acAsrConf": 0},
            {"utf8": " the", "tOffsetMs": 320, "acAsrConf": 204},
            {"utf8": " first", "tOffsetMs": 480},
        ],
    },
    {"tStartMs": 2310, "dDurationMs": 1700, "aAppend": 1, "segs": [{"utf8": "\n"}]},
    {
        "tStartMs": 2320,
        "dDurationMs": 4000,
        "segs": [{"utf8": "thing"}, {"utf8": " [Music]", "tOffsetMs": 100}],
    },
    {
        "tStartMs": 5000,
        "dDurationMs": 2000,
        "segs": [{"utf8": ">> wait"}, {"utf8": " what", "tOffsetMs": 400}],
    },
)


class TestRecognisedSpeech:
    def test_words_have_their_own_times(self) -> None:
        transcript = read(*RECOGNISED)
        assert [(w.text, w.start_ms) for w in transcript.words] == [
            ("so", 160),
            ("the", 480),
            ("first", 640),
            ("thing", 2320),
            ("wait", 5000),
            ("what", 5400),
        ]
        assert not transcript.words_estimated

    def test_a_word_ends_before_the_next_begins_and_not_after_it_can_have_been_said(self) -> None:
        words = read(*RECOGNISED).words
        assert words[0].end_ms <= 480
        assert words[2].end_ms < 2000

    def test_confidence_is_a_probability_where_it_is_told(self) -> None:
        assert [w.probability for w in read(*RECOGNISED).words[:3]] == [None, 0.8, None]

    def test_a_chevron_begins_a_sentence(self) -> None:
        assert texts(read(*RECOGNISED))[-1] == "wait what"


class TestHandMadeCaptions:
    def test_events_are_cues(self) -> None:
        transcript = read(
            {"tStartMs": 1000, "dDurationMs": 2000, "segs": [{"utf8": "Hello,\nand welcome."}]},
            {"tStartMs": 3000, "dDurationMs": 1000, "segs": [{"utf8": "Thank you."}]},
        )
        assert texts(transcript) == ["Hello, and welcome.", "Thank you."]
        assert transcript.words == ()

    def test_events_without_text_or_time_are_passed_over(self) -> None:
        transcript = read(
            {"tStartMs": 1000},
            {"segs": "none"},
            {"tStartMs": 3000, "dDurationMs": 1000, "segs": [None, {"utf8": "Thank you."}]},
        )
        assert texts(transcript) == ["Thank you."]
