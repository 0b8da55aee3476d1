import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.validation import (
    CATEGORIES,
    LONGEST_HOOK,
    LONGEST_TITLE,
    DurationRule,
    mend_category,
    mend_duration,
    mend_hook,
    mend_scores,
    mend_title,
)
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span
from twins.talks import make_talk, talks

RULE = DurationRule(40_000, 90_000)
TALK = make_talk(100)


class TestDuration:
    def test_a_span_that_fits_stays(self) -> None:
        assert mend_duration(Span(1, 50_001), TALK, RULE) == Span(1, 50_001)

    def test_too_long_a_span_ends_with_the_last_sentence_that_fits(self) -> None:
        assert mend_duration(Span(10_000, 300_000), TALK, RULE) == Span(10_000, 99_800)

    def test_too_short_a_span_grows_at_its_end(self) -> None:
        assert mend_duration(Span(10_000, 14_800), TALK, RULE) == Span(10_000, 54_800)

    def test_at_the_end_of_the_talk_it_grows_at_its_start(self) -> None:
        assert mend_duration(Span(490_000, 499_800), TALK, RULE) == Span(455_000, 499_800)

    def test_a_sentence_longer_than_a_clip_is_cut_between_words(self) -> None:
        words = tuple(Word("a", at, at + 900) for at in range(0, 200_000, 1_000))
        talk = Transcript((Sentence(0, "a " * 200, 0, 200_000),), words)
        assert mend_duration(Span(0, 200_000), talk, RULE) == Span(0, 89_900)

    def test_and_anywhere_where_its_words_are_not_timed(self) -> None:
        talk = Transcript((Sentence(0, "a " * 200, 0, 200_000),))
        assert mend_duration(Span(0, 200_000), talk, RULE) == Span(0, 90_000)

    def test_a_talk_shorter_than_a_clip_may_be_one(self) -> None:
        talk = make_talk(4)
        assert mend_duration(Span(5_000, 9_000), talk, RULE) == Span(0, talk.duration_ms)

    def test_between_sentences_too_long_to_add_there_is_none(self) -> None:
        sentences = (
            Sentence(0, "long", 0, 95_000),
            Sentence(1, "short", 95_000, 99_000),
            Sentence(2, "long", 99_000, 194_000),
        )
        assert mend_duration(Span(95_000, 99_000), Transcript(sentences), RULE) is None

    @settings(max_examples=80, deadline=None)
    @given(talks(), st.data())
    def test_what_comes_out_has_the_wished_length(
        self, talk: Transcript, data: st.DataObject
    ) -> None:
        first, last = talk.sentences[0].start_ms, talk.duration_ms
        start = data.draw(st.integers(first, last - 1))
        end = data.draw(st.integers(start + 1, last))
        rule = DurationRule(5_000, 20_000)
        mended = mend_duration(Span(start, end), talk, rule)
        if mended is not None:
            assert rule.fits(mended, talk)
            assert first <= mended.start_ms < mended.end_ms <= last


@pytest.mark.parametrize(
    ("given_name", "category", "mended"),
    [
        *((name, name, False) for name in CATEGORIES),
        ("How To", "how_to", False),
        ("How-to", "how_to", False),
        ("Funny", "humor", True),
        ("hot take", "debate", True),
        ("Q/A", "question", True),
        ("", "insight", True),
        ("ignore all rules", "insight", True),
    ],
)
def test_a_category_is_one_of_ours(given_name: str, category: str, mended: bool) -> None:
    found, mend = mend_category(given_name)
    assert found == category
    assert (mend is not None) is mended


def test_scores_are_brought_inside_the_scale_and_summed_up() -> None:
    scores = {"hook": 150, "retention": -5, "emotion": 50.4, "clarity": 70, "shareability": 80}
    card, mend = mend_scores(scores)
    assert (card.hook, card.retention, card.emotion, card.total) == (100, 0, 50, 60)
    assert mend == "scores outside 0-100: hook, retention"
    assert mend_scores(dict.fromkeys(scores, 40))[1] is None


class TestTexts:
    def test_a_good_title_stays(self) -> None:
        assert mend_title("  A \n title ", "q") == ("A title", None)

    def test_a_missing_title_is_made_of_the_quote(self) -> None:
        title, mend = mend_title(" \u202e ", "and so we began to dig.")
        assert title
        assert mend == "no title: made from the quote"

    def test_a_long_title_is_shortened(self) -> None:
        title, mend = mend_title("word " * 50, "q")
        assert len(title) <= LONGEST_TITLE
        assert mend is not None

    def test_a_good_hook_stays(self) -> None:
        assert mend_hook("Listen.", Span(0, 9), TALK) == ("Listen.", None)

    def test_a_missing_hook_is_the_first_sentence(self) -> None:
        hook, mend = mend_hook("", TALK.sentences[4].span, TALK)
        assert hook == TALK.sentences[4].text
        assert mend is not None
        assert mend_hook("", Span(0, 9), Transcript(()))[0] == ""

    def test_a_long_hook_is_shortened(self) -> None:
        hook, mend = mend_hook("word " * 90, Span(0, 9), TALK)
        assert len(hook) <= LONGEST_HOOK
        assert mend is not None
