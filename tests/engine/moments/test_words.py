import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.words import LONGEST_LEAD_MS, clamp_to_words
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span
from twins.talks import talks

TALK = Transcript(
    (Sentence(0, "one two three", 10_000, 14_000),),
    (Word("one", 10_000, 11_000), Word("two", 12_000, 13_000), Word("three", 13_000, 14_000)),
)


@pytest.mark.parametrize(
    ("given_span", "clamped"),
    [
        (Span(10_000, 14_000), Span(10_000, 14_000)),
        (Span(10_500, 13_500), Span(10_000, 14_000)),
        (Span(11_500, 14_000), Span(11_500, 14_000)),
        (Span(8_000, 14_000), Span(8_000, 14_000)),
        (Span(7_999, 14_000), Span(10_000, 14_000)),
        (Span(10_000, 16_000), Span(10_000, 16_000)),
        (Span(10_000, 16_001), Span(10_000, 14_000)),
        (Span(0, 5_000), Span(0, 5_000)),
        (Span(20_000, 25_000), Span(20_000, 25_000)),
        (Span(11_200, 11_800), Span(11_200, 11_800)),
    ],
)
def test_a_span_is_brought_to_its_words(given_span: Span, clamped: Span) -> None:
    assert clamp_to_words(given_span, TALK) == clamped


def test_without_words_nothing_happens() -> None:
    assert clamp_to_words(Span(1, 9), Transcript(TALK.sentences)) == Span(1, 9)


@settings(max_examples=80, deadline=None)
@given(talks(), st.integers(0, 40_000_000), st.integers(1, 100_000))
def test_no_word_is_cut_and_the_first_comes_soon(talk: Transcript, start: int, length: int) -> None:
    span = Span(start, start + length)
    clamped = clamp_to_words(span, talk)
    assert clamp_to_words(clamped, talk) == clamped
    for word in talk.words:
        for edge in (clamped.start_ms, clamped.end_ms):
            assert not word.start_ms < edge < word.end_ms
    inside = talk.words_in(clamped)
    if inside:
        assert inside[0].start_ms - clamped.start_ms <= LONGEST_LEAD_MS
