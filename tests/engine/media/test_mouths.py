"""Lips that move and lips that rest, read in every way there is."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine.media.faces import installed_models, wall
from engine.media.talkers import with_talker
from goviral.engine.media.boxes import FaceBox
from goviral.engine.media.face_mesh import FaceMesh
from goviral.engine.media.mouths import MeshLips, MouthReader, MouthWatch, PatchLips

MESH = FaceMesh.from_folder(installed_models())
READERS: list[MouthReader] = [PatchLips(), *([MeshLips(MESH)] if MESH else [])]
LEFT, RIGHT = FaceBox(100, 110, 90, 90, 0.9), FaceBox(430, 110, 90, 90, 0.9)


def pictures(openings: Sequence[tuple[float, float]], sway: float = 0.0) -> list[np.ndarray]:
    """Two faces side by side with their mouths open so far, swaying by so many pixels."""
    random = np.random.default_rng(2)
    found = []
    for number, (left, right) in enumerate(openings):
        picture = wall(640, 360)
        move = sway * np.sin(number)
        with_talker(picture, LEFT.x + move, LEFT.y, 90, left)
        with_talker(picture, RIGHT.x - move, RIGHT.y, 90, right, mirrored=True)
        grain = random.normal(0, 3, (360, 640, 1))
        found.append(np.clip(picture + grain, 0, 255).astype(np.uint8))
    return found


def moved(reader: MouthReader, shown: Sequence[np.ndarray]) -> list[float]:
    """The mean movement of either face."""
    watch = MouthWatch(reader)
    seen = [watch.see(100 * n, picture, (LEFT, RIGHT)) for n, picture in enumerate(shown)]
    return [
        float(np.mean([value for each in seen for number, value in each if number == who]))
        for who in (0, 1)
    ]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
class TestEveryReader:
    def test_lips_that_speak_move_more_than_lips_that_rest(self, reader: MouthReader) -> None:
        openings = [(abs(np.sin(1.4 * n)), 0.0) for n in range(20)]
        speaking, resting = moved(reader, pictures(openings))
        assert speaking > 2 * resting

    def test_a_head_that_sways_does_not_speak(self, reader: MouthReader) -> None:
        openings = [(abs(np.sin(1.4 * n)), 0.0) for n in range(20)]
        speaking, resting = moved(reader, pictures(openings, sway=2.0))
        assert speaking > 1.8 * resting

    def test_a_face_at_the_edge_of_the_picture_is_no_fault(self, reader: MouthReader) -> None:
        watch = MouthWatch(reader)
        picture = wall(640, 360)
        for number in range(3):
            watch.see(100 * number, picture, (FaceBox(-60, -60, 90, 90, 0.9), LEFT))

    def test_it_reads_the_same_twice(self, reader: MouthReader) -> None:
        (picture,) = pictures([(0.5, 0.2)])
        one, other = reader.read(picture, LEFT), reader.read(picture, LEFT)
        assert one is not None
        assert other is not None
        assert np.array_equal(one, other)
        assert reader.movement(one, other) == 0


class TestWatch:
    def test_one_face_is_not_looked_at(self) -> None:
        watch = MouthWatch(PatchLips())
        assert not watch.is_due(0, (LEFT,))
        assert watch.is_due(0, (LEFT, RIGHT))

    def test_nor_is_a_tiny_one_beside_a_large_one(self) -> None:
        tiny = FaceBox(500, 100, 30, 30, 0.9)
        assert not MouthWatch(PatchLips()).is_due(0, (LEFT, tiny))

    def test_it_looks_ten_times_a_second(self) -> None:
        watch = MouthWatch(PatchLips())
        picture = wall(640, 360)
        looks = 0
        for at_ms in range(0, 4000, 40):
            if watch.is_due(at_ms, (LEFT, RIGHT)):
                watch.see(at_ms, picture, (LEFT, RIGHT))
                looks += 1
        assert looks == pytest.approx(40, abs=3)

    def test_another_face_in_its_place_did_not_move_its_lips(self) -> None:
        watch = MouthWatch(PatchLips())
        shown = pictures([(0.0, 0.0), (1.0, 1.0)])
        watch.see(0, shown[0], (LEFT, RIGHT))
        assert watch.see(100, shown[1], (FaceBox(300, 110, 90, 90, 0.9), RIGHT))[0][0] == 1
        watch.forget()
        assert watch.see(200, shown[0], (LEFT, RIGHT)) == []
