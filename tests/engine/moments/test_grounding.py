from goviral.engine.moments.chunking import Chunk
from goviral.engine.moments.grounding import Grounded, ground
from goviral.engine.moments.quotes import spoken_in
from goviral.kit.timecode import Span
from twins.talks import make_talk

TALK = make_talk(300)
# The second chunk of a talk: its times do not begin at nought.
CHUNK = Chunk(1, Span(500_000, 950_000), 100, 189)
SPOKEN = spoken_in(CHUNK.span, TALK)


def grounded(span: Span, sentence: int | None = None, quote: str = "") -> Grounded | str:
    text = quote or (TALK.sentences[sentence].text if sentence is not None else "")
    return ground(span, text, CHUNK, SPOKEN, 65_000)


def test_honest_times_and_quotes_stay() -> None:
    span = Span(600_000, 660_000)
    assert grounded(span, 125) == Grounded(span, TALK.sentences[125].span, ())


def test_an_invented_quote_is_noted() -> None:
    found = grounded(Span(600_000, 660_000), quote="I never said such a thing in my life.")
    assert isinstance(found, Grounded)
    assert found.said is None
    assert found.mends == ("quote not in the transcript: replaced by what is said",)


def test_no_quote_is_no_mend() -> None:
    assert grounded(Span(600_000, 660_000)) == Grounded(Span(600_000, 660_000), None, ())


def test_times_counted_from_the_chunks_start_are_found_out_by_the_quote() -> None:
    found = grounded(Span(100_000, 160_000), 125)
    assert isinstance(found, Grounded)
    assert found.span.overlap_ms(TALK.sentences[125].span) == 4_800
    assert found.span.duration_ms == 65_000
    assert found.mends == ("times do not hold the quote: moved to it",)


def test_a_quote_elsewhere_in_the_chunk_moves_the_moment_there() -> None:
    found = grounded(Span(600_000, 660_000), 180)
    assert isinstance(found, Grounded)
    assert CHUNK.span.start_ms <= found.span.start_ms < TALK.sentences[180].start_ms
    assert found.span.end_ms <= CHUNK.span.end_ms


def test_reversed_times_are_saved_by_a_quote_only() -> None:
    assert grounded(Span(660_000, 600_000)) == "its start is not before its end"
    assert isinstance(grounded(Span(660_000, 600_000), 125), Grounded)


def test_times_outside_the_chunk_are_not_believed() -> None:
    assert grounded(Span(100_000, 160_000)) == "its times are outside its chunk"
    assert grounded(Span(2_000_000, 2_060_000)) == "its times are outside its chunk"


def test_times_over_the_edge_are_cut_there() -> None:
    found = grounded(Span(480_000, 560_000))
    assert isinstance(found, Grounded)
    assert found.span == Span(500_000, 560_000)
    assert found.mends == ("times beyond the chunk: cut at its edge",)
