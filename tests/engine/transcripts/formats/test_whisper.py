import json
from typing import Any

from engine.transcripts.made import check_invariants, texts
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats.whisper import Whisper


def read(value: Any, language: str = "und") -> Transcript:
    source = Source(json.dumps(value), language)
    assert Whisper().recognises(source)
    transcript = Whisper().parse(source)
    check_invariants(transcript)
    return transcript


def word(text: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, **more}


class TestOpenAiWhisper:
    def test_words_are_cut_into_sentences_across_segments(self) -> None:
        transcript = read(
            {
                "text": " So it began. And then it ended.",
                "language": "en",
                "segments": [
                    {
                        "id": 0,
                        "start": 0.0,
                        "end": 2.0,
                        "text": " So it began. And then",
                        "words": [
                            word(" So", 0.0, 0.3, probability=0.9),
                            word(" it", 0.3, 0.5, probability=0.8),
                            word(" began.", 0.5, 1.0, probability=0.7),
                            word(" And", 1.2, 1.5, probability=0.9),
                            word(" then", 1.5, 2.0, probability=0.9),
                        ],
                    },
                    {
                        "start": 2.0,
                        "end": 3.0,
                        "text": " it ended.",
                        "words": [word(" it", 2.0, 2.2), word(" ended.", 2.2, 3.0)],
                    },
                ],
            }
        )
        assert texts(transcript) == ["So it began.", "And then it ended."]
        assert transcript.words[2].probability == 0.7
        assert transcript.sentences[1].start_ms == 1200

    def test_a_piece_without_a_leading_space_continues_the_word(self) -> None:
        transcript = read(
            {
                "segments": [
                    {
                        "start": 0,
                        "end": 1,
                        "text": " About 50% well",
                        "words": [
                            word(" About", 0, 0.2),
                            word(" 50", 0.2, 0.5),
                            word("%", 0.5, 0.6),
                            word(" well", 0.6, 1.0),
                        ],
                    }
                ]
            }
        )
        assert [w.text for w in transcript.words] == ["About", "50%", "well"]

    def test_segments_without_words_are_read_as_cues(self) -> None:
        transcript = read(
            [
                {"start": 0.0, "end": 2.0, "text": " So it began. And then"},
                {"start": 2.0, "end": 3.0, "text": " it ended."},
            ]
        )
        assert texts(transcript) == ["So it began.", "And then it ended."]
        assert transcript.words_estimated

    def test_a_segment_whose_words_are_missing_is_not_lost(self) -> None:
        transcript = read(
            {
                "segments": [
                    {"start": 0, "end": 1, "text": " One.", "words": [word(" One.", 0, 1)]},
                    {"start": 1, "end": 3, "text": " Two and three.", "words": []},
                ]
            }
        )
        assert texts(transcript) == ["One.", "Two and three."]


class TestTheApi:
    def test_bare_words_get_the_punctuation_of_the_text(self) -> None:
        transcript = read(
            {
                "task": "transcribe",
                "language": "english",
                "duration": 3.0,
                "text": "So, it began. Don't stop!",
                "words": [
                    word("So", 0.0, 0.3),
                    word("it", 0.3, 0.5),
                    word("began", 0.5, 1.0),
                    word("Don't", 1.2, 1.6),
                    word("stop", 1.6, 2.0),
                ],
                "segments": [{"start": 0.0, "end": 2.0, "text": " So, it began. Don't stop!"}],
            }
        )
        assert texts(transcript) == ["So, it began.", "Don't stop!"]
        assert transcript.language == "en"
        assert not transcript.words_estimated


class TestWhisperX:
    def test_speakers_and_words_without_times_are_read(self) -> None:
        transcript = read(
            {
                "language": "en",
                "segments": [
                    {
                        "start": 0.0,
                        "end": 2.0,
                        "text": "It was 1999.",
                        "speaker": "SPEAKER_00",
                        "words": [
                            word("It", 0.0, 0.2, score=0.9, speaker="SPEAKER_00"),
                            word("was", 0.2, 0.5, score=0.8, speaker="SPEAKER_00"),
                            {"word": "1999."},
                        ],
                    },
                    {
                        "start": 2.0,
                        "end": 3.0,
                        "text": "Really?",
                        "speaker": "SPEAKER_01",
                        "words": [word("Really?", 2.0, 3.0, score=0.5)],
                    },
                ],
                "word_segments": [],
            }
        )
        assert [(s.speaker, s.text) for s in transcript.sentences] == [
            ("SPEAKER_00", "It was 1999."),
            ("SPEAKER_01", "Really?"),
        ]
        year = transcript.words[2]
        assert year.start_ms == 500
        assert 500 < year.end_ms <= 2000
        assert any("had no time" in warning for warning in transcript.warnings)


class TestWhisperCpp:
    def test_tokens_are_put_together_into_words(self) -> None:
        def token(text: str, start: int, end: int) -> dict[str, Any]:
            return {"text": text, "offsets": {"from": start, "to": end}, "p": 0.5}

        transcript = read(
            {
                "result": {"language": "en"},
                "transcription": [
                    {
                        "offsets": {"from": 0, "to": 1500},
                        "text": " My fellow Americans.",
                        "tokens": [
                            token("[_BEG_]", 0, 0),
                            token(" My", 0, 200),
                            token(" fellow", 200, 700),
                            token(" Amer", 700, 1000),
                            token("icans", 1000, 1400),
                            token(".", 1400, 1500),
                            token("[_TT_75]", 1500, 1500),
                        ],
                    }
                ],
            }
        )
        assert [(w.text, w.start_ms, w.end_ms) for w in transcript.words] == [
            ("My", 0, 200),
            ("fellow", 200, 700),
            ("Americans.", 700, 1500),
        ]
        assert transcript.language == "en"


class TestTransformers:
    def test_chunks_are_read(self) -> None:
        transcript = read(
            {
                "text": "Hello there. You.",
                "chunks": [
                    {"timestamp": [0.0, 1.0], "text": " Hello there."},
                    {"timestamp": [1.0, None], "text": " You."},
                ],
            }
        )
        assert texts(transcript) == ["Hello there.", "You."]


class TestOtherServices:
    def test_milliseconds_under_the_names_of_seconds_are_noticed(self) -> None:
        words = [word("Hello", 500, 900, confidence=0.9), word("there.", 1000, 1400)]
        transcript = read({"text": "Hello there.", "words": words})
        assert [(w.start_ms, w.end_ms) for w in transcript.words] == [(500, 900), (1000, 1400)]


class TestJapanese:
    def test_pieces_without_spaces_stay_words(self) -> None:
        pieces = [word("今日", 0, 0.5), word("は", 0.5, 0.7), word("晴れ。", 0.7, 1.2)]
        transcript = read(
            {
                "language": "japanese",
                "segments": [{"start": 0, "end": 2, "text": "", "words": pieces}],
            }
        )
        assert texts(transcript) == ["今日は晴れ。"]
        assert len(transcript.words) == 3
        assert transcript.language == "ja"
