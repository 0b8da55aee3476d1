import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.chunking import ChunkRule, chunk_transcript
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from twins.talks import make_talk, talks


def test_windows_are_as_long_as_they_should_be_and_overlap() -> None:
    talk = make_talk(720)
    chunks = chunk_transcript(talk, ChunkRule())
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    for chunk, following in itertools.pairwise(chunks):
        assert 440_000 <= chunk.span.duration_ms <= 450_000
        assert 40_000 <= chunk.span.end_ms - following.span.start_ms <= 45_000


@pytest.mark.parametrize("hours", [2, 11])
def test_long_talks_keep_their_absolute_times(hours: int) -> None:
    talk = make_talk(hours * 720)
    chunks = chunk_transcript(talk, ChunkRule())
    assert chunks[-1].span.end_ms == talk.duration_ms > 100 * 60_000
    for chunk in chunks:
        inside = chunk.sentences(talk)
        assert inside[0].start_ms == chunk.span.start_ms
        assert inside[-1].end_ms == chunk.span.end_ms


def test_a_short_tail_joins_its_neighbour() -> None:
    chunks = chunk_transcript(make_talk(100), ChunkRule())
    assert len(chunks) == 1
    assert chunks[0].span.duration_ms > 450_000


def test_a_short_talk_is_one_window() -> None:
    assert len(chunk_transcript(make_talk(5), ChunkRule())) == 1


def test_an_empty_talk_has_none() -> None:
    assert chunk_transcript(Transcript(()), ChunkRule()) == ()


def test_a_window_before_a_long_silence_reaches_over_it() -> None:
    before, after = make_talk(10), make_talk(200, start_ms=900_000)
    talk = Transcript((*before.sentences, *after.sentences))
    for chunk in chunk_transcript(talk, ChunkRule()):
        assert chunk.span.duration_ms >= 180_000


@pytest.mark.parametrize(("duration", "overlap"), [(60_000, 60_000), (60_000, 90_000), (10, -1)])
def test_an_overlap_as_long_as_a_window_is_refused(duration: int, overlap: int) -> None:
    with pytest.raises(InputError):
        chunk_transcript(make_talk(10), ChunkRule(duration, overlap))


@settings(max_examples=60, deadline=None)
@given(talks(), st.integers(1_000, 60_000), st.floats(0, 0.99))
def test_every_sentence_is_in_a_window_and_no_window_is_short(
    talk: Transcript, duration: int, share: float
) -> None:
    rule = ChunkRule(duration, int(duration * share))
    chunks = chunk_transcript(talk, rule)
    covered = {index for chunk in chunks for index in range(chunk.first, chunk.last + 1)}
    assert covered == set(range(len(talk.sentences)))
    for chunk, following in itertools.pairwise(chunks):
        assert following.first > chunk.first
        assert following.last > chunk.last
        assert following.first <= chunk.last + 1
        overlap = chunk.span.end_ms - following.span.start_ms
        # A sentence that is longer than the overlap allows is the least step there is.
        assert overlap <= rule.overlap_ms or following.first == chunk.first + 1
    if len(chunks) > 1:
        assert all(chunk.span.duration_ms >= rule.shortest_ms for chunk in chunks)
