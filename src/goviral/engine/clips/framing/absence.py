"""Where a followed face went that is no longer found: turned away, or half out of the picture. Pure.

While it is turned away but stays, the crop rests. Only where the interest of the picture (detail and motion)
went elsewhere, and stays there, has the person gone there too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from statistics import median
from typing import TYPE_CHECKING

from goviral.engine.clips.framing.subjects import Track, box_at

if TYPE_CHECKING:
    from goviral.engine.media.look import Sighting

_LEAST_SIGHTINGS = 2
_GONE = 0.4
"""Crop widths between the face's last place and the interest, and between the interest then and now."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The face, and where the interest is while it is seen, in source pixels."""

    track: Track
    usual_x: float
    source_width: int
    far: float

    def side(self, sighting: "Sighting") -> int:
        """Where the interest is clearly away from both: -1 left, 1 right, else 0."""
        at_x = sighting.focus_x * self.source_width
        face_x = box_at(self.track, sighting.at_ms).center_x
        if at_x >= max(self.usual_x, face_x) + self.far:
            return 1
        return -1 if at_x <= min(self.usual_x, face_x) - self.far else 0


def with_absences(
    track: Track, sightings: Sequence["Sighting"], source_width: int, unit: float
) -> Track:
    """The track with the centre of interest in the face's place where it went there unseen.

    Stretches in which any other face is seen are left as they are. `unit` is the crop's width in pixels.
    """
    seen_ms = {at_ms for at_ms, _ in track.boxes}
    usual = median(sighting.focus_x for sighting in sightings if sighting.at_ms in seen_ms)
    known = _Known(track, usual * source_width, source_width, _GONE * unit)
    added = [
        (sighting.at_ms, replace(box, x=sighting.focus_x * source_width - box.width / 2))
        for run in _without_faces(sightings)
        for sighting in _gone(run, known)
        for box in [box_at(track, sighting.at_ms)]
    ]
    return replace(track, boxes=tuple(sorted([*track.boxes, *added], key=lambda seen: seen[0])))


def _without_faces(sightings: Sequence["Sighting"]) -> "Iterator[list[Sighting]]":
    for has_faces, run in groupby(sightings, key=lambda sighting: bool(sighting.faces)):
        if not has_faces:
            yield list(run)


def _gone(run: "list[Sighting]", known: _Known) -> "list[Sighting]":
    """The part of a stretch without faces, up to where it is furthest in time from the face, in which the
    interest stays on one side; none where that is too short to be no accident."""
    before = run[0].at_ms < known.track.boxes[0][0]
    outward = run if before else run[::-1]
    side = known.side(outward[0])
    gone = list(takewhile(lambda sighting: known.side(sighting) == side, outward))
    return gone if side and len(gone) >= _LEAST_SIGHTINGS else []
