"""New bounds in words: understood or refused, never guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.pipeline.talk import spoken
from goviral.features.pipeline.errors import NotUnderstoodError
from goviral.features.pipeline.refining import refine
from goviral.kit.timecode import Span

TALK = spoken()
HERE = Span(4100, 9900)


@pytest.mark.parametrize(
    ("text", "start_ms", "end_ms"),
    [
        ("start earlier", 2100, 9900),
        ("Start it one sentence earlier.", 2100, 9900),
        ("start 2 seconds earlier", 2100, 9900),
        ("begin earlier by 1.5 s", 2600, 9900),
        ("start two sentences earlier", 100, 9900),
        ("start later", 6100, 9900),
        ("end later", 4100, 11900),
        ("end 3 seconds later", 4100, 12900),
        ("stop half a minute later", 4100, 39900),
        ("end one sentence earlier", 4100, 7900),
        ("make it longer", 4100, 11900),
        ("shorten it by 2 seconds", 4100, 7900),
        ("drop the first sentence", 6100, 9900),
        ("cut the last 1 second", 4100, 8900),
        ("start earlier and end later", 2100, 11900),
        ("start 1 second later, end one sentence later", 5100, 11900),
        ("trim the start", 6100, 9900),
        ("cut a second from the start", 5100, 9900),
        ("remove two seconds off the end", 4100, 7900),
        ("extend the beginning", 2100, 9900),
        ("extend the end by 3 seconds", 4100, 12900),
        ("add 2 seconds at the beginning", 2100, 9900),
        ("include the next sentence", 4100, 11900),
        ("make it 2 seconds shorter", 4100, 7900),
        ("could you start a little bit earlier, please?", 2100, 9900),
        ("ends too late", 4100, 7900),
        ("start 0 sentences earlier", 2100, 9900),
    ],
)
def test_words_that_are_understood(text: str, start_ms: int, end_ms: int) -> None:
    assert refine(text, HERE, TALK).span == Span(start_ms, end_ms)


def test_an_aside_inside_is_left_out() -> None:
    found = refine("drop the aside", HERE, TALK)
    assert (found.span, found.removed) == (HERE, (Span(6100, 7900),))


def test_an_aside_at_the_beginning_moves_the_start() -> None:
    found = refine("drop the aside", Span(6100, 11900), TALK)
    assert (found.span, found.removed) == (Span(7900, 11900), ())


def test_the_part_about_something_is_found_by_its_words() -> None:
    assert refine("drop the part about the weather", HERE, TALK).removed == (Span(6100, 7900),)


def test_both_wishes_of_one_sentence_are_granted() -> None:
    found = refine("start earlier, drop the aside", HERE, TALK)
    assert (found.span.start_ms, found.removed) == (2100, (Span(6100, 7900),))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "make it pop",
        "start earlier and make it pop",
        "drop the part about whales",
        "drop the part about eat",
        "don't start earlier",
        "do not end later",
        "start earlier than the joke",
        "extend it to the end",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstoodError):
        refine(text, HERE, TALK)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    try:
        found = refine(text, HERE, TALK)
    except NotUnderstoodError:
        return
    assert 0 <= found.span.start_ms < found.span.end_ms
