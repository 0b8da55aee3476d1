import math
from pathlib import Path

import pytest

from goviral.engine.moments.evaluation import EvalReport, boundaries_of, evaluate, scores_of
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.labelled import parse_talk
from goviral.engine.moments.metric import Truth
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.engine.moments.pickers import PICKERS
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span
from twins.interviews import interview
from twins.labelled import made_talk, spoken_talk, write_collection
from twins.talks import make_talk


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> EvalReport:
    folder = tmp_path_factory.mktemp("talks")
    write_collection(folder / "spoken.jsonl.gz", [spoken_talk(n) for n in range(4)])
    write_collection(folder / "unused.jsonl", [spoken_talk(9, split="train")])
    return evaluate(folder)


def test_ours_finds_the_laughs_of_made_up_interviews(report: EvalReport) -> None:
    figures = report.collections[0].figures
    assert figures["ours"]["lift@5"].value > 2
    assert figures["random"]["lift@5"].value < figures["ours"]["lift@5"].value


def test_every_picker_stands_beside_it_with_an_interval(report: EvalReport) -> None:
    figures = report.collections[0].figures
    assert list(figures) == list(PICKERS)
    for picker in figures.values():
        assert all(figure.low <= figure.value <= figure.high for figure in picker.values())


def test_clips_begin_and_end_cleanly_and_scores_are_spread(report: EvalReport) -> None:
    edges, scores = report.collections[0].boundaries, report.collections[0].scores
    assert edges is not None
    assert scores is not None
    assert (edges.inside_sentence, edges.inside_word) == (0, 0)
    assert edges.dangling <= 0.03
    assert scores.auc > 0.7
    assert scores.high - scores.low > 50


def test_the_table_is_markdown_with_every_figure(report: EvalReport) -> None:
    lines = report.table().splitlines()
    assert lines[0] == "| collection (talks) | picker | lift@5 | mlift@10 | recall@10 | ndcg@10 |"
    assert lines[2].startswith("| spoken (4) | ours | ")
    assert sum(line.startswith("| geometric mean |") for line in lines) == 1
    assert lines[-1].startswith("| spoken | ")
    assert report.geometric_mean("lift@5") == pytest.approx(
        report.collections[0].figures["ours"]["lift@5"].value
    )


def test_a_split_without_talks_is_left_out_and_none_at_all_is_an_error(tmp_path: Path) -> None:
    write_collection(tmp_path / "spoken.jsonl", [spoken_talk(0)])
    with pytest.raises(InputError, match="split 'train'"):
        evaluate(tmp_path, split="train")


def test_another_picker_can_be_the_finder_and_has_no_scores(tmp_path: Path) -> None:
    path = write_collection(tmp_path / "spoken.jsonl", [spoken_talk(0)])
    report = evaluate(path, finder="lead", split=None, beside=())
    assert list(report.collections[0].figures) == ["lead"]
    assert report.collections[0].scores is None
    assert len(report.table().splitlines()) == 7


def test_an_unknown_finder_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tf-idf centroid"):
        evaluate(tmp_path, finder="astrology")


def test_cut_sentences_words_and_dangling_openings_are_counted() -> None:
    talk = make_talk(40)
    first, second = talk.sentences[0], talk.sentences[1]
    clips = [
        _moment(Span(first.start_ms, second.end_ms), "The story begins."),
        _moment(Span(first.start_ms + 100, second.end_ms), "And then he left."),
        _moment(Span(first.start_ms, second.end_ms + 300), "The story begins."),
    ]
    edges = boundaries_of([(talk, clips)])
    assert edges.clips == 3
    assert edges.inside_sentence == pytest.approx(2 / 3)
    assert edges.inside_word == pytest.approx(2 / 3)
    assert edges.dangling == pytest.approx(1 / 3)
    assert boundaries_of([]).clips == 0


def test_talks_without_both_kinds_of_windows_tell_nothing_of_scores() -> None:
    scores = scores_of([Truth(parse_talk(made_talk(0) | {"labels": []}))])
    assert math.isnan(scores.auc)


def test_windows_without_speech_score_lowest() -> None:
    made = interview(minutes=12)
    talk = spoken_talk(0)
    talk["sentences"] = [s for s in talk["sentences"] if s["end_ms"] < 500_000]
    talk["labels"] = [{"start_ms": 200_000, "end_ms": 200_000, "weight": 1.0, "kind": "x"}]
    scores = scores_of([Truth(parse_talk(talk))])
    assert scores.low == 0
    assert find_moments(made.transcript)


def _moment(span: Span, hook: str) -> Moment:
    return Moment(span, 50, Scorecard(50, 50, 50, 50, 50, 50), "T", hook, "Q", "fact")


def test_an_empty_transcript_scores_nothing() -> None:
    talk = spoken_talk(0) | {"sentences": []}
    scores = scores_of([Truth(parse_talk(talk))])
    assert (scores.low, scores.high) == (0, 0)
    assert find_moments(Transcript(())) == ()
