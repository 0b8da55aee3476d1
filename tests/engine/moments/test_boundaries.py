import pytest

from goviral.engine.moments.boundaries import Run, is_dangling, mend, window_costs
from goviral.engine.moments.moment import Wishes
from goviral.engine.moments.pieces import Piece, pieces_of
from goviral.engine.moments.windows import windows_of
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.timecode import Span
from twins.talks import make_talk

WISHES = Wishes()
PIECES = pieces_of(make_talk(60), 90_000)  # a sentence every five seconds


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "And then he left."),
        ("en", '"But why?"'),
        ("en", "It’s over."),
        ("en", "— he said so"),
        ("de", "Und dann ging er."),
        ("es", "¿Pero por qué?"),
        ("fr", "Mais non."),
        ("ja", "でも母は笑った。"),
        ("zh", "但是他走了。"),
        ("ar", "ولكن رحل"),
        ("xx", "So what."),
    ],
)
def test_openings_that_lean_back_are_known(language: str, text: str) -> None:
    assert is_dangling(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Andrew left."),
        ("en", "Money talks."),
        ("en", "..."),
        ("de", "Die Wahrheit ist einfach."),
        ("ja", "母は笑った。"),
        ("ar", "المال يتكلم"),
    ],
)
def test_openings_that_stand_alone_are_known(language: str, text: str) -> None:
    assert not is_dangling(text, language)


def test_a_span_on_sentences_stays_as_it_is() -> None:
    span = Span(PIECES[2].start_ms, PIECES[11].end_ms)
    assert mend(span, PIECES, "en", WISHES) == Run(2, 11, ())


def test_a_start_deep_in_a_sentence_goes_back_and_an_end_goes_on() -> None:
    span = Span(PIECES[2].start_ms + 2_000, PIECES[11].end_ms - 2_000)
    run = mend(span, PIECES, "en", WISHES)
    assert run is not None
    assert (run.first, run.last) == (2, 11)
    assert run.mends == (
        "start moved by -2000 ms to a sentence",
        "end moved by +2000 ms to a sentence",
    )


def test_a_sentence_that_is_only_grazed_is_left_out() -> None:
    span = Span(PIECES[2].end_ms - 500, PIECES[12].start_ms + 500)
    run = mend(span, PIECES, "en", WISHES)
    assert run is not None
    assert (run.first, run.last) == (3, 11)


def test_a_span_too_long_gives_up_its_end_and_one_too_short_grows() -> None:
    long = mend(Span(0, 200_000), PIECES, "en", WISHES)
    assert long == Run(0, 17, ("end moved by -110200 ms to a sentence",))
    short = mend(Span(0, 10_000), PIECES, "en", WISHES)
    assert short is not None
    assert (short.first, short.last) == (0, 8)


def test_at_the_end_of_the_talk_it_grows_backwards() -> None:
    run = mend(Span(295_000, 299_800), PIECES, "en", WISHES)
    assert run is not None
    assert (run.first, run.last) == (51, 59)


def test_it_grows_no_further_than_the_talk_or_the_longest_clip() -> None:
    assert mend(Span(0, 4_800), PIECES[:3], "en", WISHES) == Run(
        0, 2, ("end moved by +10000 ms to a sentence",)
    )
    tight = Wishes(min_ms=8_000, max_ms=9_000)
    run = mend(Span(0, 4_800), PIECES, "en", tight)
    assert run == Run(0, 0, ())


def test_silence_means_nothing() -> None:
    assert mend(Span(900_000, 950_000), PIECES, "en", WISHES) is None


def test_an_opening_that_leans_back_takes_its_set_up_along() -> None:
    pieces = _pieces(["Money bought me a dog.", "And it bit me.", "But I laughed.", *_plain(12)])
    run = mend(Span(pieces[2].start_ms, pieces[12].end_ms), pieces, "en", WISHES)
    assert run is not None
    assert run.first == 0
    longest = Wishes(max_ms=pieces[12].end_ms - pieces[2].start_ms)
    kept = mend(Span(pieces[2].start_ms, pieces[12].end_ms), pieces, "en", longest)
    assert kept is not None
    assert kept.first == 2


def test_where_everything_leans_back_the_start_stays() -> None:
    pieces = _pieces(["And so on and on."] * 14)
    run = mend(Span(pieces[6].start_ms, pieces[13].end_ms + 1), pieces, "en", Wishes(min_ms=1_000))
    assert run is not None
    assert run.first == 6


def test_bad_ends_cost_more_than_good_ones() -> None:
    texts = ["Money never sleeps at night.", "But it does.", "Yes.", "Is that all there is?"]
    talk = Transcript(
        tuple(Sentence(n, t, n * 5_000, n * 5_000 + 4_000) for n, t in enumerate(texts))
    )
    pieces = pieces_of(talk, 90_000)
    windows = windows_of(*_edges(pieces), 1, 4_000)
    costs = window_costs(pieces, "en", windows).tolist()
    assert costs[0] == 0
    assert costs[1] > costs[3] > 0
    assert costs[2] > 0


def test_an_end_inside_somebody_elses_sentence_costs_like_one_inside_ones_own() -> None:
    times = [(0, 5_000), (4_000, 9_000), (9_500, 14_000)]
    pieces = [
        Piece("Money never sleeps at night.", a, b, None, n) for n, (a, b) in enumerate(times)
    ]
    costs = window_costs(pieces, "en", windows_of(*_edges(pieces), 1, 5_500)).tolist()
    assert costs == [4.0, 4.0, 0.0]


def _plain(count: int) -> list[str]:
    return [f"Money never sleeps at night number {n}." for n in range(count)]


def _pieces(texts: list[str]) -> list[Piece]:
    return [Piece(text, n * 5_000, n * 5_000 + 4_800, None, n) for n, text in enumerate(texts)]


def _edges(pieces):  # type: ignore[no-untyped-def]
    import numpy as np

    start = np.array([p.start_ms for p in pieces], dtype=float)
    return start, np.array([p.end_ms for p in pieces], dtype=float)
