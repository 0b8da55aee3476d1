import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.transcripts.made import built, check_invariants, texts, timed, transcripts, wild_cues
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.errors import InputError


def from_cues(*cues: Cue) -> Transcript:
    return build_transcript(sentences=cues, language="en", engine="test")


class TestAnythingThatComesIn:
    @given(wild_cues, wild_cues, st.booleans())
    def test_becomes_a_valid_transcript_or_a_plain_refusal(
        self, sentences: list[Cue], words: list[Cue], keep: bool
    ) -> None:
        try:
            transcript = build_transcript(
                sentences=sentences, words=words, language="en", engine="x", keep_sentences=keep
            )
        except InputError:
            return
        check_invariants(transcript)

    @given(wild_cues)
    def test_keeps_every_word_that_has_a_usable_time(self, cues: list[Cue]) -> None:
        words = [Cue(c.text.replace(" ", ""), c.start_ms, c.end_ms) for c in cues]
        words = [w for w in words if w.text.split() and w.text.isalnum()]
        try:
            transcript = build_transcript(words=words, language="en", engine="x")
        except InputError:
            return
        early = [w for w in words if w.start_ms is not None and w.start_ms < 0]
        assert len(transcript.words) >= len(words) - len(early)

    @given(transcripts())
    def test_that_is_valid_already_comes_back_unchanged(self, transcript: Transcript) -> None:
        again = build_transcript(
            sentences=transcript.sentences,
            words=transcript.words,
            language="en",
            engine="test",
            keep_sentences=True,
        )
        assert again == transcript


class TestWordsAlone:
    def test_are_cut_at_sentence_ends(self) -> None:
        transcript = built("We left at 5 p.m. on Monday. Then Dr. Lee called! Why? Nobody knows.")
        assert texts(transcript) == [
            "We left at 5 p.m. on Monday.",
            "Then Dr. Lee called!",
            "Why?",
            "Nobody knows.",
        ]
        assert not transcript.words_estimated

    def test_sentences_begin_and_end_with_their_words(self) -> None:
        transcript = built("One two. | Three four.")
        second = transcript.sentences[1]
        assert (second.start_ms, second.end_ms) == (
            transcript.words[2].start_ms,
            transcript.words[3].end_ms,
        )

    def test_without_punctuation_are_cut_at_pauses(self) -> None:
        transcript = built("so we went home early | and nobody was there at all | we waited there")
        assert texts(transcript) == [
            "so we went home early",
            "and nobody was there at all",
            "we waited there",
        ]

    def test_without_punctuation_or_pauses_stay_short_enough_to_caption(self) -> None:
        transcript = built(" ".join(["word"] * 2000))
        assert max(s.span.duration_ms for s in transcript.sentences) <= 12_000
        assert min(s.span.duration_ms for s in transcript.sentences) >= 2_500

    def test_a_punctuated_sentence_is_never_longer_than_half_a_minute(self) -> None:
        transcript = built(f"{'word ' * 150}, | {'and more ' * 100}. Short one. Another one.")
        assert max(s.span.duration_ms for s in transcript.sentences) <= 30_000
        assert texts(transcript)[-2:] == ["Short one.", "Another one."]

    def test_of_two_speakers_are_never_one_sentence(self) -> None:
        words = [
            Cue("I", 0, 100, "Ann"),
            Cue("think", 100, 300, "Ann"),
            Cue("so", 300, 500, "Bo"),
            Cue("too.", 500, 800, "Bo"),
        ]
        transcript = build_transcript(words=words, language="en", engine="x")
        assert [(s.text, s.speaker) for s in transcript.sentences] == [
            ("I think", "Ann"),
            ("so too.", "Bo"),
        ]

    def test_in_japanese_are_joined_without_spaces(self) -> None:
        words = [
            Cue(text, n * 300, n * 300 + 280)
            for n, text in enumerate(["今日は", "晴れ", "です。", "明日", "も", "です", "か？"])
        ]
        transcript = build_transcript(words=words, language="ja", engine="x")
        assert texts(transcript) == ["今日は晴れです。", "明日もですか？"]

    def test_a_word_without_length_gets_one_and_it_is_said(self) -> None:
        words = [Cue("Hello", 100, 100), Cue("there.", 900, 1200)]
        transcript = build_transcript(words=words, language="en", engine="x")
        assert transcript.words[0].end_ms > 100
        assert "1 word had no length" in transcript.warnings[0]


