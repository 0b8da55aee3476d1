"""What may be left out before a key frame, and what never is."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.media.reels import Encoding, Picture, numbered, texture, write_film
from engine.media.test_frames import Calm
from goviral.engine.media.frames import RawFrame, decode
from goviral.engine.media.quiet_tails import SEEN_MS, TAIL_MS
from goviral.kit.timecode import Span

FRAME_MS = 40
BY_THE_CLOCK = {"preset": "veryfast", "bf": "3", "sc_threshold": "0", "crf": "20"}
"""What phones and streaming programs write: key frames by the clock, none at cuts."""
QUIET = Calm(is_quiet=True)


def film(folder: Path, pictures: Sequence[Picture], gop: int, **options: str) -> Path:
    return write_film(
        folder / "film.mp4", pictures, None, Encoding(gop=gop, options={**BY_THE_CLOCK, **options})
    )


def seen(path: Path, count: int, watcher: Calm = QUIET) -> list[RawFrame]:
    return list(decode(path, Span(0, count * FRAME_MS), watcher=watcher))


def nearly_still(count: int) -> list[Picture]:
    wide = texture(4, 300, 90)
    return [wide[:, i // 4 : i // 4 + 160] for i in range(count)]


def difference(raw: RawFrame, whole: dict[int, RawFrame]) -> float:
    """In gray levels, from the same frame decoded with all others."""
    shown = raw.frame.to_ndarray(format="gray").astype(int)
    return float(
        np.abs(shown - whole[raw.at_ms].frame.to_ndarray(format="gray").astype(int)).mean()
    )


class TestAQuietFilm:
    @pytest.fixture(params=[25, 50, 100], ids=["1 s", "2 s", "4 s"])
    def gop(self, request: pytest.FixtureRequest) -> int:
        return int(request.param)

    def test_stretches_that_end_with_a_key_frame_are_left_out(self, tmp_path, gop):
        times = [raw.at_ms for raw in seen(film(tmp_path, nearly_still(250), gop), 250)]
        left_out = [(before, later) for before, later in pairwise(times) if later - before > 160]
        assert left_out
        begins = [0, *(later for _, later in left_out)]
        for begin_ms, (before_ms, key_ms) in zip(begins, left_out, strict=False):
            assert key_ms % (gop * FRAME_MS) == 0
            assert key_ms - before_ms <= TAIL_MS + 4 * FRAME_MS
            assert before_ms - begin_ms >= SEEN_MS - 4 * FRAME_MS

    def test_what_is_seen_is_the_same_as_ever(self, tmp_path, gop):
        path = film(tmp_path, nearly_still(150), gop)
        whole = {raw.at_ms: raw for raw in decode(path, Span(0, 6000), every_frame=True)}
        found = seen(path, 150)
        assert len(found) < len(seen(path, 150, Calm()))
        assert max(difference(raw, whole) for raw in found) < 2

    def test_groups_that_are_open_are_no_worse(self, tmp_path):
        """Frames shown before a key frame, but written after it, refer to some that were left out."""
        params = "open-gop=1:bframes=4:scenecut=0:keyint=25:min-keyint=25:log-level=none"
        encoding = Encoding(gop=25, codec="libx265", options={"x265-params": params})
        path = write_film(tmp_path / "film.mp4", nearly_still(100), None, encoding)
        whole = {raw.at_ms: raw for raw in decode(path, Span(0, 4000), every_frame=True)}
        found = seen(path, 100, Calm(is_calm=False, is_quiet=True))
        assert len(found) < len(seen(path, 100, Calm(is_calm=False)))
        assert [raw.at_ms for raw in found] == sorted(raw.at_ms for raw in found)
        assert max(difference(raw, whole) for raw in found) < 2


class TestWhatIsNeverLeftOut:
    def test_everything_without_quiet(self, tmp_path):
        path = film(tmp_path, nearly_still(100), 25)
        times = [raw.at_ms for raw in seen(path, 100, Calm())]
        assert max(later - before for before, later in pairwise(times)) <= 160

    def test_a_cut_without_a_key_frame(self, tmp_path):
        pictures = [*nearly_still(100)[:68], *[texture(9, 160, 90)] * 32]
        times = [raw.at_ms for raw in seen(film(tmp_path, pictures, 25), 100)]
        after = min(at_ms for at_ms in times if at_ms >= 68 * FRAME_MS)
        assert after - 68 * FRAME_MS < 4 * FRAME_MS

    def test_a_picture_that_comes_and_goes_between_two_key_frames(self, tmp_path):
        still = nearly_still(100)
        pictures = [*still[:60], *[texture(9, 160, 90)] * 10, *still[70:]]
        times = [raw.at_ms for raw in seen(film(tmp_path, pictures, 25), 100)]
        assert any(60 * FRAME_MS <= at_ms < 70 * FRAME_MS for at_ms in times)

    def test_a_key_frame_that_does_not_come_by_the_clock(self, tmp_path):
        """An encoder asked for it where a shot begins."""
        pictures = [*nearly_still(35), *[texture(9, 160, 90)] * 65]
        path = film(tmp_path, pictures, 25, sc_threshold="40")
        assert 35 * FRAME_MS in [raw.at_ms for raw in seen(path, 100)]

    def test_a_far_key_frame_is_waited_for(self, tmp_path):
        times = [raw.at_ms for raw in seen(film(tmp_path, nearly_still(100), 999), 100)]
        assert max(later - before for before, later in pairwise(times)) <= 160

    def test_frames_that_are_all_key_frames(self, tmp_path):
        path = film(tmp_path, numbered(20), 1, bf="0")
        assert len(seen(path, 20)) == 20
