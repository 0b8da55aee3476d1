"""Words to pages: whole, in order, in time, never more than a page holds."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.clips.captions import paging
from goviral.engine.clips.captions.lines import SMALLEST, PagedWord, PagingLimits
from goviral.engine.clips.captions.paging import page_words
from goviral.engine.clips.plans.plan import CaptionPage, CaptionWord


def letters(most: int) -> Callable[[tuple[str, ...]], float]:
    """A line that holds so many letters at full size."""
    return lambda texts: min(1.0, most / sum(map(len, texts)))


LIMITS = PagingLimits(max_words=4, max_lines=2, size=letters(16))


def said(text: str, *, each_ms: int = 300, start_ms: int = 0) -> list[PagedWord]:
    """Words spoken evenly; a trailing full stop ends a page, a comma a clause, `|` is 0.8 s of silence."""
    words, at_ms = [], start_ms
    for token in text.split():
        if token == "|":
            at_ms += 800
            continue
        word = CaptionWord(token, at_ms, at_ms + each_ms)
        words.append(PagedWord(word, token.endswith("."), token.endswith(",")))
        at_ms += each_ms
    return words


def shown(pages: tuple[CaptionPage, ...]) -> list[str]:
    return [" / ".join(" ".join(w.text for w in line) for line in page.lines) for page in pages]


def test_no_words_no_pages() -> None:
    assert page_words([], LIMITS, 1000) == ()


def test_a_sentence_end_closes_the_page() -> None:
    assert shown(page_words(said("It works. Why not"), LIMITS, 9000)) == ["It works.", "Why not"]


def test_a_pause_closes_the_page() -> None:
    assert shown(page_words(said("first part | second part"), LIMITS, 9000)) == [
        "first part",
        "second part",
    ]


def test_pages_break_after_a_comma_rather_than_elsewhere() -> None:
    text = "when it rains, people stay at home and read"
    assert shown(page_words(said(text), LIMITS, 9000))[0] == "when it rains,"


def test_no_word_is_left_alone_when_it_can_be_helped() -> None:
    pages = page_words(said("alpha gamma delta omega sigma kappa theta"), LIMITS, 9000)
    assert all(sum(map(len, page.lines)) >= 2 for page in pages)


def test_the_lines_of_a_page_are_divided_so_that_none_is_of_one_word() -> None:
    pages = page_words(said("alpha gamma incomparably so"), LIMITS, 9000)
    assert shown(pages) == ["alpha gamma / incomparably so"]


def test_a_page_is_drawn_smaller_rather_than_with_a_word_alone() -> None:
    assert shown(page_words(said("somebody incomparable"), LIMITS, 9000)) == [
        "somebody incomparable"
    ]
    assert shown(page_words(said("everybody was tomorrow"), LIMITS, 9000)) == [
        "everybody was tomorrow"
    ]


def test_it_is_not_drawn_smaller_to_save_a_page_or_a_line() -> None:
    pages = page_words(said("alphas gammas deltas omegas kappas thetas"), LIMITS, 9000)
    sizes = [LIMITS.size(tuple(w.text for w in line)) for page in pages for line in page.lines]
    assert set(sizes) == {1.0}


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("Yes. That is it.", ["Yes.", "That is it."]),
        ("well | that is it", ["well", "that is it"]),
        ("so incomprehensibilities abound here", ["so / incomprehensibilities", "abound here"]),
        ("incomprehensible irreproducibilities", ["incomprehensible / irreproducibilities"]),
    ],
)
def test_a_word_is_alone_where_its_sentence_a_pause_or_its_length_leaves_no_other_way(
    text: str, pages: list[str]
) -> None:
    assert shown(page_words(said(text), LIMITS, 9000)) == pages


def test_an_article_stays_with_its_noun() -> None:
    narrow = PagingLimits(3, 1, letters(14))
    assert shown(page_words(said("people found the answer there"), narrow, 9000)) == [
        "people found",
        "the answer there",
    ]


def test_lines_are_even() -> None:
    (page,) = page_words(said("one two three four five"), LIMITS, 9000)
    assert shown((page,)) == ["one two / three four five"] or shown((page,)) == [
        "one two three / four five"
    ]


def test_fast_speech_gets_one_line_at_a_time() -> None:
    slow = page_words(said("alpha gamma delta omega", each_ms=400), LIMITS, 9000)
    fast = page_words(said("alpha gamma delta omega", each_ms=150), LIMITS, 9000)
    assert [len(page.lines) for page in slow] == [2]
    assert [len(page.lines) for page in fast] == [1, 1]


@pytest.mark.parametrize("text", ["one of the most", "in two hundred days", "a b c d e f"])
def test_a_line_said_in_haste_is_split_even_inside_a_phrase(text: str) -> None:
    wide = PagingLimits(max_words=6, max_lines=2, size=letters(40))
    (calm,) = page_words(said(text, each_ms=400), wide, 9000)
    hasty = page_words(said(text, each_ms=40), wide, 9000)
    assert len(calm.lines) == 1
    assert all(len(line) in (2, 3) for page in hasty for line in page.lines)
    assert all(len(page.lines) == 1 for page in hasty)


def test_unspaced_writing_is_not_counted_in_words() -> None:
    (page,) = page_words(said("私 た ち は 猫 で す"), LIMITS, 9000)
    assert shown((page,)) == ["私 た ち は 猫 で す"]


def test_a_page_stays_until_the_next_over_a_short_gap() -> None:
    words = said("It works.") + said("Good then.", start_ms=1000)
    first, second = page_words(words, LIMITS, 9000)
    assert first.span.end_ms == second.span.start_ms == 1000


def test_a_page_leaves_before_a_long_gap() -> None:
    words = said("It works.") + said("Good then.", start_ms=5000)
    first, _ = page_words(words, LIMITS, 9000)
    assert first.span.end_ms == 600 + paging.LINGER_MS


def test_a_page_said_in_haste_stays_long_enough_to_read() -> None:
    (page,) = page_words(said("alpha omega", each_ms=60), LIMITS, 9000)
    assert page.span.duration_ms >= 10 * 1000 // paging.MAX_CHARACTERS_PER_S


def test_nothing_is_shown_past_the_end_of_the_clip() -> None:
    (page,) = page_words(said("alpha omega"), LIMITS, 650)
    assert page.span.end_ms == 650


texts = st.sampled_from(["a", "the", "sleep", "remember,", "end.", "日本", "incomprehensibilities"])


@given(st.lists(st.tuples(texts, st.integers(0, 1500), st.integers(1, 900)), max_size=40))
def test_pages_keep_every_word_in_order_and_in_time(said_words: list[tuple[str, int, int]]) -> None:
    words, at_ms = [], 0
    for text, gap_ms, length_ms in said_words:
        at_ms += gap_ms
        word = CaptionWord(text, at_ms, at_ms + length_ms)
        words.append(PagedWord(word, text.endswith("."), text.endswith(",")))
        at_ms += length_ms
    pages = page_words(words, LIMITS, at_ms + 400)
    assert [w for page in pages for line in page.lines for w in line] == [p.word for p in words]
    for page in pages:
        assert page.span.start_ms == page.lines[0][0].start_ms
        assert page.span.duration_ms > 0
        assert len(page.lines) <= LIMITS.max_lines
        for line in page.lines:
            assert len(line) == 1 or LIMITS.size(tuple(w.text for w in line)) >= SMALLEST
    assert all(one.span.end_ms <= other.span.start_ms for one, other in pairwise(pages))


plain = st.sampled_from(
    ["a", "the", "sleep", "remember,", "end.", "incomparable", "x" * 14, "y" * 20]
)
spoken = st.lists(st.tuples(plain, st.integers(0, 900), st.integers(40, 700)), max_size=24)
limits_of = st.builds(
    PagingLimits, st.integers(2, 6), st.integers(1, 2), st.integers(10, 24).map(letters)
)


@settings(max_examples=80, deadline=None)
@given(spoken, limits_of)
def test_a_word_is_alone_on_its_line_only_where_no_division_helps(
    said_words: list[tuple[str, int, int]], limits: PagingLimits
) -> None:
    words, at_ms = [], 0
    for text, gap_ms, length_ms in said_words:
        word = CaptionWord(text, at_ms + gap_ms, at_ms + gap_ms + length_ms)
        words.append(PagedWord(word, text.endswith("."), text.endswith(",")))
        at_ms += gap_ms + length_ms
    pages = page_words(words, limits, at_ms + 400)
    lonely = sum(len(line) == 1 for page in pages for line in page.lines)
    assert lonely == sum(fewest_alone(tuple(breath), limits) for breath in breaths(words))


def breaths(words: list[PagedWord]) -> list[list[str]]:
    """The words between sentence ends and long pauses."""
    found: list[list[str]] = []
    before: PagedWord | None = None
    for paged in words:
        if (
            before is None
            or before.ends_page
            or paged.word.start_ms - before.word.end_ms >= paging.PAUSE_MS
        ):
            found.append([])
        found[-1].append(paged.word.text)
        before = paged
    return found


@cache
def fewest_alone(texts: tuple[str, ...], limits: PagingLimits) -> int:
    """Every division into lines tried: how many lines of one word the best of them has."""
    if not texts:
        return 0
    together = [
        fewest_alone(texts[count:], limits)
        for count in range(2, min(limits.max_words, len(texts)) + 1)
        if limits.size(texts[:count]) >= SMALLEST
    ]
    return min([1 + fewest_alone(texts[1:], limits), *together])
