from dataclasses import replace

from goviral.engine.moments.assembling import Place, assemble, fit_span, main_speaker
from goviral.engine.moments.chunking import Chunk
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.moments.pieces import pieces_of
from goviral.engine.moments.proposal import Proposal
from goviral.engine.moments.quotes import spoken_in
from goviral.engine.moments.validation import Dropped
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.timecode import Span
from twins.models import proposal
from twins.talks import make_talk


def place(talk: Transcript, wishes: Wishes = Wishes()) -> Place:
    span = Span(talk.sentences[0].start_ms, talk.duration_ms)
    chunk = Chunk(0, span, 0, len(talk.sentences) - 1)
    return Place(talk, pieces_of(talk, wishes.max_ms), chunk, spoken_in(span, talk), wishes)


TALK = make_talk(100)


class TestFitSpan:
    def test_a_span_of_whole_sentences_stays(self) -> None:
        assert fit_span(Span(50_000, 99_800), place(TALK)) == Span(50_000, 99_800)

    def test_a_start_inside_a_sentence_goes_back_to_its_beginning(self) -> None:
        fitted = fit_span(Span(51_000, 99_800), place(TALK))
        assert fitted == Span(50_000, 99_800)

    def test_a_dangling_opening_takes_what_it_leans_on(self) -> None:
        sentences = list(TALK.sentences)
        sentences[10] = replace(sentences[10], text="And that is why he said so.")
        talk = replace(TALK, sentences=tuple(sentences))
        fitted = fit_span(Span(50_000, 99_800), place(talk))
        assert fitted == Span(45_000, 99_800)

    def test_where_nothing_is_said_there_is_none(self) -> None:
        late = make_talk(20, start_ms=400_000)
        talk = Transcript((*make_talk(20).sentences, *late.sentences))
        assert fit_span(Span(200_000, 260_000), place(talk)) is None

    def test_between_sentences_too_long_there_is_none(self) -> None:
        sentences = (
            Sentence(0, "One.", 0, 300_000),
            Sentence(1, "Two.", 300_000, 305_000),
            Sentence(2, "Three.", 305_000, 600_000),
        )
        untimed = Transcript(sentences)
        wishes = Wishes(min_ms=40_000, max_ms=41_000)
        assert fit_span(Span(301_000, 302_000), place(untimed, wishes)) is None


class TestAssemble:
    def test_a_good_proposal_is_a_moment(self) -> None:
        found = assemble(Proposal.model_validate(proposal(50_000, 99_800)), place(TALK))
        assert isinstance(found, Moment)
        assert found.chunk == 0

    def test_a_bad_one_is_dropped_with_what_was_proposed(self) -> None:
        found = assemble(Proposal.model_validate(proposal(9_000_000, 9_100_000)), place(TALK))
        assert isinstance(found, Dropped)
        assert found.span == Span(9_000_000, 9_100_000)

    def test_one_that_cannot_be_made_to_fit_is_dropped(self) -> None:
        sentences = (Sentence(0, "One.", 0, 300_000), Sentence(1, "Two.", 300_000, 305_000))
        talk = Transcript(sentences)
        wishes = Wishes(min_ms=40_000, max_ms=41_000)
        found = assemble(Proposal.model_validate(proposal(301_000, 305_000)), place(talk, wishes))
        assert isinstance(found, Dropped)
        assert "length" in found.reason


def test_who_speaks_longest_is_the_speaker() -> None:
    assert main_speaker(Span(0, 100_000), TALK) == "Ann"
    assert main_speaker(Span(90_000, 180_000), TALK) == "Bob"
    assert main_speaker(Span(0, 1_000), make_talk(2, speakers=())) is None
