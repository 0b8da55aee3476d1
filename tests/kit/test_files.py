import errno
from fractions import Fraction
from pathlib import Path

import pytest

from goviral.kit.errors import ResourceError
from goviral.kit.files import atomic_path, content_fingerprint, fingerprint, write_text
from goviral.kit.timecode import Span


class TestAtomicPath:
    def test_nothing_is_left_when_the_block_fails(self, tmp_path):
        with pytest.raises(TypeError), atomic_path(tmp_path / "clip.mp4") as partial:
            partial.write_text("half") + None
        assert list(tmp_path.iterdir()) == []

    def test_the_old_file_stays_until_the_new_one_is_whole(self, tmp_path):
        final = tmp_path / "clip.mp4"
        final.write_text("old")
        with atomic_path(final) as partial:
            partial.write_text("new")
            assert final.read_text() == "old"
        assert final.read_text() == "new"

    def test_the_temporary_name_keeps_the_extension(self, tmp_path):
        with atomic_path(tmp_path / "clip.mp4") as partial:
            assert partial.suffix == ".mp4"
            partial.touch()

    @pytest.mark.parametrize(
        ("number", "words"),
        [(errno.ENOSPC, "disk is full"), (errno.EACCES, "may not be written")],
    )
    def test_a_full_or_closed_disk_says_what_to_do(self, tmp_path, number, words):
        with pytest.raises(ResourceError, match=words), atomic_path(tmp_path / "clip.mp4"):
            raise OSError(number, "no")

    def test_another_failure_of_the_disk_is_not_renamed(self, tmp_path):
        with pytest.raises(OSError, match="odd"), atomic_path(tmp_path / "clip.mp4"):
            raise OSError(errno.EIO, "odd")

    def test_a_real_full_disk_leaves_nothing(self):
        full = Path("/dev/full")
        if not full.exists():
            pytest.skip("this system has no /dev/full")
        with pytest.raises(OSError, match="No space left"):
            full.write_text("x")


def test_text_is_written_with_unix_line_ends(tmp_path):
    write_text(tmp_path / "a" / "b.txt", "één\ntwee\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "één\ntwee\n".encode()


class TestFingerprint:
    def test_equal_values_have_equal_names(self):
        assert fingerprint({"b": 1, "a": Span(0, 1)}) == fingerprint({"a": Span(0, 1), "b": 1})

    def test_another_value_has_another_name(self):
        assert fingerprint(Fraction(30)) != fingerprint(Fraction(30000, 1001))

    def test_what_cannot_be_named_is_refused(self):
        with pytest.raises(TypeError, match="cannot fingerprint a object"):
            fingerprint(object())

    def test_a_file_is_known_by_its_ends_and_its_size(self, tmp_path):
        first, second = tmp_path / "a", tmp_path / "b"
        first.write_bytes(b"x" * 3_000_000)
        second.write_bytes(b"x" * 2_999_999 + b"y")
        assert content_fingerprint(first) != content_fingerprint(second)
        second.write_bytes(b"x" * 3_000_000)
        assert content_fingerprint(first) == content_fingerprint(second)
