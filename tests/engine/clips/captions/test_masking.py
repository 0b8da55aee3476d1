"""Strong language masked, harmless words that look like it not."""

from pathlib import Path

import pytest

from goviral.engine.clips.captions.masking import NO_MASK, mask_for, masked, read_mask_words
from goviral.kit.errors import InputError, NotFoundError

ENGLISH = mask_for("en")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("fuck", "f**k"),
        ("Fucking,", "F*****g,"),
        ("“SHIT!”", "“S**T!”"),
        ("shit-faced", "s**t-faced"),
        ("asshole's", "a*******s"),
        ("motherfucker", "m**********r"),
        ("no bullshit here", "no b******t here"),
    ],
)
def test_strong_language_keeps_its_first_and_last_letter(said: str, written: str) -> None:
    assert ENGLISH.apply(said) == written


@pytest.mark.parametrize(
    "said", ["assess", "class", "cockpit", "Scunthorpe", "Dickens", "pass", "shiitake", "document"]
)
def test_harmless_words_stay(said: str) -> None:
    assert ENGLISH.apply(said) == said


def test_the_english_list_is_for_english() -> None:
    assert mask_for("de").apply("dick fuck") == "dick fuck"
    assert mask_for("en-GB").apply("fuck") == mask_for("und").apply("fuck") == "f**k"


def test_own_words_are_masked_in_any_language() -> None:
    mask = mask_for("de", ["Scheiß*", "mist"])
    assert mask.apply("Scheiße, so ein Mist und Mistel!") == "S*****e, so ein M**t und Mistel!"


def test_without_a_mask_nothing_changes() -> None:
    assert NO_MASK.apply("fuck") == "fuck"


@pytest.mark.parametrize(("word", "hidden"), [("a", "a"), ("ab", "a*"), ("abc", "a*c")])
def test_short_words_show_what_they_can(word: str, hidden: str) -> None:
    assert masked(word) == hidden


def test_a_list_is_read_and_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("# ours\nheck  # mild\n\nfreak*\n", "utf-8")
    assert read_mask_words(tmp_path / "own.txt") == ("heck", "freak*")
    with pytest.raises(NotFoundError):
        read_mask_words(tmp_path / "none.txt")
    with pytest.raises(InputError):
        read_mask_words(tmp_path)
