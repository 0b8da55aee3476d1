import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goviral.engine.moments.platforms import (
    PLATFORMS,
    Words,
    clean,
    clean_hashtags,
    copy_for_platforms,
    full_length,
    weighted_length,
)

WORDS = Words("Why nobody sleeps", "Nobody sleeps any more.", "We sleep an hour less.")


def test_every_platform_gets_words_without_a_model() -> None:
    copy = copy_for_platforms(WORDS)
    assert set(copy) == {"twitter", "instagram_reels", "youtube_shorts", "tiktok", "linkedin"}
    for platform in copy.values():
        assert "Nobody sleeps any more." in str(platform["text"])
    assert copy["youtube_shorts"]["title"] == "Why nobody sleeps"
    assert copy["youtube_shorts"]["hashtags"] == ["Shorts", "nobody", "sleeps"]
    assert "title" not in copy["tiktok"]


def test_the_models_words_are_used_where_it_gave_some() -> None:
    words = Words(
        "T", "H", "Q", ("one two", "#Two", "two"), {"tiktok": "Watch this", "twitter": " "}
    )
    copy = copy_for_platforms(words)
    assert copy["tiktok"] == {"text": "Watch this", "hashtags": ["onetwo", "Two"]}
    assert copy["twitter"]["text"] == "T\n\n“H”"


@settings(max_examples=80, deadline=None)
@given(
    st.builds(
        Words,
        st.text(max_size=120),
        st.text(max_size=300),
        st.text(max_size=400),
        st.lists(st.text(max_size=50), max_size=12).map(tuple),
        st.dictionaries(st.sampled_from([*PLATFORMS]), st.text(max_size=6000)),
    )
)
def test_nothing_is_over_a_platforms_limits(words: Words) -> None:
    for name, copy in copy_for_platforms(words).items():
        platform = PLATFORMS[name]
        text, tags = str(copy["text"]), copy["hashtags"]
        assert isinstance(tags, list)
        assert full_length(platform, text, tags) <= platform.longest
        assert len(tags) <= platform.hashtags
        assert all(tag and not set(tag) & set(" #\n") for tag in tags)
        if platform.title_longest is not None:
            assert len(str(copy["title"])) <= platform.title_longest


@pytest.mark.parametrize("text", ["x" * 5000, "語" * 5000, "🔥" * 5000, "word " * 2000])
def test_overlong_texts_are_cut_for_every_platform(text: str) -> None:
    texts = dict.fromkeys(PLATFORMS, text)
    for name, copy in copy_for_platforms(Words("T", "H", "Q", ("tag",), texts)).items():
        length = PLATFORMS[name].count(str(copy["text"]))
        assert 0.5 * PLATFORMS[name].longest < length <= PLATFORMS[name].longest


def test_wide_writing_counts_double_on_x() -> None:
    assert weighted_length("abc") == 3
    assert weighted_length("語語") == 4
    assert weighted_length("“ok”") == 4


def test_control_and_direction_characters_go() -> None:
    assert clean("a\u202eb\x00c \t d\nsecond  line\u200b") == "a b c d\nsecond line"


def test_hashtags_are_words_and_none_comes_twice() -> None:
    wished = ["#Good", "good", "two words", "2026", "", "!!", "a" * 99]
    assert clean_hashtags(wished, 9) == ["Good", "twowords", "a" * 30]
