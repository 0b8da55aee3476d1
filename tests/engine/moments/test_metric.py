"""The metric against figures recorded from the reference script on made-up talks."""

import numpy as np
import pytest

from goviral.engine.moments.labelled import Label, LabelledTalk, parse_talk
from goviral.engine.moments.metric import (
    KS,
    Figure,
    Truth,
    aggregate,
    area_under_curve,
    clean,
    score_talk,
)
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span
from twins.labelled import made_picks, made_talk

# Printed by the reference script for talks 0 to 8 and their picks: value, low, high.
REFERENCE = {
    "hit@1": (0.1111, 0.0, 0.3333),
    "lift@1": (0.6793, 0.0, 2.5871),
    "mlift@1": (0.2831, 0.0, 1.1539),
    "recall@1": (0.0028, 0.0, 0.0085),
    "ndcg@1": (0.0222, 0.0, 0.0667),
    "hit@3": (0.2222, 0.0741, 0.3704),
    "lift@3": (1.0972, 0.4226, 1.8655),
    "mlift@3": (1.1061, 0.3087, 2.025),
    "recall@3": (0.0344, 0.0105, 0.0595),
    "ndcg@3": (0.1036, 0.0347, 0.1792),
    "hit@5": (0.2222, 0.1111, 0.3333),
    "lift@5": (1.0253, 0.4856, 1.8118),
    "mlift@5": (1.0273, 0.4398, 1.8198),
    "recall@5": (0.0593, 0.0275, 0.0915),
    "ndcg@5": (0.1145, 0.0559, 0.1735),
    "hit@10": (0.1444, 0.0667, 0.2222),
    "lift@10": (0.7192, 0.3648, 1.1373),
    "mlift@10": (0.7343, 0.3363, 1.191),
    "recall@10": (0.079, 0.0335, 0.1254),
    "ndcg@10": (0.0998, 0.0493, 0.1515),
}
FIRST_TALK = {
    "n@3": 3,
    "hits@3": 2.0,
    "ehits@3": 1.113929332716709,
    "mass@3": 1.5,
    "emass@3": 0.7919779689667821,
    "recall@3": 0.11111111111111109,
    "ndcg@3": 0.31236332259037086,
    "emass@10": 2.534759099563128,
}
MINUTE = 60_000


def truth(*labels: tuple[int, int, float], minutes: int = 10) -> Truth:
    made = tuple(Label(*label) for label in labels)
    whole = Span(0, minutes * MINUTE)
    return Truth(LabelledTalk("t", "made", "test", Transcript(()), made, whole.end_ms, whole))


def rows() -> list[dict[str, float]]:
    return [score_talk(made_picks(n), Truth(parse_talk(made_talk(n)))) for n in range(9)]


def test_every_figure_agrees_with_the_reference_to_the_last_digit() -> None:
    assert aggregate(rows()) == {name: Figure(*figure) for name, figure in REFERENCE.items()}


def test_the_sums_of_one_talk_agree_with_the_reference_exactly() -> None:
    row = rows()[0]
    assert {name: row[name] for name in FIRST_TALK} == FIRST_TALK


def test_a_point_is_hit_from_two_seconds_in_until_two_seconds_after() -> None:
    asked = truth((100_000, 100_000, 1.0))
    hits = [bool(asked.hits(Span(start, start + 40_000))) for start in (97_999, 98_000, 58_000)]
    assert hits == [True, False, True]
    assert not asked.hits(Span(57_999, 97_999))


def test_a_passage_is_hit_by_half_of_the_shorter() -> None:
    asked = truth((100_000, 110_000, 1.0))
    assert asked.hits(Span(65_000, 105_000))
    assert not asked.hits(Span(64_999, 104_999))
    assert not asked.hits(Span(200_000, 240_000))


def test_predictions_are_cut_and_the_worse_of_two_that_share_too_much_is_left_out() -> None:
    picks = [
        (0, 200_000, 1.0),
        (95_000, 109_000, 0.9),
        (60_000, 100_000, 0.8),
        (580_000, 700_000, 0),
    ]
    assert clean(picks, 600_000, 10) == [Span(0, 90_000), Span(580_000, 600_000)]
    assert clean(picks, 600_000, 1) == [Span(0, 90_000)]


def test_a_talk_without_labels_scores_nothing_and_breaks_nothing() -> None:
    row = score_talk([(0, 40_000, 1.0)], truth())
    assert row["recall@5"] == row["ndcg@5"] == row["emass@5"] == 0


def test_a_talk_shorter_than_the_ideal_window_still_has_an_ideal() -> None:
    assert truth((20_000, 20_000, 1.0), minutes=0).ideal_gains(3) == [1.0, 0.0, 0.0]
    assert truth((20_000, 20_000, 1.0), minutes=1).ideal_gains(2) == [1.0, 0.0]


def test_one_clip_is_counted_at_every_k() -> None:
    row = score_talk([(80_000, 120_000, 1.0)], truth((100_000, 100_000, 0.5)))
    assert [row[f"n@{k}"] for k in KS] == [1, 1, 1, 1]
    assert [row[f"mass@{k}"] for k in KS] == [0.5] * 4


@pytest.mark.parametrize(
    ("scores", "area"), [([3, 1, 2, 0], 0.75), ([1, 1, 1, 1], 0.5), ([3, 0, 2, 1], 1.0 / 2)]
)
def test_the_area_counts_ties_half(scores: list[float], area: float) -> None:
    positive = np.array([True, True, False, False])
    assert area_under_curve(positive, np.array(scores, dtype=float)) == area


def test_the_area_needs_both_kinds() -> None:
    assert area_under_curve(np.array([True]), np.array([1.0])) is None
    assert area_under_curve(np.array([False]), np.array([1.0])) is None
