"""What may be shown of a masked talk."""

from goviral.engine.clips.captions.masking import NO_MASK, Mask
from goviral.engine.moments.moment import Moment, Reason, Scorecard
from goviral.engine.moments.titles import FALLBACK
from goviral.engine.studio.masked import masked_moment, masked_transcript
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span

MASK = Mask(frozenset({"heck", "moment"}))
MOMENT = Moment(
    span=Span(0, 1000),
    score=50,
    scorecard=Scorecard(1, 2, 3, 4, 5, 50),
    title="What the heck",
    hook="Heck, no.",
    quote="To heck with it.",
    category="quote",
    reasons=(Reason("words", "says “heck” twice", 0.4),),
    platforms={"tiktok": {"caption": "Heck!", "hashtags": ["heck", "fyp"], "count": 2}},
    mends=("begins at “heck” instead",),
)


class TestAMoment:
    def test_every_text_of_it_is_masked(self) -> None:
        shown = masked_moment(MOMENT, MASK)
        assert shown.title == "What the h**k"
        assert shown.platforms == {
            "tiktok": {"caption": "H**k!", "hashtags": ["h**k", "fyp"], "count": 2}
        }
        assert "heck" not in repr(shown).lower()

    def test_nothing_changes_without_a_mask(self) -> None:
        assert masked_moment(MOMENT, NO_MASK) == MOMENT

    def test_the_title_of_one_without_words_stays_known(self) -> None:
        named = Moment(MOMENT.span, 50, MOMENT.scorecard, FALLBACK, "", "", "quote")
        assert masked_moment(named, MASK).title == FALLBACK


def test_a_transcript_is_masked_in_sentences_and_words() -> None:
    said = Transcript((Sentence(0, "Oh heck.", 0, 900),), (Word("heck.", 400, 900),), "en")
    shown = masked_transcript(said, MASK)
    assert (shown.sentences[0].text, shown.words[0].text) == ("Oh h**k.", "h**k.")
