"""Titles apart, how a chosen clip is put into words and judged."""

from typing import get_args

import numpy as np
import pytest

from goviral.engine.media.signals import SILENT
from goviral.engine.moments.categories import category_of
from goviral.engine.moments.features.lexicon import kinds
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.find import rank
from goviral.engine.moments.moment import Category, Wishes
from goviral.engine.moments.pieces import pieces_of
from goviral.engine.moments.ranking import EVIDENCE, heat_of
from goviral.engine.moments.reasons import GROUPS, MOST, label_of, reasons_for, topic_of
from goviral.engine.moments.scorecard import Judge, Scale, opening_strength
from goviral.engine.transcripts.document import Sentence, Transcript
from twins.interviews import interview

PLAIN = "The committee considered the regional framework in the second quarter."


def talk(*hot: str, speaker: str | None = None) -> Transcript:
    """Forty plain sentences with some others in the middle."""
    texts = [PLAIN] * 20 + [*hot] + [PLAIN] * 20
    return Transcript(
        tuple(Sentence(n, t, n * 5_000, n * 5_000 + 4_800, speaker) for n, t in enumerate(texts)),
        (),
        "en",
    )


def table(transcript: Transcript) -> Table:
    return table_of(pieces_of(transcript, 90_000), "en")


@pytest.mark.parametrize(
    ("category", "sentence"),
    [
        ("humor", "That joke was so funny, we laughed like idiots, haha."),
        ("story", "One day years ago she came home and told me what happened."),
        ("emotion", "I felt so ashamed and afraid, it was horrible and sad."),
        ("how_to", "First you should learn the rule, second, you must practice."),
        ("fact", "In 1999 they lost $5 million, 40 percent of 12 million."),
        ("debate", "But no, however, that isn't true, don't say it, never."),
        ("question", "What is it and why and how?"),
        ("insight", "The truth of life is that success means change."),
        ("quote", PLAIN),
    ],
)
def test_a_clip_is_of_the_sort_whose_signs_it_has(category: Category, sentence: str) -> None:
    read = table(talk(*[sentence] * 4))
    assert category_of(read, 20, 23) == category
    assert category in get_args(Category)


def test_every_feature_can_be_told_in_words() -> None:
    for feature in (*table(talk()).names, *EVIDENCE):
        assert topic_of(feature) in GROUPS or label_of(feature)
    assert {f"say_{kind}" for kind in kinds()} <= set(table(talk()).names)


def test_reasons_are_few_heaviest_first_and_say_which_way() -> None:
    made = interview(seed=3).transcript
    read = table(made)
    pieces = pieces_of(made, 90_000)
    heat = heat_of(read)
    hottest = int(np.argmax(heat.per_piece))
    reasons = reasons_for(hottest - 6, hottest + 2, pieces, read, heat)
    assert 0 < len(reasons) <= MOST
    assert [r.weight for r in reasons] == sorted((r.weight for r in reasons), reverse=True)
    texts = {r.text for r in reasons}
    assert len(texts) == len(reasons)
    assert texts & {"Quick exchanges between the speakers", "Short, plain sentences"}


def test_a_dull_stretch_says_less_for_itself() -> None:
    made = interview(seed=3).transcript
    read, pieces = table(made), pieces_of(made, 90_000)
    heat = heat_of(read)
    coldest = int(np.argmin(np.convolve(heat.per_piece, np.ones(9), "valid")))
    hot = sum(r.weight for r in reasons_for(coldest, coldest + 8, pieces, read, heat))
    hottest = int(np.argmax(np.convolve(heat.per_piece, np.ones(9), "valid")))
    assert hot < sum(r.weight for r in reasons_for(hottest, hottest + 8, pieces, read, heat))


def test_a_scale_uses_both_ends_and_knows_ties() -> None:
    scale = Scale(np.sort(np.arange(100.0)))
    assert scale.score(-5) == 0
    assert scale.score(200) == 100
    assert 45 <= scale.score(50) <= 55
    assert Scale(np.zeros(9)).score(0) == 50


def test_an_emotional_clear_or_surprising_clip_is_judged_so() -> None:
    read = table(talk("I was so afraid and sad, I cried, it was horrible!", *[PLAIN] * 9))
    judge = Judge(read, heat_of(read))
    hot, cold = judge.card(20, 28), judge.card(2, 10)
    assert hot.emotion > cold.emotion
    muddled = table(talk(*["Um, well, you know, maybe, I guess, sort of, basically --"] * 9))
    judge = Judge(muddled, heat_of(muddled))
    assert judge.card(20, 28).clarity < judge.card(2, 10).clarity


def test_an_opening_that_asks_is_stronger_and_one_that_greets_weaker() -> None:
    asks = opening_strength(table(talk("Why did nobody ever tell you this secret?")))
    greets = opening_strength(table(talk("Welcome back to the show, thanks to our sponsor.")))
    assert asks[20] > asks[5]
    assert greets[20] < greets[5]
    assert opening_strength(table(talk())).tolist() == [0.0] * 40


def test_a_short_hook_takes_the_next_sentence_along() -> None:
    ranked = rank(talk("Why now?", "Because nobody asked."), SILENT, Wishes())
    assert ranked is not None
    assert ranked.describer.moment(20, 29).hook == "Why now? Because nobody asked."
    assert ranked.describer.moment(20, 20).hook == "Why now?"


def test_the_quote_is_a_whole_sentence_said_in_the_clip() -> None:
    ranked = rank(talk("The truth is that success never changed my life."), SILENT, Wishes())
    assert ranked is not None
    moment = ranked.describer.moment(16, 25)
    assert moment.quote == "The truth is that success never changed my life."


def test_the_speaker_is_who_speaks_longest_or_nobody() -> None:
    made = interview().transcript
    ranked = rank(made, SILENT, Wishes())
    assert ranked is not None
    assert ranked.describer.moment(0, 8).speaker == "Ben"
    alone = rank(talk(), SILENT, Wishes())
    assert alone is not None
    assert alone.describer.moment(0, 8).speaker is None
