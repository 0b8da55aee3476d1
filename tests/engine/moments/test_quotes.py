import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.quotes import (
    LONGEST,
    PLACEHOLDER,
    letters_of,
    quote_for,
    shorten,
    spoken_in,
)
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span
from twins.talks import make_talk, text_of

TALK = make_talk(40)
WHOLE = Span(0, TALK.duration_ms)


def span_of(index: int) -> Span:
    return TALK.sentences[index].span


class TestFind:
    @pytest.mark.parametrize(
        "quote",
        [
            text_of(3),
            text_of(3).upper(),
            f"“{text_of(3)}”",
            text_of(3).replace(" ", "  "),
            "Nobody story number 3 shows",
            f"He said: ... {text_of(3)} ... and then he left the building",
        ],
    )
    def test_a_quote_is_found_however_it_is_spelt(self, quote: str) -> None:
        found = spoken_in(WHOLE, TALK).find(quote, span_of(3))
        assert found is not None
        assert span_of(3).start_ms <= found.start_ms
        assert found.end_ms <= span_of(3).end_ms

    @pytest.mark.parametrize("quote", ["", "…", "Nothing like that was ever said.", "12"])
    def test_what_was_not_said_is_not_found(self, quote: str) -> None:
        assert spoken_in(Span(0, 1_000), TALK).find(quote, WHOLE) is None

    def test_of_several_places_the_nearest_counts(self) -> None:
        for index in (5, 20, 35):
            found = spoken_in(WHOLE, TALK).find("what people rarely say aloud", span_of(index))
            assert found is not None
            assert found.overlap_ms(span_of(index)) > 0

    def test_without_word_times_it_is_found_by_sentence(self) -> None:
        talk = make_talk(40, words=False)
        assert spoken_in(WHOLE, talk).find(text_of(7), WHOLE) == talk.sentences[7].span

    def test_writing_without_spaces_is_found(self) -> None:
        talk = Transcript((Sentence(0, "今日は新しい話をします。", 0, 3_000),), language="ja")
        assert spoken_in(Span(0, 3_000), talk).find("新しい話", Span(0, 1)) == Span(0, 3_000)


class TestQuote:
    def test_the_transcripts_own_words_come_first(self) -> None:
        assert quote_for(span_of(3), TALK, None, "invented") == text_of(3)

    def test_the_place_of_the_models_quote_decides_which(self) -> None:
        span = Span(span_of(0).start_ms, span_of(9).end_ms)
        assert quote_for(span, TALK, span_of(4), "whatever") == text_of(4)

    def test_a_place_outside_the_span_is_ignored(self) -> None:
        assert quote_for(span_of(3), TALK, span_of(9), "whatever") == text_of(3)

    def test_without_words_the_sentence_is_quoted(self) -> None:
        talk = make_talk(40, words=False)
        assert quote_for(talk.sentences[3].span, talk, None, "invented") == text_of(3)

    def test_without_any_text_the_model_is_quoted_and_else_nothing(self) -> None:
        silent = Transcript((), ())
        assert quote_for(Span(0, 9), silent, None, " model ") == "model"
        assert quote_for(Span(0, 9), silent, None, "  ") == PLACEHOLDER

    def test_writing_without_spaces_is_joined_without(self) -> None:
        words = (Word("今日", 0, 500), Word("は", 500, 900))
        talk = Transcript((Sentence(0, "今日は", 0, 900),), words, "ja")
        assert quote_for(Span(0, 900), talk, None, "") == "今日は"

    def test_a_long_passage_is_cut_at_the_end_of_a_sentence(self) -> None:
        quote = quote_for(Span(0, 60_000), TALK, None, "")
        assert len(quote) <= LONGEST
        assert quote.endswith((".", "?"))


class TestShorten:
    def test_short_text_stays(self) -> None:
        assert shorten(" a  b ", 3) == "a b"

    def test_without_a_sentence_end_a_word_is_not_cut(self) -> None:
        assert shorten("aaa bbb, ccc ddd", 10) == "aaa bbb…"

    def test_without_spaces_it_is_cut_anywhere(self) -> None:
        assert shorten("あ" * 50, 10) == "あ" * 9 + "…"

    @settings(max_examples=100)
    @given(st.text(max_size=100), st.integers(1, 60))
    def test_it_is_never_longer_than_asked(self, text: str, longest: int) -> None:
        assert len(shorten(text, longest)) <= longest


def test_letters_are_what_is_left_of_spelling() -> None:
    assert letters_of("Don’t — ＳＴＯＰ, 100%!") == "dontstop100"
