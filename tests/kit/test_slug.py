import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.slug import slug


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("Why we sleep (part 2)!", "why-we-sleep-part-2"),
        ("Don't panic", "dont-panic"),
        ("Café à gogo", "cafe-a-gogo"),
        ("なぜ眠るのか", "なぜ眠るのか"),
        ("../../etc/passwd", "etc-passwd"),
        ("-rf /", "rf"),
        ("🔥🔥", "clip"),
        ("", "clip"),
    ],
)
def test_a_title_becomes_a_readable_stem(text, stem):
    assert slug(text) == stem


def test_a_long_title_ends_at_a_word():
    assert slug("word " * 40).endswith("-word")


@given(st.text())
def test_a_stem_is_never_empty_long_or_a_path(text):
    stem = slug(text)
    assert stem
    assert len(stem.encode()) <= 60
    assert "/" not in stem
    assert not stem.startswith(("-", "."))
