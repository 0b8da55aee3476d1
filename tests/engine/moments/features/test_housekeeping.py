import pytest

from goviral.engine.moments.features.housekeeping import housekeeping_in
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.moment import Wishes
from goviral.engine.transcripts.document import Sentence, Transcript


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, one second, I think my microphone moved.",
        "Can everybody hear me?",
        "Thank you so much for listening.",
        "Use the code TALK for ten percent off.",
        "Hört man mich?",
    ],
)
def test_talk_about_the_event_is_heard(text: str) -> None:
    assert housekeeping_in(text) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "The microphone changed how people sang.",
        "I hear you, and I disagree.",
        "Thank you for saving my life.",
        "We ran the session again and lost everything.",
    ],
)
def test_the_same_words_about_the_subject_are_not(text: str) -> None:
    assert housekeeping_in(text) == 0


def test_of_two_lively_stretches_the_one_about_the_event_loses() -> None:
    chatter = ("Sorry, one second.", "Can you hear me?", "Yes!", "My microphone is off.", "No!")
    story = ("I lost my house.", "What did you do?", "I laughed!", "You laughed?", "I did!")
    moments = find_moments(
        _talk(chatter, story), wishes=Wishes(count=1, min_ms=20_000, max_ms=30_000)
    )
    assert moments[0].span.start_ms >= 150_000


def _talk(first: tuple[str, ...], second: tuple[str, ...]) -> Transcript:
    dull = ["The procedure follows the documentation of the department."] * 20
    texts = [*dull, *(first * 2), *dull, *(second * 2), *dull]
    return Transcript(
        tuple(
            Sentence(at, text, at * 3_000, at * 3_000 + 2_800, "AB"[at % 2])
            for at, text in enumerate(texts)
        ),
        language="en",
    )
