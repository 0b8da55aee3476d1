"""Frames of several parts: two to four faces each in its own cell, a shared screen over its speaker. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from goviral.engine.clips.framing.camera_scenes import Scene
from goviral.engine.clips.framing.crops import Crop, even, path_of, widest_crop
from goviral.engine.clips.framing.subjects import Box, Track, union
from goviral.engine.clips.plans.plan import Cell, CropKey, Frame, Layout, Shot

MOST_CELLS = 4
_FACE_SHARE = 0.34
_FACE_AT = 0.44
_LARGEST_FACE = 0.72
_LARGEST_ENLARGEMENT = 3.0
_SPEAKER_SHARE = 0.5
_SPEAKER_AT = 0.5
_SPEAKER_ENLARGEMENT = 8.0
_LEAST_SPEAKER = 0.3
_SMALLEST_SPEAKER = 0.05
_IN_A_ROW = 1.0
_NEIGHBOR_GUARD = 0.08
_FAR_SIDE = 1.5
_SHOULDERS = 0.6
_HAIR_AND_CHEST = 0.5

Place = tuple[int, int, int, int]
"""Left, top, width and height of a cell, in pixels of the frame; even."""


def places(count: int, frame: Frame) -> tuple[Place, ...]:
    """The cells of `count` faces, in reading order: stacked in a tall frame, side by side in any other,
    four as two by two."""
    if count == MOST_CELLS:
        columns, rows = _parts(frame.width, 2), _parts(frame.height, 2)
    elif frame.height > frame.width:
        columns, rows = _parts(frame.width, 1), _parts(frame.height, count)
    else:
        columns, rows = _parts(frame.width, count), _parts(frame.height, 1)
    return tuple((x, y, width, height) for y, height in rows for x, width in columns)


def _parts(length: int, count: int) -> list[tuple[int, int]]:
    edges = [round(length * part / count / 2) * 2 for part in range(count + 1)]
    return [(first, end - first) for first, end in pairwise(edges)]


def split_shot(scene: Scene, group: Sequence[Track], frame: Frame) -> Shot | None:
    """Each face of the group in a cell of its own; None where there are not two to four of them or
    where they stand too close together to be set apart."""
    if not 2 <= len(group) <= MOST_CELLS:
        return None
    ordered = _in_reading_order(group)
    cells = [
        _face_cell(scene, track, [other for other in ordered if other is not track], place)
        for track, place in zip(ordered, places(len(ordered), frame), strict=True)
    ]
    kept = tuple(cell for cell in cells if cell is not None)
    return Shot(scene.span, Layout.SPLIT, cells=kept) if len(kept) == len(cells) else None


def screen_shot(
    scene: Scene, speaker: Track, frame: Frame, others: Sequence[Track] = ()
) -> Shot | None:
    """The picture above, the speaker's face below, without the `others` if they are not too near; None
    where the frame is too low for both or the face too small to be enlarged."""
    picture = scene.picture
    height = even(frame.width * picture.height / picture.width)
    room = frame.height - height
    if room < _LEAST_SPEAKER * frame.height or speaker.height < _SMALLEST_SPEAKER * picture.height:
        return None
    # Not in the cell's shape to the pixel: rounding stretches it by less than a thousandth.
    whole = Crop(int(picture.width) // 2 * 2, int(picture.height) // 2 * 2)
    key = CropKey(scene.span.start_ms, picture.x, picture.y)
    upper = Cell(0, 0, frame.width, height, whole.width, whole.height, (key,))
    place = (0, height, frame.width, room)
    own = _room(speaker, others, picture)
    crop = _crop_of(speaker, own, place, _SPEAKER_SHARE, _SPEAKER_ENLARGEMENT)
    if _is_too_large(speaker, crop):
        own = picture
        crop = _crop_of(speaker, own, place, _SPEAKER_SHARE, _SPEAKER_ENLARGEMENT)
    lower = _cell(scene, speaker, place, crop, own, _SPEAKER_AT)
    return Shot(scene.span, Layout.SCREEN, cells=(upper, lower))


def _in_reading_order(group: Sequence[Track]) -> list[Track]:
    """From the left; where faces stand in rows, as in a call, row by row."""
    rising = sorted(group, key=lambda track: track.extent.center_y)
    whole = union(track.extent for track in group)
    tall = max(track.height for track in group)
    if whole.height < (1 + _IN_A_ROW) * tall:
        return sorted(group, key=lambda track: track.extent.center_x)
    rows: list[list[Track]] = []
    for track in rising:
        near = rows and track.extent.center_y - rows[-1][0].extent.center_y < _IN_A_ROW * tall
        if near:
            rows[-1].append(track)
        else:
            rows.append([track])
    return [track for row in rows for track in sorted(row, key=lambda t: t.extent.center_x)]


def _face_cell(scene: Scene, track: Track, others: Sequence[Track], place: Place) -> Cell | None:
    room = _room(track, others, scene.picture)
    crop = _crop_of(track, room, place, _FACE_SHARE, _LARGEST_ENLARGEMENT)
    if _is_too_large(track, crop):
        return None
    return _cell(scene, track, place, crop, room, _FACE_AT)


def _is_too_large(track: Track, crop: Crop) -> bool:
    return track.height > _LARGEST_FACE * crop.height or track.width > _LARGEST_FACE * crop.width


def _cell(
    scene: Scene, track: Track, place: Place, crop: Crop, room: Box, height_at: float
) -> Cell:
    path = path_of(scene, (track,), crop, room, height_at)
    return Cell(*place, crop.width, crop.height, path)


def _crop_of(track: Track, room: Box, place: Place, share: float, enlargement: float) -> Crop:
    """In the cell's shape, the face `share` of its height, if the room and the pixels allow."""
    _, _, width, height = place
    widest = widest_crop(room, width, height)
    wanted = min(widest.height, max(track.height / share, height / enlargement))
    return Crop(even(min(widest.width, wanted * width / height)), even(wanted))


def _room(track: Track, others: Sequence[Track], picture: Box) -> Box:
    """The part of the picture that holds no other face, and this one not too near its edge: each other
    is kept out on the side where it is further away."""
    left, top = picture.x, picture.y
    right, bottom = picture.x + picture.width, picture.y + picture.height
    own = track.extent
    for other in (track.extent for track in others):
        across, down = other.center_x - own.center_x, other.center_y - own.center_y
        if abs(across) >= abs(down):
            free = _free(abs(across), other.width, _SHOULDERS)
            right = min(right, own.center_x + free * (1 if across > 0 else _FAR_SIDE))
            left = max(left, own.center_x - free * (1 if across <= 0 else _FAR_SIDE))
        else:
            free = _free(abs(down), other.height, _HAIR_AND_CHEST)
            bottom = min(bottom, own.center_y + free * (1 if down > 0 else _FAR_SIDE))
            top = max(top, own.center_y - free * (1 if down <= 0 else _FAR_SIDE))
    return Box(left, top, max(2.0, right - left), max(2.0, bottom - top))


def _free(distance: float, length: float, share: float) -> float:
    """How far a cell may reach towards another face: a share of the way, never onto the face."""
    return min(share * distance, distance - length * (0.5 + _NEIGHBOR_GUARD))
