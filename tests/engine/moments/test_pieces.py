from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.pieces import estimated_words, pieces_of
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from twins.talks import make_talk, talks


def test_sentences_that_fit_are_pieces_as_they_are() -> None:
    talk = make_talk(5)
    pieces = pieces_of(talk, 90_000)
    assert [p.text for p in pieces] == [s.text for s in talk.sentences]
    assert all(p.opens and p.closes for p in pieces)


def test_a_sentence_longer_than_a_clip_is_cut_at_its_longest_pauses() -> None:
    words = []
    at = 0
    for number in range(60):
        words.append(Word(f"word{number}", at, at + 300))
        at += 300 + (900 if number % 10 == 9 else 20)
    talk = Transcript((Sentence(0, "long", 0, at, "Ann"),), tuple(words), "en")
    pieces = pieces_of(talk, 15_000)
    assert [p.opens for p in pieces] == [True] + [False] * (len(pieces) - 1)
    assert [p.closes for p in pieces] == [False] * (len(pieces) - 1) + [True]
    assert all(p.text.split()[-1].endswith("9") for p in pieces)
    assert pieces[0].start_ms == 0
    assert pieces[-1].end_ms == at
    assert {p.speaker for p in pieces} == {"Ann"}


def test_without_pauses_it_is_cut_where_the_part_is_full() -> None:
    talk = Transcript((Sentence(0, "so " * 100, 0, 100_000),), (), "en")
    pieces = pieces_of(talk, 20_000)
    assert all(p.end_ms - p.start_ms <= 12_000 for p in pieces)
    assert len(pieces) <= 10


def test_times_of_words_are_shared_out_by_letters() -> None:
    words = estimated_words(Sentence(0, "a four letters", 1_000, 15_000))
    assert [w.text for w in words] == ["a", "four", "letters"]
    assert (words[0].start_ms, words[-1].end_ms) == (1_000, 1_000 + 14_000 * 15 // 15)
    assert words[0].end_ms == words[1].start_ms


def test_scripts_without_spaces_are_cut_between_letters_and_joined_without() -> None:
    talk = Transcript((Sentence(0, "今日はとても長い話です" * 20, 0, 120_000),), (), "ja")
    pieces = pieces_of(talk, 30_000)
    assert len(pieces) >= 10
    assert "".join(p.text for p in pieces) == talk.sentences[0].text


def test_one_long_word_stays_whole() -> None:
    talk = Transcript((Sentence(0, "So", 0, 120_000),), (), "en")
    assert len(pieces_of(talk, 30_000)) == 1


@settings(max_examples=40)
@given(talks(), st.sampled_from((500, 5_000, 60_000)))
def test_pieces_cover_every_sentence_without_overlap(talk: Transcript, longest: int) -> None:
    pieces = pieces_of(talk, longest)
    assert pieces[0].start_ms == talk.sentences[0].start_ms
    assert pieces[-1].end_ms == talk.sentences[-1].end_ms
    assert {p.sentence for p in pieces} == {s.id for s in talk.sentences}
    for one, following in pairwise(pieces):
        assert one.end_ms <= following.start_ms
        assert one.start_ms < one.end_ms
