"""How text is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.fonts import writing


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [("日本", "語", True), ("は、", "ス", True), ("hello", "world", False), ("日本", "AI", False)],
)
def test_unspaced_scripts_are_joined_and_others_are_not(
    left: str, right: str, joined: bool
) -> None:
    assert writing.joins(left, right) is joined


def test_korean_is_written_with_spaces() -> None:
    assert not writing.joins("안녕하세요", "여러분")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("so🔥!", [("so", False), ("🔥", True), ("!", False)]),
        ("👨‍👩‍👧", [("👨‍👩‍👧", True)]),
        ("👍🏽", [("👍🏽", True)]),
        ("🇫🇷🇩🇪", [("🇫🇷", True), ("🇩🇪", True)]),
        ("1️⃣", [("1️⃣", True)]),
        ("❤️", [("❤️", True)]),
        ("🏳️‍🌈", [("🏳️‍🌈", True)]),
        ("100%", [("100%", False)]),
        ("™©", [("™©", False)]),
    ],
)
def test_emoji_are_told_from_text_whole(text: str, parts: list[tuple[str, bool]]) -> None:
    assert writing.split_emoji(text) == parts


@given(st.text(max_size=30))
def test_splitting_emoji_loses_nothing(text: str) -> None:
    assert "".join(part for part, _ in writing.split_emoji(text)) == text


@given(st.text(max_size=30))
def test_clusters_put_together_are_the_text(text: str) -> None:
    assert "".join(writing.clusters(text)) == text


def test_a_mark_stays_with_its_letter() -> None:
    assert writing.clusters("e\u0301a") == ["e\u0301", "a"]
    assert writing.clusters("क्षत्रि") == ["क्ष", "त्रि"]


def test_a_reader_counts_an_ideograph_twice_and_a_mark_not_at_all() -> None:
    assert writing.reading_weight("ab") == 2
    assert writing.reading_weight("日本") == 4
    assert writing.reading_weight("e\u0301") == 1


@pytest.mark.parametrize(
    ("texts", "rtl", "order"),
    [
        (["a", "b", "c"], False, [0, 1, 2]),
        (["שלום", "לכם"], True, [1, 0]),
        (["שלום", "iPhone", "15", "Pro", "עולם"], True, [4, 1, 2, 3, 0]),
        (["שלום", "2024", "עולם"], True, [2, 1, 0]),
        (["say", "שלום", "לכם", "now"], False, [0, 2, 1, 3]),
        (["a", "", "b"], False, [0, 1, 2]),
        (["אב", "iOS", "", "Mac"], True, [1, 2, 3, 0]),
    ],
)
def test_pieces_stand_in_reading_order(texts: list[str], rtl: bool, order: list[int]) -> None:
    assert writing.visual_order(texts, rtl=rtl) == order


@given(st.lists(st.sampled_from(["a", "ש", "7", "", "!", "日"]), max_size=9), st.booleans())
def test_every_piece_is_placed_once(texts: list[str], rtl: bool) -> None:
    assert sorted(writing.visual_order(texts, rtl=rtl)) == list(range(len(texts)))


def test_a_line_runs_from_the_right_by_language_or_by_its_first_strong_word() -> None:
    assert writing.is_rtl(["iPhone"], "ar")
    assert writing.is_rtl(["15", "שלום", "hello"])
    assert not writing.is_rtl(["hello", "שלום"])
    assert not writing.is_rtl(["15", "!"])


@pytest.mark.parametrize("text", ["end.", "end?”", "終わり。", "نعم؟", "है।", "(so!)"])
def test_sentence_ends_are_seen_through_quotes(text: str) -> None:
    assert writing.ends_sentence(text)
    assert not writing.ends_clause(text)


def test_a_clause_end_is_not_a_sentence_end() -> None:
    assert writing.ends_clause("well,")
    assert not writing.ends_sentence("well,")
    assert not writing.ends_clause("”")
