"""Whom a shot is about: one face, a group, or nobody. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot, sqrt
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goviral.engine.media.look import Face, Sighting

_SMALLEST_FACE = 0.04
_PRESENT_SHARE = 0.25
_COMPANION_SHARE = 0.4
_COMPANION_AREA = 0.3
_TOGETHER_SHARE = 0.3
_DOMINANT = 1.5
_SURE_SCORE = 0.6
_NEAR = 2.5
_BELIEVED = 3
_APART = 3.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in source pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center_x(self) -> float:
        return self.x + self.width / 2

    @property
    def center_y(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Track:
    """One face through a shot: its box at each moment it was seen. `ids`: the look's tracks it is made of."""

    boxes: tuple[tuple[int, Box], ...]
    presence: float
    score: float
    ids: tuple[int, ...] = ()

    @property
    def width(self) -> float:
        return median(box.width for _, box in self.boxes)

    @property
    def height(self) -> float:
        return median(box.height for _, box in self.boxes)

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def weight(self) -> float:
        """How much of the shot and of the picture it has; area counts by its side."""
        return self.presence * sqrt(self.area) * self.score

    @property
    def extent(self) -> Box:
        """Where it is most of the time."""
        center_x = median(box.center_x for _, box in self.boxes)
        center_y = median(box.center_y for _, box in self.boxes)
        width, height = self.width, self.height
        return Box(center_x - width / 2, center_y - height / 2, width, height)


def find_tracks(sightings: Sequence["Sighting"], picture_height: float) -> list[Track]:
    """The faces that matter in a shot, weightiest first; glimpses and specks are left out."""
    seen: dict[int, list[tuple[int, Face]]] = {}
    for sighting in sightings:
        for face in sighting.faces:
            seen.setdefault(face.track, []).append((sighting.at_ms, face))
    found = [_track(faces, len(sightings), id_) for id_, faces in seen.items()]
    tracks = _relayed(found)
    kept = [t for t in tracks if _matters(t, len(sightings), picture_height)]
    return sorted(kept, key=lambda track: -track.weight)


def companions(tracks: Sequence[Track]) -> list[Track]:
    """The weightiest face and those that share the shot with it, of comparable size."""
    if not tracks:
        return []
    first = tracks[0]
    return [first, *(track for track in tracks[1:] if _accompanies(track, first))]


def _accompanies(track: Track, first: Track) -> bool:
    together = {at_ms for at_ms, _ in track.boxes} & {at_ms for at_ms, _ in first.boxes}
    return (
        track.presence >= _COMPANION_SHARE
        and track.area >= _COMPANION_AREA * first.area
        and len(together) >= _TOGETHER_SHARE * len(first.boxes)
    )


def dominates(tracks: Sequence[Track]) -> bool:
    """Whether the first of them is so much larger or longer there that the others may be left out."""
    return len(tracks) < 2 or tracks[0].weight >= _DOMINANT * tracks[1].weight


def sit_apart(tracks: Sequence[Track]) -> bool:
    """Whether between any two of them there is room for two faces more."""
    return all(
        hypot(
            one.extent.center_x - other.extent.center_x, one.extent.center_y - other.extent.center_y
        )
        >= _APART * (one.width + other.width) / 2
        for one, other in combinations(tracks, 2)
    )


def union(boxes: Iterable[Box]) -> Box:
    """The smallest rectangle around all of them."""
    all_of = list(boxes)
    left, top = min(b.x for b in all_of), min(b.y for b in all_of)
    right = max(b.x + b.width for b in all_of)
    bottom = max(b.y + b.height for b in all_of)
    return Box(left, top, right - left, bottom - top)


def box_at(track: Track, at_ms: int) -> Box:
    """The face's box at a moment, interpolated; at rest before its first and after its last."""
    boxes = track.boxes
    later = next((index for index, (seen_ms, _) in enumerate(boxes) if seen_ms > at_ms), None)
    if later is None:
        return boxes[-1][1]
    if later == 0:
        return boxes[0][1]
    (one_ms, one), (other_ms, other) = boxes[later - 1], boxes[later]
    share = (at_ms - one_ms) / (other_ms - one_ms)

    def mix(low: float, high: float) -> float:
        return low + (high - low) * share

    return Box(
        mix(one.x, other.x),
        mix(one.y, other.y),
        mix(one.width, other.width),
        mix(one.height, other.height),
    )


def _track(found: Sequence[tuple[int, "Face"]], sightings: int, id_: int) -> Track:
    boxes = tuple((at_ms, Box(f.x, f.y, f.width, f.height)) for at_ms, f in found)
    score = sum(face.score for _, face in found) / len(found)
    return Track(boxes, len(found) / sightings, score, (id_,))


def _matters(track: Track, sightings: int, picture_height: float) -> bool:
    if track.height < _SMALLEST_FACE * picture_height:
        return False
    if len(track.boxes) == 1:
        return track.score >= _SURE_SCORE and sightings <= 3
    return track.presence >= _PRESENT_SHARE


def _relayed(tracks: Iterable[Track]) -> list[Track]:
    """Tracks that follow each other in time and are alike in size are one face lost and found."""
    joined: list[Track] = []
    for track in sorted(tracks, key=lambda t: t.boxes[0][0]):
        earlier = [known for known in joined if _continues(known, track)]
        if not earlier:
            joined.append(track)
            continue
        match = min(earlier, key=lambda known: _apart(known, track))
        joined.remove(match)
        presence = match.presence + track.presence
        score = (match.score * match.presence + track.score * track.presence) / presence
        joined.append(Track(match.boxes + track.boxes, presence, score, match.ids + track.ids))
    return joined


def _continues(known: Track, track: Track) -> bool:
    """A face that comes back near, or one that was long enough there to be believed anywhere."""
    (last_ms, last), (first_ms, first) = known.boxes[-1], track.boxes[0]
    alike = 0.5 < first.height / last.height < 2.0
    near = _apart(known, track) < _NEAR * max(last.width, first.width)
    believed = min(len(known.boxes), len(track.boxes)) >= _BELIEVED
    return first_ms > last_ms and alike and (near or believed)


def _apart(known: Track, track: Track) -> float:
    return abs(known.boxes[-1][1].center_x - track.boxes[0][1].center_x)
