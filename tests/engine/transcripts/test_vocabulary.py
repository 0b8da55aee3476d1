"""Names put right in what was heard, on the time they were heard."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.transcripts.made import check_invariants
from goviral.engine.transcripts.alike import changes, letters_of, sound_of
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.document import Word
from goviral.engine.transcripts.engine import as_prompt
from goviral.engine.transcripts.vocabulary import Vocabulary, parse_vocabulary, read_vocabulary
from goviral.kit.errors import InputError, NotFoundError

KNOWN = parse_vocabulary(
    """# our names
Kubernetes
GoViral
Jyrki Alakuijala
Ruth Sharpe
Stephen Hawking
gonna = going to
cage aye = KJ   # as the recogniser hears it
"""
)


def said(text: str) -> list[Word]:
    return [Word(t, 1000 * i, 1000 * i + 900) for i, t in enumerate(text.split())]


def mended(text: str, vocabulary: Vocabulary = KNOWN) -> str:
    return " ".join(word.text for word in vocabulary.mend(said(text)))


@pytest.mark.parametrize(
    ("heard", "right"),
    [
        ("kubernetes", "Kubernetes"),
        ("we use cooper netties daily", "we use Kubernetes daily"),
        ("I love Go Viral, really.", "I love GoViral, really."),
        ("cage aye's idea", "KJ's idea"),
        ("Gonna be fun", "Going to be fun"),
        ("“Stefan Hawkins” said", "“Stephen Hawking” said"),
        ("steven hocking said", "Stephen Hawking said"),
        ("jurky alakuyala runs", "Jyrki Alakuijala runs"),
    ],
)
def test_what_was_misheard_is_put_right(heard: str, right: str) -> None:
    assert mended(heard) == right


@pytest.mark.parametrize(
    "text",
    [
        "a sharp knife is ruthless",
        "hawking alone stephen",
        "the cuba trip",
        "viral videos go round",
        "Ruth was there",
        "an ordinary day. With words!",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert mended(text) == text


def test_words_keep_their_times_and_new_ones_share_the_stretch() -> None:
    going, to, be = KNOWN.mend(said("gonna be"))
    assert (going.start_ms, to.end_ms, be.start_ms) == (0, 900, 1000)
    assert going.end_ms == to.start_ms
    (name,) = KNOWN.mend(said("go viral"))
    assert (name.start_ms, name.end_ms) == (0, 1900)
    first, last = KNOWN.mend(said("Stefan Hawkins"))
    assert (first.end_ms, last.start_ms) == (900, 1000)


def test_a_transcript_stays_sound_and_its_sentences_say_the_same() -> None:
    words = said("We use cooper netties. Really gonna go viral. Yes.")
    transcript = build_transcript(words=words, language="en", engine="twin")
    done = KNOWN.apply(transcript)
    check_invariants(done)
    assert [s.text for s in done.sentences] == [
        "We use Kubernetes.",
        "Really going to GoViral.",
        "Yes.",
    ]
    assert done.sentences[2] == transcript.sentences[2]


def test_an_empty_vocabulary_changes_nothing() -> None:
    transcript = build_transcript(words=said("It works."), language="en", engine="twin")
    assert Vocabulary().apply(transcript) is transcript


@pytest.mark.parametrize("line", ["= right", "wrong =", "=", "!?"])
def test_a_line_that_says_nothing_is_named(line: str) -> None:
    with pytest.raises(InputError, match="line 2"):
        parse_vocabulary(f"Fine\n{line}\n")


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_vocabulary(tmp_path / "no.txt")
    with pytest.raises(InputError):
        read_vocabulary(tmp_path)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(InputError):
        read_vocabulary(tmp_path / "bytes")
    (tmp_path / "names.txt").write_text("\ufeffAda Lovelace\n", "utf-8")
    assert read_vocabulary(tmp_path / "names.txt").names == ("Ada Lovelace",)


def test_a_prompt_holds_whole_names_and_no_more_than_fit() -> None:
    assert as_prompt(["Ada", "Grace"]) == "Ada, Grace"
    assert len(as_prompt(["Lovelace"] * 500)) <= 600


@given(st.text("abcdeé", max_size=7), st.text("abcdeé", max_size=7))
def test_changes_are_counted_the_same_both_ways(one: str, other: str) -> None:
    assert changes(one, other, 9) == changes(other, one, 9) <= max(len(one), len(other))
    assert (changes(one, other, 9) == 0) == (one == other)


def test_letters_and_sound_forget_what_is_not_heard() -> None:
    assert letters_of("Élan-Vital!") == "elanvital"
    assert sound_of("steven") == sound_of("stephen") != sound_of("susan")


@given(
    st.lists(
        st.sampled_from(["go", "viral", "Gonna", "cage", "aye,", "x", "Stefan", "—"]), max_size=9
    )
)
def test_time_is_kept_whatever_was_said(texts: list[str]) -> None:
    words = said(" ".join(texts))
    done = KNOWN.mend(words)
    assert not words or (done[0].start_ms, done[-1].end_ms) == (words[0].start_ms, words[-1].end_ms)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(done))
