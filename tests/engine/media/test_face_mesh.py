"""Open and shut eyes of one face, told apart by the mesh's points and what lies between them."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.media.faces import astronaut, detector_called, fetched_models, with_shut_eyes
from goviral.engine.media.boxes import FaceBox
from goviral.engine.media.face_mesh import FaceMesh, eyes_open, mouth_open

Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    there = FaceMesh.from_folder(fetched_models())
    assert there is not None
    return there


def found(image: Image) -> FaceBox:
    return detector_called("blazeface").detect(image)[0]


def openness(mesh: FaceMesh, image: Image) -> float:
    points = mesh.points(image, found(image))
    assert points is not None
    return eyes_open(image, points)


def turned(image: Image, degrees: float) -> Image:
    matrix = cv2.getRotationMatrix2D((225, 120), degrees, 1)
    return np.asarray(cv2.warpAffine(image, matrix, (512, 512)), np.uint8)


@pytest.mark.parametrize("degrees", [0, 15, -20])
@pytest.mark.parametrize("scale", [1.0, 0.6])
def test_open_eyes_are_told_from_shut_ones(mesh: FaceMesh, degrees: float, scale: float) -> None:
    both = [turned(image, degrees) for image in (astronaut(), with_shut_eyes())]
    small = [cv2.resize(im, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for im in both]
    wide, shut = (openness(mesh, np.asarray(image, np.uint8)) for image in small)
    assert wide >= shut + 0.3


def test_points_lie_on_the_face_however_it_is_turned(mesh: FaceMesh) -> None:
    image = turned(astronaut(), 20)
    face = found(image)
    points = mesh.points(image, face)
    assert points is not None
    assert face.eyes is not None
    for eye, corners in zip(face.eyes, ((33, 133), (362, 263)), strict=True):
        assert np.linalg.norm(points[list(corners)].mean(0) - np.array(eye)) < 0.08 * face.width
    assert 0 <= mouth_open(points) < 0.2


def test_where_no_face_is_there_are_no_points(mesh: FaceMesh) -> None:
    wall = np.full((300, 300, 3), 128, np.uint8)
    assert mesh.points(wall, replace(found(astronaut()), x=100, y=100, eyes=None)) is None


def test_another_file_under_the_name_is_not_used(tmp_path: Path) -> None:
    assert FaceMesh.from_folder(tmp_path) is None
    (tmp_path / "face_landmark.tflite").write_bytes(b"something else")
    assert FaceMesh.from_folder(tmp_path) is None
