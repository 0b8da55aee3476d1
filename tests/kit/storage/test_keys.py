"""Names of stored things."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.errors import InputError
from goviral.kit.storage import keys


@given(st.text(max_size=60))
def test_a_key_that_passes_stays_below_its_root(text: str) -> None:
    try:
        key = keys.checked_key(text)
    except InputError:
        return
    root = Path("/data/storage")
    assert root in (root / key).parents
    assert ".." not in Path(key).parts
    assert "\x00" not in key


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("talk.MP4", ".mp4"),
        (".mkv", ".mkv"),
        ("a.tar.gz", ".gz"),
        ("talk", ""),
        ("talk.", ""),
        ("talk.m p", ""),
        ("../../x.php/..", ""),
        ("talk.mp4\x00.sh", ".sh"),
        ("talk.veryverylong", ""),
        ("talk.ümp", ""),
    ],
)
def test_an_extension_is_plain_or_none(name: str, extension: str) -> None:
    assert keys.safe_extension(name) == extension


def test_names_made_here_are_keys() -> None:
    for key in (
        keys.source_key("vid_1", ".mp4"),
        keys.source_key("vid_1", ""),
        keys.transcript_key("vid_1", "trn_1"),
        keys.clip_key("clip_1"),
        keys.thumbnail_key("clip_1", "a.jpg"),
        keys.upload_key("upl_1"),
        keys.piece_key("upl_1", 10**13, "ab"),
    ):
        assert keys.checked_key(key) == key
    for prefix in (
        keys.video_prefix("vid_1"),
        keys.work_prefix("vid_1"),
        keys.thumbnail_prefix("clip_1"),
        keys.upload_prefix("upl_1"),
        keys.incoming_prefix("usr_1"),
    ):
        assert keys.checked_prefix(prefix) == prefix


def test_pieces_sort_by_their_place() -> None:
    offsets = [0, 8, 80, 800_000_000, 10**13]
    made = [keys.piece_key("upl_1", offset, "ab") for offset in offsets]
    assert made == sorted(made)
