"""The same face from sample to sample within a shot; what flickers is no face."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from goviral.engine.media.boxes import FaceBox

_FORGET_MS = 2500
_REACH = 1.2
_SIZE_RATIO = 1.8
_SURE_ALONE = 0.8
_LEAST_MEAN_SCORE = 0.62
_LEAST_EVIDENCE = 0.45
_LEAST_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Sighted:
    """A face of one sample with the id of its track."""

    box: FaceBox
    track: int


@dataclass
class _Track:
    id: int
    seen: list[tuple[int, FaceBox]] = field(default_factory=list)


Sample = tuple[int, Sequence[FaceBox]]


def tracked(samples: Sequence[Sample], first_id: int = 0) -> list[tuple[Sighted, ...]]:
    """For each (time in ms, faces) of one shot, the faces that persist, largest first.

    A face of the next sample belongs to the track whose last box is nearest, when it is within 1.2
    face widths and of like size. Tracks that are seen too rarely or too doubtfully are left out.
    """
    tracks: list[_Track] = []
    for at_ms, faces in samples:
        _assign(tracks, at_ms, faces, first_id)
    kept = [track for track in tracks if _persists(track, samples)]
    return [tuple(_at(kept, at_ms)) for at_ms, _ in samples]


def _assign(tracks: list[_Track], at_ms: int, faces: Sequence[FaceBox], first_id: int) -> None:
    live = [track for track in tracks if at_ms - track.seen[-1][0] <= _FORGET_MS]
    pairs = sorted(
        (_distance(track.seen[-1][1], face), t, f)
        for t, track in enumerate(live)
        for f, face in enumerate(faces)
    )
    taken_tracks: set[int] = set()
    taken_faces: set[int] = set()
    for distance, t, f in pairs:
        if distance > _REACH or t in taken_tracks or f in taken_faces:
            continue
        live[t].seen.append((at_ms, faces[f]))
        taken_tracks.add(t)
        taken_faces.add(f)
    for f, face in enumerate(faces):
        if f not in taken_faces:
            tracks.append(_Track(first_id + len(tracks), [(at_ms, face)]))


def _distance(one: FaceBox, other: FaceBox) -> float:
    """Between centres, in mean face widths; far where the sizes cannot be of one face."""
    ratio = max(one.width, other.width) / max(1e-6, min(one.width, other.width))
    if ratio > _SIZE_RATIO:
        return float("inf")
    dx, dy = one.center[0] - other.center[0], one.center[1] - other.center[1]
    return float((dx * dx + dy * dy) ** 0.5 / ((one.width + other.width) / 2))


def _persists(track: _Track, samples: Sequence[Sample]) -> bool:
    """Seen often enough for how sure each sighting is: false faces score near 0.5, now and then."""
    scores = [box.score for _, box in track.seen]
    if len(samples) < 3:
        # Too short a shot to see twice: only a clear face counts.
        return max(scores) >= _SURE_ALONE
    first, last = track.seen[0][0], track.seen[-1][0]
    during = sum(first <= at_ms <= last for at_ms, _ in samples)
    evidence = sum(score - 0.5 for score in scores)
    return (
        len(scores) >= max(2, during * _LEAST_SHARE)
        and sum(scores) / len(scores) >= _LEAST_MEAN_SCORE
        and evidence >= _LEAST_EVIDENCE
    )


def _at(tracks: Sequence[_Track], at_ms: int) -> list[Sighted]:
    found = [
        Sighted(box, track.id) for track in tracks for time, box in track.seen if time == at_ms
    ]
    return sorted(found, key=lambda seen: (-seen.box.width * seen.box.height, seen.track))
