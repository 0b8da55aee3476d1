import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.moments.titles import LONGEST, best_title, shortened, title_of


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("And so, you know, money changes everything.", "Money changes everything"),
        ("Why do we sleep?", "Why do we sleep?"),
        ("The clicker broke for, um, eleven seconds.", "The clicker broke for eleven seconds"),
        ('Here she comes, "This is Sparta!', "Here she comes, This is Sparta!"),
        ("When I was small", "When I was small"),
        ("[Laughter] My dog ate the contract.", "My dog ate the contract"),
        ("¿Por qué dormimos tanto?", "¿Por qué dormimos tanto?"),
        ("لماذا ننام كل هذا الوقت؟", "لماذا ننام كل هذا الوقت؟"),
        ("昨日、母に話しました。", "昨日、母に話しました。"),
        ("Yes.", "Yes"),
        ("…", "Moment"),
    ],
)
def test_a_title_is_what_was_said_without_its_noise(sentence: str, title: str) -> None:
    assert title_of(sentence).rstrip("。") == title.rstrip("。")


def test_the_clause_that_tells_what_it_is_about_wins() -> None:
    sentences = [
        "It was a long day for all of us in that little room.",
        "Penguins keep their eggs warm on their feet.",
        "The eggs of penguins freeze in a minute.",
    ]
    assert "enguin" in best_title(sentences, 1, "en")


def test_a_long_sentence_is_cut_after_a_whole_word_that_can_end_it() -> None:
    long = "Nobody in this entire enormous organisation knew what to do with the unopened letters"
    cut = shortened(long)
    assert cut == "Nobody in this entire enormous organisation knew"
    assert title_of(long) == cut
    assert shortened("short") == "short"
    assert len(shortened("x" * 100)) == LONGEST


def test_a_cut_never_leaves_nothing() -> None:
    assert shortened("the " * 30) == "the"


@given(st.lists(st.text(max_size=120), min_size=1, max_size=4), st.data())
def test_any_text_gives_a_title_that_fits(sentences: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sentences) - 1))
    title = best_title(sentences, at, "en")
    assert 0 < len(title) <= LONGEST
    assert title == title.strip()
