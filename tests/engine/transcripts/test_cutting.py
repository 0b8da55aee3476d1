from engine.transcripts.made import built, texts, timed
from goviral.engine.transcripts.boundary_words import boundary_odds
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue


class TestUnpunctuatedEnglish:
    def test_is_cut_before_words_that_begin_sentences(self) -> None:
        said = "that was the end of it yeah so we all went home to the children in the dark"
        assert texts(built(said)) == [
            "that was the end of it",
            "yeah so we all went home to the children in the dark",
        ]

    def test_a_short_pause_after_a_word_that_needs_another_is_none(self) -> None:
        words = [*timed("we were on our way to the"), *timed("station that night", start_ms=2100)]
        transcript = build_transcript(words=words, language="en", engine="x")
        assert words[7].start_ms - words[6].end_ms > 600  # type: ignore[operator]
        assert len(transcript.sentences) == 1

    def test_one_or_two_words_are_a_sentence_only_between_long_pauses(self) -> None:
        said = "there they stood in the cold rain | | exactly | | nobody said a word to them"
        assert texts(built(said))[1] == "exactly"

    def test_odds_know_the_words_however_they_are_written(self) -> None:
        assert boundary_odds("it,", "So") == boundary_odds("it", "so") > 0
        assert boundary_odds("I’m", "the") == boundary_odds("i'm", "the") < 0
        assert boundary_odds("xylophone", "zebra") == 0


class TestOtherLanguages:
    def test_only_pauses_count(self) -> None:
        said = "wir waren da it yeah so das war es | und dann gingen wir nach hause"
        transcript = build_transcript(words=timed(said), language="de", engine="x")
        assert texts(transcript) == [
            "wir waren da it yeah so das war es",
            "und dann gingen wir nach hause",
        ]


class TestPunctuatedText:
    def test_is_cut_at_marks_and_very_long_silences_only(self) -> None:
        said = "We went, yeah so it was | late. Then we | | | | slept. It was good. Really good."
        assert texts(built(said)) == [
            "We went, yeah so it was late.",
            "Then we",
            "slept.",
            "It was good.",
            "Really good.",
        ]

    def test_a_long_sentence_is_cut_at_a_comma(self) -> None:
        half = "many men met " * 27
        transcript = built(f"{half}here, {half}there. Ok. Fine. Good. Yes.")
        assert texts(transcript)[0].endswith("here,")


class TestCaptions:
    def test_are_cut_only_where_one_begins(self) -> None:
        cues = [
            Cue("that was the end of it", 0, 2000),
            Cue("yeah so we all went", 2000, 4000),
            Cue("home to the children", 4000, 6000),
        ]
        transcript = build_transcript(sentences=cues, language="en", engine="x")
        assert {s.start_ms for s in transcript.sentences} <= {0, 2000, 4000}
