"""Camera cuts at known frames, and what only looks like one."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.faces import wall, with_face
from engine.media.reels import Encoding, texture, write_film
from goviral.engine.media.scenes import Mark, camera_cuts, difference, find_jumps, may_be_parted
from goviral.kit.timecode import Span, frame_at, frame_start_ms

Picture = NDArray[np.uint8]
SIZE = (320, 180)
X264 = {"preset": "veryfast", "bf": "3"}
# What hardware encoders do: key frames by the clock, none at cuts.
NO_SCENE_CUTS = {**X264, "sc_threshold": "0"}


def still(seed: int, count: int) -> list[Picture]:
    """A shot with a little grain and a small moving thing."""
    random = np.random.default_rng(seed)
    background = texture(seed, *SIZE)
    frames = []
    for i in range(count):
        picture = background.astype(np.int16) + random.normal(0, 2, (SIZE[1], SIZE[0], 1))
        picture = np.clip(picture, 0, 255).astype(np.uint8)
        cv2.circle(picture, (60 + 2 * i % 200, 90), 12, (20, 20, 20), -1)
        frames.append(picture)
    return frames


def pan(seed: int, count: int, step: int) -> list[Picture]:
    wide = texture(seed, SIZE[0] * 6, SIZE[1])
    return [wide[:, i * step : i * step + SIZE[0]] for i in range(count)]


def cuts_of(folder: Path, pictures: Sequence[Picture], encoding: Encoding) -> tuple[int, ...]:
    path = write_film(folder / "film.mp4", pictures, None, encoding)
    end_ms = round(len(pictures) * 1000 / encoding.fps)
    return camera_cuts(path, Span(0, end_ms), float(1000 / encoding.fps))


def frames_of(cuts: Sequence[int], fps: Fraction) -> list[int]:
    return [frame_at(at_ms + 1, fps) for at_ms in cuts]


class TestExactCuts:
    @pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(50)])
    @pytest.mark.parametrize("options", [X264, NO_SCENE_CUTS], ids=["scenecut", "by the clock"])
    def test_each_cut_is_found_on_its_very_frame(self, tmp_path, fps, options):
        lengths = [31, 22, 40, 17, 36]
        pictures = [p for seed, count in enumerate(lengths) for p in still(seed, count)]
        encoding = Encoding(fps=fps, gop=60, options=options)
        found = cuts_of(tmp_path, pictures, encoding)
        assert frames_of(found, fps) == np.cumsum(lengths)[:-1].tolist()
        assert list(found) == [
            pytest.approx(frame_start_ms(frame, fps), abs=1) for frame in np.cumsum(lengths)[:-1]
        ]

    def test_two_cameras_on_the_same_person_are_told_apart(self, tmp_path):
        room = wall(*SIZE, seed=3)
        near, _ = with_face(room, 120, 50, 70)
        far, _ = with_face(room, 210, 70, 36)
        found = cuts_of(tmp_path, [near] * 20 + [far] * 20 + [near] * 20, Encoding(gop=100))
        assert frames_of(found, Fraction(25)) == [20, 40]

    def test_small_inserts_in_a_black_frame_are_told_apart(self, tmp_path):
        pictures = []
        for seed in range(3):
            frame = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
            frame[40:140, 120:200] = texture(seed, 80, 100)
            pictures += [frame] * 15
        found = cuts_of(tmp_path, pictures, Encoding(gop=100, options=X264))
        assert frames_of(found, Fraction(25)) == [15, 30]

    def test_cuts_within_a_span_only(self, tmp_path):
        pictures = [p for seed in range(4) for p in still(seed, 25)]
        path = write_film(tmp_path / "film.mp4", pictures, None, Encoding(options=X264))
        found = camera_cuts(path, Span(1500, 2500), 40)
        assert frames_of(found, Fraction(25)) == [50]


class TestWhatIsNoCut:
    def test_a_flash(self, tmp_path):
        pictures = still(1, 60)
        for i in (20, 21, 41):
            pictures[i] = np.clip(pictures[i].astype(np.int16) + 150, 0, 255).astype(np.uint8)
        assert cuts_of(tmp_path, pictures, Encoding(options=X264)) == ()

    @pytest.mark.parametrize("step", [4, 12, 25])
    def test_a_pan_however_fast(self, tmp_path, step):
        assert cuts_of(tmp_path, pan(2, 60, step), Encoding(options=X264)) == ()

    def test_something_large_passing_in_front(self, tmp_path):
        pictures = still(4, 50)
        for i in range(20, 32):
            left = (i - 20) * 40 - 120
            pictures[i][:, max(0, left) : max(0, left + 120)] = (30, 25, 20)
        assert cuts_of(tmp_path, pictures, Encoding(options=X264)) == ()

    def test_a_caption_that_appears(self, tmp_path):
        pictures = still(5, 50)
        for picture in pictures[20:]:
            cv2.rectangle(picture, (20, 140), (300, 170), (240, 240, 240), -1)
        assert cuts_of(tmp_path, pictures, Encoding(options=X264)) == ()

    def test_light_that_changes_slowly(self, tmp_path):
        pictures = [
            np.clip(p * (0.4 + 0.012 * i), 0, 255).astype(np.uint8)
            for i, p in enumerate(still(6, 50))
        ]
        assert cuts_of(tmp_path, pictures, Encoding(options=X264)) == ()

    def test_a_black_film(self, tmp_path):
        assert cuts_of(tmp_path, [np.zeros((90, 160, 3), np.uint8)] * 30, Encoding()) == ()


class TestGradualChanges:
    @pytest.mark.parametrize("length", [8, 20, 30])
    def test_a_dissolve_is_one_cut_about_its_middle(self, tmp_path, length):
        before, after = still(7, 30 + length), still(8, 30 + length)
        blend = [
            cv2.addWeighted(a, 1 - (i + 1) / (length + 1), b, (i + 1) / (length + 1), 0)
            for i, (a, b) in enumerate(zip(before[30:], after[:length], strict=True))
        ]
        pictures = before[:30] + blend + after[length:]
        (found,) = cuts_of(tmp_path, pictures, Encoding(options=X264))
        assert frame_at(found, Fraction(25)) == pytest.approx(30 + length / 2, abs=length / 4 + 2)

    def test_a_dip_to_black_is_one_cut_while_it_is_dark(self, tmp_path):
        out = [np.asarray(p * (1 - i / 8), np.uint8) for i, p in enumerate(still(9, 9))]
        into = [np.asarray(p * (i / 8), np.uint8) for i, p in enumerate(still(10, 9))]
        pictures = still(9, 30) + out + into + still(10, 30)
        (found,) = cuts_of(tmp_path, pictures, Encoding(options=X264))
        assert 34 <= frame_at(found, Fraction(25)) <= 45


class TestDifference:
    def test_it_is_zero_for_the_same_and_about_one_for_strangers(self):
        def mark(seed: int) -> Mark:
            tiny = np.ascontiguousarray(texture(seed, 64, 36).transpose(2, 0, 1))
            return Mark(0, tiny, False, float(tiny[0].std()))

        assert difference(mark(1), mark(1)) == 0
        assert 0.6 < difference(mark(1), mark(2)) < 4

    def test_a_picture_that_drifts_is_parted_from_itself_by_more_than_its_drift(self):
        def mark(share: float) -> Mark:
            mixed = (1 - share) * texture(1, 64, 36) + share * texture(2, 64, 36)
            tiny = np.ascontiguousarray(mixed.astype(np.uint8).transpose(2, 0, 1))
            return Mark(0, tiny, False, float(tiny[0].std()))

        change = difference(mark(0), mark(0.15))
        assert 0.26 < change < 0.7
        assert may_be_parted(mark(0), mark(0.15), change / 2)
        assert not may_be_parted(mark(0), mark(0.15), change)
        assert may_be_parted(mark(0), mark(1), 9.0), (
            "another picture, however restless it was before"
        )

    def test_nothing_or_one_frame_has_no_cuts(self):
        assert find_jumps([]) == ()
        tiny = np.zeros((3, 36, 64), np.uint8)
        assert find_jumps([Mark(0, tiny, True, 0.0)]) == ()
