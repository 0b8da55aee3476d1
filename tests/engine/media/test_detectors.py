"""One contract for every detector, on a real face at known places."""

import cv2
import numpy as np
import pytest

from engine.media.faces import detector_called, fetched_models, wall, with_face
from engine.media.reels import texture
from goviral.engine.media.boxes import FaceBox, overlap
from goviral.engine.media.detector import DETECTORS, FaceDetector, face_models_dir, find_detector
from goviral.kit.settings import Settings


@pytest.fixture(scope="module", params=DETECTORS)
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    return detector_called(request.param)


def canvas(detector: FaceDetector, seed: int = 0) -> np.ndarray:
    width = detector.input_width
    return wall(width, width * 9 // 16, seed)


def is_at(found: FaceBox, truth: FaceBox) -> bool:
    """The same place and about the same size: detectors draw their boxes differently."""
    near = abs(found.center[0] - truth.center[0]) + abs(found.center[1] - truth.center[1])
    return near < 0.35 * truth.width and overlap(found, truth) > 0.4


class TestDetect:
    @pytest.mark.parametrize("share", [0.06, 0.08, 0.12, 0.2, 0.3])
    @pytest.mark.parametrize("across", [0.12, 0.5, 0.8])
    def test_a_face_is_found_where_it_is(self, detector, share, across):
        picture = canvas(detector)
        height, width = picture.shape[:2]
        side = round(share * width)
        x = min(width - 1.6 * side, max(0.6 * side, across * width - side / 2))
        picture, truth = with_face(picture, x, max(0.35 * height - side / 2, 0.3 * side), side)
        found = detector.detect(picture)
        assert len(found) == 1
        assert is_at(found[0], truth)
        assert 0 < found[0].score <= 1

    def test_two_faces_are_both_found(self, detector):
        picture = canvas(detector)
        width = picture.shape[1]
        picture, left = with_face(picture, 0.15 * width, 0.15 * width, round(0.14 * width))
        picture, right = with_face(picture, 0.65 * width, 0.12 * width, round(0.11 * width))
        found = sorted(detector.detect(picture), key=lambda box: box.x)
        assert len(found) == 2
        assert is_at(found[0], left)
        assert is_at(found[1], right)

    def test_upright_pictures_of_phones_work_too(self, detector):
        picture, truth = with_face(wall(360, 640), 120, 150, 110)
        (found,) = detector.detect(picture)
        assert is_at(found, truth)

    @pytest.mark.parametrize("gain", [0.35, 1.5])
    def test_dark_and_bright_faces_are_found(self, detector, gain):
        picture = canvas(detector)
        width = picture.shape[1]
        picture, truth = with_face(picture, 0.4 * width, 0.15 * width, round(0.15 * width))
        lit = np.clip(picture * gain, 0, 255).astype(np.uint8)
        (found,) = detector.detect(lit)
        assert is_at(found, truth)

    @pytest.mark.parametrize("seed", range(4))
    def test_no_face_is_seen_where_there_is_none(self, detector, seed):
        picture = canvas(detector, seed)
        cv2.rectangle(picture, (40, 30), (160, 120), (250, 250, 250), -1)
        cv2.putText(picture, "AGENDA 2026", (45, 80), 0, 0.5, (10, 10, 10), 1)
        cv2.circle(picture, (300, 150), 40, (200, 30, 30), 6)
        assert detector.detect(picture) == ()
        assert detector.detect(texture(seed, picture.shape[1], picture.shape[0])) == ()

    @pytest.mark.parametrize("size", [(1, 1), (7, 300), (40, 24)])
    def test_odd_pictures_do_no_harm(self, detector, size):
        assert detector.detect(wall(*size)) == ()
        assert detector.follow(wall(*size), [FaceBox(0, 0, 20, 20, 0.9)], 3) == ()

    def test_the_same_picture_gives_the_same_faces(self, detector):
        picture, _ = with_face(canvas(detector), 150, 60, 60)
        assert detector.detect(picture) == detector.detect(picture)


class TestFollow:
    def test_a_face_that_moved_a_little_is_found_again(self, detector):
        width = detector.input_width
        picture, _ = with_face(canvas(detector), 0.3 * width, 0.15 * width, round(0.12 * width))
        known = detector.detect(picture)
        picture, truth = with_face(
            canvas(detector), 0.33 * width, 0.16 * width, round(0.125 * width)
        )
        (found,) = detector.follow(picture, known, 0)
        assert is_at(found, truth)

    def test_a_face_that_left_is_gone(self, detector):
        width = detector.input_width
        gone = FaceBox(0.4 * width, 0.2 * width, 0.1 * width, 0.1 * width, 0.9)
        assert detector.follow(canvas(detector), [gone], 0) == ()

    def test_a_large_new_face_is_met_within_a_few_turns(self, detector):
        width = detector.input_width
        picture, truth = with_face(canvas(detector), 0.6 * width, 0.12 * width, width // 5)
        met = [detector.follow(picture, (), turn) for turn in range(5)]
        assert any(is_at(face, truth) for faces in met for face in faces)

    def test_it_is_cheaper_than_a_thorough_look(self, detector):
        import time

        width = detector.input_width
        picture, _ = with_face(canvas(detector), 0.3 * width, 0.15 * width, round(0.12 * width))
        known = detector.detect(picture)

        def cost(look) -> float:
            start = time.process_time()
            for turn in range(4):
                look(turn)
            return time.process_time() - start

        thorough = cost(lambda _: detector.detect(picture))
        assert cost(lambda turn: detector.follow(picture, known, turn)) < 0.6 * thorough


class TestEyes:
    def test_blazeface_knows_eyes_and_mouth(self):
        detector = detector_called("blazeface")
        picture, truth = with_face(canvas(detector), 250, 90, 100)
        (found,) = detector.detect(picture)
        assert found.eyes is not None
        assert found.mouth is not None
        left, right = found.eyes
        assert truth.x < left[0] < truth.center[0] < right[0] < truth.x + truth.width
        assert left[1] < truth.center[1] < found.mouth[1] < truth.y + truth.height


class TestFindDetector:
    def test_without_model_files_it_is_the_cascade(self, tmp_path):
        assert find_detector(Settings(GOVIRAL_FACE_MODELS=str(tmp_path))).name == "haar"

    def test_a_file_that_is_another_is_not_loaded(self, tmp_path):
        (tmp_path / "face_detection_short_range.tflite").write_bytes(b"TFL3" * 1000)
        assert find_detector(Settings(GOVIRAL_FACE_MODELS=str(tmp_path))).name == "haar"

    def test_with_the_files_it_is_blazeface(self):
        folder = fetched_models()
        assert find_detector(Settings(GOVIRAL_FACE_MODELS=str(folder))).name == "blazeface"

    def test_the_files_are_looked_for_in_the_cache(self, tmp_path):
        assert face_models_dir(Settings(GOVIRAL_CACHE_DIR=str(tmp_path))) == tmp_path / "faces"
