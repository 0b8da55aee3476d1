"""Which words stand out: numbers, names, strong words; hardly more than one a page."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions.emphasis import Emphasis, word_counts
from goviral.engine.clips.plans.plan import CaptionPage, CaptionWord
from goviral.kit.timecode import Span


def page(text: str) -> CaptionPage:
    words = tuple(
        CaptionWord(t.upper(), 100 * i, 100 * i + 90, said=t) for i, t in enumerate(text.split())
    )
    return CaptionPage(Span(0, 1000), (words[:2], words[2:]) if len(words) > 2 else (words,))


def strong(text: str, language: str = "en", counts: Counter[str] | None = None) -> str:
    (marked,) = Emphasis(language, counts or Counter()).mark([page(text)])
    return " ".join(w.said for line in marked.lines for w in line if w.emphasis)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("we lost 3 million dollars", "3 million"),
        ("about 40% of you", "40%"),
        ("nine hundred people came", "nine hundred"),
        ("so I met Ada Lovelace yesterday", "Ada Lovelace"),
        ("they asked NASA again", "NASA"),
        ("it was shocking to see", "shocking"),
    ],
)
def test_what_carries_the_page_is_marked(text: str, word: str) -> None:
    assert strong(text) == word


@pytest.mark.parametrize(
    "text", ["and then I was there", "So it is with us", "I'm in the one place", "the f**k is it"]
)
def test_a_page_without_a_strong_word_has_none(text: str) -> None:
    assert strong(text) == ""


def test_german_nouns_are_no_names() -> None:
    assert strong("wir essen die Suppe heute", "de") == ""
    assert strong("we eat the Soup today") == "Soup"


def test_a_word_said_all_the_time_is_worth_less() -> None:
    counts = word_counts(["money"] * 90 + ["death"] * 2 + ["other"] * 90)
    assert strong("the money or the death", counts=counts) == "death"


def test_the_same_word_is_not_marked_page_after_page() -> None:
    pages = [page("a strange truth there"), page("what a strange day")]
    marked = Emphasis("en").mark(pages)
    words = [w.said for p in marked for line in p.lines for w in line if w.emphasis]
    assert words.count("strange") <= 1


def test_an_unknown_language_still_has_numbers_and_names() -> None:
    assert strong("mamy 40 lat", "pl") == "40"


texts = st.lists(
    st.sampled_from(["ten", "Ada", "NASA", "shocking", "the", "of", "40", "end."]), max_size=8
)


@given(st.lists(texts.filter(bool), max_size=6))
def test_at_most_one_word_or_name_a_page_and_the_same_every_time(said: list[list[str]]) -> None:
    pages = [page(" ".join(words)) for words in said]
    marked = Emphasis("en").mark(pages)
    assert marked == Emphasis("en").mark(pages)
    for one in marked:
        at = [i for i, w in enumerate(w for line in one.lines for w in line) if w.emphasis]
        assert len(at) <= 3
        assert at == list(range(at[0], at[0] + len(at))) if at else True