class TestCuesAlone:
    def test_that_are_sentences_keep_their_times_and_have_no_words(self) -> None:
        transcript = from_cues(Cue("Hello there.", 0, 1500), Cue("How are you?", 1600, 3000))
        assert [(s.text, s.start_ms, s.end_ms) for s in transcript.sentences] == [
            ("Hello there.", 0, 1500),
            ("How are you?", 1600, 3000),
        ]
        assert transcript.words == ()

    def test_fragments_are_joined_into_the_sentence_they_make(self) -> None:
        transcript = from_cues(
            Cue("I wanted to tell you", 1000, 2500),
            Cue("about the thing", 2500, 3500),
            Cue("we found. It was", 3500, 5000),
            Cue("a door.", 5000, 6000),
        )
        assert texts(transcript) == [
            "I wanted to tell you about the thing we found.",
            "It was a door.",
        ]
        assert transcript.sentences[0].start_ms == 1000
        assert transcript.sentences[1].end_ms == 6000
        assert transcript.words_estimated

    def test_rolling_captions_are_read_once(self) -> None:
        transcript = from_cues(
            Cue("so the first thing", 0, 2000),
            Cue("so the first thing\nwe did was wait.", 2000, 4000),
            Cue("we did was wait.\nNothing happened", 4000, 6000),
            Cue("Nothing happened\nfor a year.", 6000, 8000),
        )
        assert texts(transcript) == [
            "so the first thing we did was wait.",
            "Nothing happened for a year.",
        ]

    def test_people_may_say_a_thing_twice(self) -> None:
        transcript = from_cues(
            Cue("No, no.", 0, 1000),
            Cue("No, no.", 1000, 2000),
            Cue("I said it once.", 2000, 3000),
            Cue("I will not say it again.", 3000, 4000),
            Cue("Never.", 4000, 5000),
            Cue("That is all.", 5000, 6000),
            Cue("Good night.", 6000, 7000),
        )
        assert texts(transcript)[:2] == ["No, no.", "No, no."]

    def test_unpunctuated_cues_are_cut_only_where_a_cue_begins(self) -> None:
        cues = [Cue(f"this is caption number {n}", n * 2000, n * 2000 + 2000) for n in range(60)]
        transcript = from_cues(*cues)
        assert all(s.start_ms % 2000 == 0 for s in transcript.sentences)
        assert max(s.span.duration_ms for s in transcript.sentences) <= 12_000

    def test_a_chevron_begins_a_sentence(self) -> None:
        transcript = from_cues(
            Cue("Do you think so >> I do", 0, 2000), Cue("in a way.", 2000, 3000)
        )
        assert texts(transcript) == ["Do you think so", "I do in a way."]

    def test_names_become_speakers(self) -> None:
        transcript = from_cues(
            Cue("ANN: Where were you?", 0, 2000),
            Cue("BO: At home.", 2000, 3000),
            Cue("All day.", 3000, 4000),
            Cue("ANN: I see.", 4000, 5000),
        )
        assert [(s.speaker, s.text) for s in transcript.sentences] == [
            ("ANN", "Where were you?"),
            ("BO", "At home."),
            ("BO", "All day."),
            ("ANN", "I see."),
        ]

    def test_a_paragraph_is_cut_into_its_sentences(self) -> None:
        transcript = from_cues(Cue("One is here. Two is there. Three is gone.", 0, 9000))
        assert texts(transcript) == ["One is here.", "Two is there.", "Three is gone."]
        assert transcript.sentences[-1].end_ms == 9000

    def test_a_cue_without_an_end_gets_one(self) -> None:
        transcript = from_cues(Cue("Hello there.", 1000, None), Cue("Yes.", 5000, None))
        assert 1000 < transcript.sentences[0].end_ms <= 5000
        assert transcript.sentences[1].end_ms > 5000

    def test_unsorted_cues_are_sorted_and_it_is_said(self) -> None:
        transcript = from_cues(Cue("Second one.", 3000, 4000), Cue("First one.", 0, 1000))
        assert texts(transcript) == ["First one.", "Second one."]
        assert any("not in order" in warning for warning in transcript.warnings)

    def test_overlapping_cues_are_cut_and_it_is_said(self) -> None:
        transcript = from_cues(Cue("First one.", 0, 5000), Cue("Second one.", 3000, 6000))
        assert transcript.sentences[0].end_ms == 3000
        assert any("1 caption overlapped" in warning for warning in transcript.warnings)


class TestBothTogether:
    def test_a_word_outside_every_sentence_widens_the_one_before(self) -> None:
        transcript = build_transcript(
            sentences=[Sentence(0, "Hello.", 0, 500), Sentence(1, "Bye.", 3000, 3500)],
            words=[Word("Hello", 0, 400), Word("again", 900, 1200), Word("Bye", 3000, 3400)],
            language="en",
            engine="x",
        )
        check_invariants(transcript)
        assert transcript.sentences[0].end_ms == 1200

    def test_a_sentence_without_words_gets_estimates_and_it_is_said(self) -> None:
        transcript = build_transcript(
            sentences=[Sentence(0, "Hello.", 0, 500), Sentence(1, "Good bye.", 3000, 3500)],
            words=[Word("Hello", 0, 400)],
            language="en",
            engine="x",
        )
        assert [w.text for w in transcript.words] == ["Hello", "Good", "bye."]
        assert transcript.warnings == ("1 sentence had no word times: estimated.",)


class TestRefusals:
    @pytest.mark.parametrize("cues", [[], [Cue("", 0, 1000)], [Cue("  \n", 0, 1000)]])
    def test_nothing_said(self, cues: list[Cue]) -> None:
        with pytest.raises(InputError, match="empty"):
            from_cues(*cues)

    @pytest.mark.parametrize("time", [None, 0.0, float("nan"), 7000.0])
    def test_no_times(self, time: float | None) -> None:
        with pytest.raises(InputError, match="no times"):
            from_cues(Cue("Hello.", time, time), Cue("You.", time, time))

    def test_all_before_zero(self) -> None:
        with pytest.raises(InputError, match="negative"):
            from_cues(Cue("Hello.", -3000, -2000), Cue("You.", -2000, -1000))


class TestTenHours:
    def test_ninety_thousand_words_take_about_as_long_a_word_as_nine_thousand(self) -> None:
        from time import process_time

        sentence = "We talked about Mr. Smith and why it is so. Then we had 3.5 cups of tea, "
        costs = []
        for count in (9_000, 90_000):
            words = timed((sentence * (count // 16 + 1))[: count * 5])
            begun = process_time()
            build_transcript(words=words, language="en", engine="x")
            costs.append((process_time() - begun) / len(words))
        assert costs[1] < 2.5 * costs[0]
