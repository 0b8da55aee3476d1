"""The pictures that stills are made of: the source at a moment, whose face is on it, how the clip shows it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.captions.safe_area import unit
from goviral.engine.clips.plans.crop import shot_at
from goviral.engine.clips.plans.plan import ClipPlan, FaceArea, Frame, Layout, ThumbnailVariant
from goviral.engine.clips.plans.screen import face_places
from goviral.engine.clips.thumbnails.packs.cutout import Person, cut_person
from goviral.engine.clips.thumbnails.packs.staging import Picture, Size
from goviral.engine.clips.thumbnails.still import canvas, frame_picture
from goviral.engine.media.detector import find_detector
from goviral.engine.media.frames import frame_at
from goviral.kit.settings import load_settings

if TYPE_CHECKING:
    from PIL.Image import Image

    from goviral.engine.media.boxes import FaceBox


class Moments:
    """The source's pictures at the stills' moments, each read once, and the faces on them."""

    def __init__(self, plan: ClipPlan) -> None:
        self._plan = plan
        self._known: dict[int, Image] = {}
        self._clean: dict[tuple[int, int, int], Image] = {}
        self._faces: dict[int, FaceArea | None] = {}
        self._people: dict[tuple[int, FaceArea], Person | None] = {}

    def at(self, at_ms: int) -> "Image":
        """The whole picture; a drawn one where the source has none. Raises `InputError`."""
        if at_ms not in self._known:
            self._known[at_ms] = _source_picture(self._plan, at_ms)
        return self._known[at_ms]

    def clean(self, at_ms: int) -> "Image":
        """As the clip shows it, 1080 pixels on the shorter side or more."""
        return self._shown(at_ms, _large(self._plan.frame))

    def in_clip(self, variant: ThumbnailVariant, size: Size) -> Picture | None:
        """As the clip shows it, with the face on it, where the clip has that shape."""
        plan, at_ms = self._plan, variant.at_ms
        shot = shot_at(plan.shots, at_ms)
        if shot is None or plan.frame.width * size[1] != plan.frame.height * size[0]:
            return None
        picture = self._shown(at_ms, replace(plan.frame, width=size[0], height=size[1]))
        face, scale = self.face(variant), size[0] / plan.frame.width
        places = face_places(face, shot, at_ms, plan.frame) if face else ()
        faces = tuple(
            FaceArea(box.x * scale, box.y * scale, box.width * scale, box.height * scale)
            for box in places
        )
        return Picture(picture, faces)

    def _shown(self, at_ms: int, frame: Frame) -> "Image":
        """Nobody may draw on it: the next one is given the same."""
        key = (at_ms, frame.width, frame.height)
        if key not in self._clean:
            shot = shot_at(self._plan.shots, at_ms)
            self._clean[key] = (
                canvas(frame)
                if shot is None or shot.layout is Layout.CANVAS
                else frame_picture(self.at(at_ms), shot, at_ms, frame)
            )
        return self._clean[key]

    def face(self, variant: ThumbnailVariant) -> FaceArea | None:
        """The variant's own face, else the largest that is found on its picture."""
        if variant.face is not None or self._plan.source.video_stream is None:
            return variant.face
        if variant.at_ms not in self._faces:
            found = faces_on(self.at(variant.at_ms))
            box = max(found, key=lambda face: face.width * face.height, default=None)
            face = FaceArea(box.x, box.y, box.width, box.height) if box else None
            self._faces[variant.at_ms] = face
        return self._faces[variant.at_ms]

    def person(self, variant: ThumbnailVariant) -> Person | None:
        """Who has that face, cut out."""
        face = self.face(variant)
        if face is None:
            return None
        key = (variant.at_ms, face)
        if key not in self._people:
            self._people[key] = cut_person(self.at(variant.at_ms), face)
        return self._people[key]


def _large(frame: Frame) -> Frame:
    """The clip's shape, never smaller than 1080 on its shorter side."""
    scale = max(1.0, 1 / unit(frame))
    return replace(
        frame, width=round(frame.width * scale / 2) * 2, height=round(frame.height * scale / 2) * 2
    )


def _source_picture(plan: ClipPlan, at_ms: int) -> "Image":
    from PIL import Image

    if plan.source.video_stream is None:
        return canvas(plan.frame)
    return Image.fromarray(frame_at(Path(plan.source.path), plan.span.start_ms + at_ms))


def faces_on(picture: "Image") -> "tuple[FaceBox, ...]":
    """Faces that are found on a picture, whatever its plan was made from."""
    import numpy as np

    detector = find_detector(load_settings())
    scale = detector.input_width / picture.width
    small = picture.resize((detector.input_width, round(picture.height * scale)))
    return tuple(
        replace(
            face,
            x=face.x / scale,
            y=face.y / scale,
            width=face.width / scale,
            height=face.height / scale,
        )
        for face in detector.detect(np.asarray(small))
    )
