"""What one pass over decoded frames notices: a mark of each, a closer look at some."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from goviral.engine.media.boxes import FaceBox, Point
from goviral.engine.media.content import Box, active_area, focus_of, is_graphic, sharpness_of
from goviral.engine.media.detector import FaceDetector
from goviral.engine.media.face_mesh import FaceMesh, eyes_open
from goviral.engine.media.frames import Image, Pictures, RawFrame, Tiny
from goviral.engine.media.mouths import MeshLips, MouthWatch, PatchLips
from goviral.engine.media.scenes import Mark, difference, mark_of, may_be_parted
from goviral.engine.media.unseen import are_elsewhere, faces_between, went_on
from goviral.kit.timecode import Span

# Between thorough looks large new faces are met in turn; only small ones wait for the next.
_THOROUGH_EVERY = 10
_THOROUGH_EVERY_WITH_FACES = 30
# A face that sits still is looked at half as often, as long as the picture stays as it is.
_STILL_FACE = 0.06
_STILL_PICTURE = 0.10
_QUIET_MS = 250
_QUIET_PICTURE = 0.12
_GAP_MS = 400
_MAYBE_CUT = 0.35
_MAYBE_CUT_RISE = 2.5


@dataclass(frozen=True)
class Glance:
    """One sample in small-picture pixels, before shots are known."""

    at_ms: int
    faces: tuple[FaceBox, ...]
    focus: Point
    sharpness: float
    area: Box
    graphic: bool
    width: int
    lips: list[tuple[int, int, float]] = field(default_factory=list)
    """Time, number in `faces` and movement, up to the next glance."""


class Watcher:
    """Takes every decoded frame: marks all of them, looks for faces in some."""

    def __init__(
        self, detector: FaceDetector, step_ms: int, mesh: FaceMesh | None, eyes_until_ms: int
    ) -> None:
        self.marks: list[Mark] = []
        self.glances: list[Glance] = []
        self.interlaced = False
        self._detector = detector
        self._step_ms = step_ms
        self._mesh = mesh
        self._eyes_until_ms = eyes_until_ms
        self._mouths = MouthWatch(MeshLips(mesh) if mesh else PatchLips())
        self._tiny = Tiny()
        self._pictures = Pictures(detector.input_width)
        self._due_ms = 0
        self._early_ms = 0
        self._known: tuple[FaceBox, ...] = ()
        self._since_thorough = _THOROUGH_EVERY
        self._usual_change = 0.0
        self._seen: Mark | None = None
        self._is_still = False

    def see(self, raw: RawFrame) -> bool:
        """True where the frame became a sample."""
        self.interlaced = self.interlaced or raw.frame.interlaced_frame
        mark = mark_of(raw, self._tiny)
        before = self.marks[-1] if self.marks else None
        self.marks.append(mark)
        new_shot = before is None or self._may_be_cut(before, mark)
        if not new_shot and not self._is_due(raw.at_ms, mark):
            if self._mouths.is_due(raw.at_ms, self._known):
                self._read_lips(raw.at_ms, self._pictures.of(raw))
            return False
        if new_shot:
            self._mouths.forget()
        image = self._pictures.of(raw)
        self.glances.append(self._glance(raw, image, before or mark, mark, new_shot))
        self._plan_next(raw.at_ms, mark, new_shot)
        if self._mouths.is_due(raw.at_ms, self._known):
            self._read_lips(raw.at_ms, image)
        return True

    @property
    def is_calm(self) -> bool:
        """Whether frames may be left out: faces that sit still, or one alone, which is met often enough."""
        few = self._is_still or len(self._known) == 1
        return few and not self._mouths.is_worth(self._known)

    @property
    def is_quiet(self) -> bool:
        """Whether two seconds may pass unseen: faces are followed, and the picture hardly changes."""
        if not self._known or not self.is_calm:
            return False
        now = self.marks[-1]
        for mark in reversed(self.marks):
            if now.at_ms - mark.at_ms >= _QUIET_MS:
                return difference(mark, now) <= _QUIET_PICTURE
        return False

    def doubtful_gaps(self) -> list[Span]:
        """Stretches that were left out as quiet, after which the picture or a face is elsewhere.

        How it came there cannot be told from their ends: by a cut, a fade, or a walk of any kind.
        """
        return [
            Span(before.at_ms + 1, after.at_ms)
            for number, (before, after) in enumerate(pairwise(self.marks))
            if after.at_ms - before.at_ms > _GAP_MS
            and (
                may_be_parted(before, after, self._drift(number, after.at_ms))
                or self._faces_moved(after.at_ms)
            )
        ]

    def take(self, other: "Watcher") -> None:
        """What another one saw in between."""
        self.marks = sorted([*self.marks, *other.marks], key=lambda mark: mark.at_ms)
        self.glances = sorted([*self.glances, *other.glances], key=lambda glance: glance.at_ms)
        self.interlaced = self.interlaced or other.interlaced

    def _drift(self, number: int, until_ms: int) -> float:
        """How much the picture changes from a mark to a later time, at the pace it came to that mark."""
        now = self.marks[number]
        for mark in reversed(self.marks[:number]):
            if now.at_ms - mark.at_ms >= _QUIET_MS:
                pace = difference(mark, now) / (now.at_ms - mark.at_ms)
                return pace * (until_ms - now.at_ms)
        return 0.0

    def _faces_moved(self, at_ms: int) -> bool:
        """Whether faces are where they neither stayed nor came by going on as before."""
        before = [glance for glance in self.glances if glance.at_ms < at_ms]
        after = self.glances[len(before) :]
        if not before or not after or not are_elsewhere(before[-1].faces, after[0].faces):
            return False
        return len(before) < 2 or not _went_on(before[-2], before[-1], after[0])

    def _plan_next(self, at_ms: int, mark: Mark, new_shot: bool) -> None:
        # Counted from when it was due: where few frames are decoded each comes a little late.
        on_time = not new_shot and at_ms >= self._due_ms
        start_ms = max(self._due_ms, at_ms - self._step_ms // 2) if on_time else at_ms
        self._early_ms = start_ms + self._step_ms
        self._due_ms = start_ms + self._step_ms * (2 if self._is_still else 1)
        self._seen = mark

    def _is_due(self, at_ms: int, mark: Mark) -> bool:
        if at_ms >= self._due_ms or at_ms < self._early_ms:
            return at_ms >= self._due_ms
        return self._seen is None or difference(self._seen, mark) > _STILL_PICTURE

    def _read_lips(self, at_ms: int, image: Image) -> None:
        moved = self._mouths.see(at_ms, image, self._known)
        self.glances[-1].lips.extend((at_ms, number, movement) for number, movement in moved)

    def _may_be_cut(self, before: Mark, mark: Mark) -> bool:
        """A guess without hindsight: a wrong one costs one thorough look."""
        if mark.at_ms - before.at_ms > _GAP_MS:
            return may_be_parted(before, mark, self._drift(len(self.marks) - 2, mark.at_ms))
        change = difference(before, mark)
        usual, self._usual_change = self._usual_change, self._usual_change * 0.8 + change * 0.2
        return change >= max(_MAYBE_CUT, _MAYBE_CUT_RISE * usual)

    def _glance(
        self, raw: RawFrame, image: Image, before: Mark, mark: Mark, new_shot: bool
    ) -> Glance:
        import cv2

        before_this, self._known = self._known, self._faces(raw.at_ms, image, new_shot)
        self._is_still = not new_shot and _are_still(before_this, self._known)
        faces = (
            self._with_eyes(image, self._known) if raw.at_ms < self._eyes_until_ms else self._known
        )
        area = active_area(image)
        motion = cv2.absdiff(mark.tiny[0], mark.tiny[0] if new_shot else before.tiny[0])
        return Glance(
            at_ms=raw.at_ms,
            faces=faces,
            focus=focus_of(image, np.rot90(motion, raw.frame.rotation // 90), area),
            sharpness=sharpness_of(image, self._known),
            area=area,
            graphic=is_graphic(image, area, has_faces=bool(self._known)),
            width=image.shape[1],
        )

    def _with_eyes(self, image: Image, faces: tuple[FaceBox, ...]) -> tuple[FaceBox, ...]:
        largest = max(faces, key=lambda face: face.width * face.height, default=None)
        if self._mesh is None or largest is None:
            return faces
        points = self._mesh.points(image, largest)
        if points is None:
            return faces
        seen = replace(largest, eyes_open=eyes_open(image, points))
        return tuple(seen if face is largest else face for face in faces)

    def _faces(self, at_ms: int, image: Image, new_shot: bool) -> tuple[FaceBox, ...]:
        self._since_thorough += 1
        limit = _THOROUGH_EVERY_WITH_FACES if self._known else _THOROUGH_EVERY
        if not new_shot and self._since_thorough < limit:
            found = self._detector.follow(image, self._expected(at_ms), len(self.glances))
            # A face that moved out of reach is searched for once, not missed until the next thorough look.
            if found or not self._known:
                return found
        self._since_thorough = 0
        return self._detector.detect(image)

    def _expected(self, at_ms: int) -> tuple[FaceBox, ...]:
        """The faces that are known, moved on evenly where a stretch was left out."""
        if len(self.glances) < 2 or at_ms - self.marks[-2].at_ms <= _GAP_MS:
            return self._known
        earlier, before = self.glances[-2:]
        return faces_between(earlier.faces, before.faces, _share(earlier, before, at_ms))


def _went_on(earlier: Glance, before: Glance, after: Glance) -> bool:
    share = _share(earlier, before, after.at_ms)
    return went_on(earlier.faces, before.faces, after.faces, share)


def _share(earlier: Glance, before: Glance, at_ms: int) -> float:
    """How far on a time is, as a multiple of the way from one glance to the next; broken files give
    several frames one time."""
    return (at_ms - earlier.at_ms) / max(1, before.at_ms - earlier.at_ms)


def _are_still(before: Sequence[FaceBox], now: Sequence[FaceBox]) -> bool:
    """The same faces, hardly moved; never where there are none, as one may come in."""
    if not now or len(before) != len(now):
        return False
    pairs = zip(sorted(before, key=lambda f: f.x), sorted(now, key=lambda f: f.x), strict=True)
    return all(
        max(abs(one.center[axis] - other.center[axis]) for axis in (0, 1))
        <= _STILL_FACE * other.width
        for one, other in pairs
    )
