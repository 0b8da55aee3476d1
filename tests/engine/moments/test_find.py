"""The finder: what holds of any talk, and that it finds what it should."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.media.signals import Signals
from goviral.engine.moments.boundaries import is_dangling
from goviral.engine.moments.find import find_moments, score_each, score_spans
from goviral.engine.moments.moment import Moment, Wishes
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.errors import InputError
from goviral.kit.progress import SilentProgress
from goviral.kit.timecode import Span
from twins.interviews import interview
from twins.languages import LANGUAGES, speech
from twins.talks import make_talk, talks

quick = settings(max_examples=25, deadline=None)


def check(moments: tuple[Moment, ...], talk: Transcript, wishes: Wishes) -> None:
    """What every answer keeps."""
    taken: list[Span] = []
    starts = {s.start_ms for s in talk.sentences} | {w.start_ms for w in talk.words}
    for moment in moments:
        assert not any(moment.span.overlap_ms(other) for other in taken)
        taken.append(moment.span)
        assert 0 < moment.span.duration_ms <= wishes.max_ms
        assert talk.words == () or moment.span.start_ms in starts
        assert 0 <= moment.score <= 100
        assert moment.score == moment.scorecard.total
        assert 0 < len(moment.title) <= 60
        assert moment.hook
        assert moment.quote
        for reason in moment.reasons:
            assert reason.span is not None
            assert moment.span.overlap_ms(reason.span) > 0
    scores = [moment.score for moment in moments]
    assert scores == sorted(scores, reverse=True)


@quick
@given(talks(), st.sampled_from([(40_000, 90_000), (5_000, 20_000), (1, 1_000)]))
def test_any_talk_gives_moments_that_keep_every_promise(
    talk: Transcript, lengths: tuple[int, int]
) -> None:
    wishes = Wishes(min_ms=lengths[0], max_ms=lengths[1])
    moments = find_moments(talk, wishes=wishes)
    check(moments, talk, wishes)
    assert moments == find_moments(talk, wishes=wishes)


def test_the_funny_stretches_of_an_interview_come_first() -> None:
    made = interview(seed=3)
    moments = find_moments(made.transcript, wishes=Wishes(count=5))
    laughed = [sum(m.span.contains(at - 1) for at in made.laughs) for m in moments]
    assert laughed[0] >= 4
    assert sum(count > 0 for count in laughed) >= 4


def test_clips_begin_and_end_at_sentences_and_lean_on_nothing() -> None:
    talk = interview(seed=1).transcript
    starts, ends = {s.start_ms for s in talk.sentences}, {s.end_ms for s in talk.sentences}
    for moment in find_moments(talk):
        assert moment.span.start_ms in starts
        assert moment.span.end_ms in ends
        assert 40_000 <= moment.span.duration_ms <= 90_000
        assert not is_dangling(moment.hook, "en")


@pytest.mark.parametrize("sentences", [1, 3, 7])
def test_a_talk_shorter_than_a_clip_is_one_moment_of_its_whole_length(sentences: int) -> None:
    talk = make_talk(sentences)
    moments = find_moments(talk)
    assert [m.span for m in moments] == [Span(0, talk.duration_ms)]


@pytest.mark.parametrize(
    ("minutes", "fewest", "most"), [(1, 1, 1), (3, 1, 4), (12, 4, 4), (45, 4, 8), (150, 4, 10)]
)
def test_longer_talks_give_more_moments(minutes: int, fewest: int, most: int) -> None:
    talk = interview(minutes=minutes).transcript
    assert fewest <= len(find_moments(talk)) <= most


def test_as_many_as_asked_for_when_they_fit() -> None:
    talk = interview(minutes=30).transcript
    assert len(find_moments(talk, wishes=Wishes(count=1))) == 1
    assert len(find_moments(talk, wishes=Wishes(count=17))) == 17
    assert 25 < len(find_moments(talk, wishes=Wishes(count=500))) <= 45


def test_a_wished_topic_comes_first_and_is_a_reason() -> None:
    talk = interview(seed=2).transcript
    at = 120
    about = list(talk.sentences)
    for step in range(4):
        old = about[at + step]
        text = "Penguins in Antarctica keep their eggs warm on their feet."
        about[at + step] = Sentence(old.id, text, old.start_ms, old.end_ms, old.speaker)
    changed = Transcript(tuple(about), (), "en")
    best = find_moments(changed, wishes=Wishes(about="penguin eggs"))[0]
    assert best.span.overlap_ms(about[at].span)
    assert best.reasons[0].feature == "asked_for"
    assert find_moments(talk, wishes=Wishes(about="? !")) == find_moments(talk)


def test_one_endless_sentence_is_cut_at_words() -> None:
    spoken = make_talk(200)
    whole = Sentence(0, spoken.text, 0, spoken.duration_ms, None)
    talk = Transcript((whole,), spoken.words, "en")
    ends = {w.end_ms for w in spoken.words}
    starts = {w.start_ms for w in spoken.words}
    moments = find_moments(talk)
    assert len(moments) == 4
    for moment in moments:
        assert moment.span.start_ms in starts
        assert moment.span.end_ms in ends
        assert 40_000 <= moment.span.duration_ms <= 90_000


def test_scattered_stretches_give_what_they_have() -> None:
    sentences = tuple(
        Sentence(n, f"Stretch {n} is short and alone.", n * 600_000, n * 600_000 + 8_000)
        for n in range(6)
    )
    moments = find_moments(Transcript(sentences, (), "en"))
    assert len(moments) == 6
    assert {m.span.duration_ms for m in moments} == {8_000}


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages_begin_at_sentences_and_have_titles(language: str) -> None:
    talk = speech(language)
    moments = find_moments(talk)
    assert len(moments) >= 2
    check(moments, talk, Wishes())
    for moment in moments:
        assert 40_000 <= moment.span.duration_ms <= 90_000
        assert not is_dangling(moment.hook, language)
        assert len(moment.title) >= 4


def test_loud_stretches_and_marks_of_laughter_raise_the_score() -> None:
    talk = make_talk(300, words=False, speakers=())
    target = Span(700_000, 745_000)
    level = [-30.0 + (12.0 if target.contains(at * 100) else 0.0) for at in range(15_000)]
    plain = score_spans(talk, [target])[0]
    loud = score_spans(talk, [target], Signals(100, tuple(level)))[0]
    assert loud.score > plain.score
    assert "loud_burst" in [reason.feature for reason in loud.reasons]
    marked = list(talk.sentences)
    at = next(s.id for s in marked if s.start_ms > 720_000)
    old = marked[at]
    marked[at] = Sentence(at, f"{old.text} [Laughter]", old.start_ms, old.end_ms)
    laughed = score_spans(Transcript(tuple(marked), (), "en"), [target])[0]
    assert laughed.score > plain.score
    assert laughed.reasons[0].feature == "marked_reaction"


def test_spans_of_the_user_are_mended_and_scored_in_their_order() -> None:
    made = interview(seed=3)
    talk = made.transcript
    funny = made.laughs[3]
    spans = [Span(10_000, 60_500), Span(funny - 30_500, funny + 10_000)]
    moments = score_spans(talk, spans)
    assert moments[1].score > moments[0].score
    for moment, span in zip(moments, spans, strict=True):
        assert moment.span.overlap_ms(span) > 0.8 * span.duration_ms
        assert moment.mends
    check((moments[0],), talk, Wishes())


def test_spans_without_speech_are_left_out_or_none() -> None:
    talk = make_talk(20)
    silent = Span(10_000_000, 10_040_000)
    assert score_each(talk, [silent, Span(0, 45_000)])[0] is None
    assert len(score_spans(talk, [silent, Span(0, 45_000)])) == 1
    assert score_spans(Transcript(()), [silent]) == ()


def test_a_span_without_length_is_refused() -> None:
    with pytest.raises(InputError, match="has no length"):
        score_spans(make_talk(20), [Span(5_000, 5_000)])


@pytest.mark.parametrize(
    "wishes", [Wishes(min_ms=0), Wishes(min_ms=50_000, max_ms=40_000), Wishes(count=0)]
)
def test_wishes_that_no_clip_can_meet_are_refused(wishes: Wishes) -> None:
    with pytest.raises(InputError):
        find_moments(make_talk(20), wishes=wishes)


def test_an_empty_transcript_has_no_moments() -> None:
    assert find_moments(Transcript(()), progress=SilentProgress()) == ()


def test_ten_hours_keep_their_times_and_take_few_seconds() -> None:
    talk = interview(minutes=600).transcript
    started = time.process_time()
    moments = find_moments(talk)
    assert time.process_time() - started < 30
    assert len(moments) == 10
    assert max(m.span.end_ms for m in moments) > 6_000_000


def test_another_seed_chooses_otherwise_among_near_equals_and_the_same_again() -> None:
    talk = speech("de")
    answers = {
        seed: tuple(m.span for m in find_moments(talk, wishes=Wishes(seed=seed)))
        for seed in range(6)
    }
    assert len(set(answers.values())) > 1
    for seed, spans in answers.items():
        assert tuple(m.span for m in find_moments(talk, wishes=Wishes(seed=seed))) == spans
