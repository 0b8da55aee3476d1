"""One camera shot framed as a whole: followed, at rest, or fitted over its blurred copy. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from goviral.engine.clips.framing.camera import Aim, Lens, steady_path
from goviral.engine.clips.framing.camera_scenes import Scene
from goviral.engine.clips.framing.subjects import Box, Track, box_at, union
from goviral.engine.clips.plans.plan import CropKey, Frame, Layout, Shot, Source

if TYPE_CHECKING:
    from goviral.engine.media.look import Sighting

_GROUP_FILL = 0.94
FACE_HEIGHT_AT = 0.38
"""Where the middle of a followed face stands, as a share of the frame's height."""
_SMALL_FACE = 0.13
_ZOOMED_FACE = 0.17
_LARGEST_ENLARGEMENT = 2.4
_SMALLEST_CROP = 0.5
_SLACK_X = 0.14
_SLACK_Y = 0.10
_LEAST_SLACK = 0.07
_EDGE_X = 0.03
_SAME_CORNER = 0.06


@dataclass(frozen=True, slots=True)
class Crop:
    """Size of a part of the source, in its pixels; even."""

    width: int
    height: int


def widest_crop(picture: Box, width: int, height: int) -> Crop:
    """The largest part of the picture in the shape of `width` x `height`."""
    return Crop(
        even(min(picture.width, picture.height * width / height)),
        even(min(picture.height, picture.width * height / width)),
    )


def even(value: float) -> int:
    """The nearest even number, at least 2."""
    return max(2, round(value / 2) * 2)


def fits(group: Sequence[Track], crop: Crop) -> bool:
    """Whether all faces of a group stand in the crop together."""
    whole = union(track.extent for track in group)
    return whole.width <= _GROUP_FILL * crop.width and whole.height <= _GROUP_FILL * crop.height


def fit(scene: Scene, part: Box) -> Shot:
    """A part of the picture, whole, over its blurred copy."""
    key = CropKey(scene.span.start_ms, part.x, part.y)
    return Shot(scene.span, Layout.FIT, int(part.width), int(part.height), (key,))


def part_holding(group: Sequence[Track], picture: Box) -> Box:
    """The part of the picture around a group, full height and not narrower than a square."""
    whole = union(track.extent for track in group)
    margin = max(track.width for track in group)
    width = min(picture.width, max(whole.width + 2 * margin, float(picture.height)))
    left = min(max(whole.center_x - width / 2, picture.x), picture.x + picture.width - width)
    left = int(left) // 2 * 2
    return Box(left, picture.y, even(min(width, picture.x + picture.width - left)), picture.height)


def interest(scene: Scene, crop: Crop, source: Source) -> Shot:
    """A crop that rests on the centre of interest: without a face a moving one would only wander."""
    center_x, center_y = _focus(scene.sightings, scene.picture, source)
    held = lens(scene.picture, crop).held(
        Aim(0, center_x - crop.width / 2, center_y - crop.height / 2)
    )
    key = CropKey(scene.span.start_ms, round(held.x), round(held.y))
    return Shot(scene.span, Layout.FOLLOW, crop.width, crop.height, (key,))


def _focus(sightings: "Sequence[Sighting]", picture: Box, source: Source) -> tuple[float, float]:
    if not sightings:
        return picture.center_x, picture.center_y
    return (
        median(sighting.focus_x for sighting in sightings) * source.width,
        median(sighting.focus_y for sighting in sightings) * source.height,
    )


def followed(scene: Scene, group: Sequence[Track], frame: Frame) -> Shot:
    """One face, or several that fit together, kept in the crop through the scene."""
    widest = widest_crop(scene.picture, frame.width, frame.height)
    crop = _zoomed(group, frame, scene.picture, widest)
    path = path_of(scene, group, crop, scene.picture, FACE_HEIGHT_AT)
    return Shot(scene.span, Layout.FOLLOW, crop.width, crop.height, path)


def path_of(
    scene: Scene, group: Sequence[Track], crop: Crop, room: Box, height_at: float
) -> tuple[CropKey, ...]:
    """The way of the crop's corner, inside `room`, with the group's middle at `height_at` of it."""
    moments = _moments(scene, group)
    boxes = [union(box_at(track, at_ms) for track in group) for at_ms in moments]
    aims = [
        Aim(at, box.center_x - crop.width / 2, box.center_y - height_at * crop.height)
        for at, box in zip(moments, boxes, strict=True)
    ]
    width, height = median(box.width for box in boxes), median(box.height for box in boxes)
    return steady_path(aims, lens(room, crop, width, height, height_at), scene.span)


def _moments(scene: Scene, group: Sequence[Track]) -> list[int]:
    """When the group was seen within the scene; its ends too, so that a short part is aimed at."""
    seen = {at_ms for track in group for at_ms, _ in track.boxes if scene.span.contains(at_ms)}
    return sorted(seen) if len(seen) > 1 else sorted({*seen, *_ends(scene)})


def _ends(scene: Scene) -> tuple[int, int]:
    return scene.span.start_ms, scene.span.end_ms - 1


def _zoomed(group: Sequence[Track], frame: Frame, picture: Box, widest: Crop) -> Crop:
    """A smaller crop for a face that would be lost in the frame, if the source has the pixels."""
    face_height = median(track.height for track in group)
    if len(group) > 1 or face_height >= _SMALL_FACE * widest.height:
        return widest
    wanted = face_height / _ZOOMED_FACE
    least = max(frame.height / _LARGEST_ENLARGEMENT, _SMALLEST_CROP * picture.height)
    height = min(widest.height, max(wanted, least))
    return Crop(even(height * frame.width / frame.height), even(height))


def lens(
    room: Box, crop: Crop, width: float = 0, height: float = 0, height_at: float = FACE_HEIGHT_AT
) -> Lens:
    """How far the crop may go, and how far a subject of that size may stray in it."""
    reach_x = max(0.0, (crop.width - width) / 2 - _EDGE_X * crop.width)
    reach_y = max(0.0, height_at * crop.height - height / 2)
    return Lens(
        unit=crop.width,
        min_x=room.x,
        min_y=room.y,
        max_x=max(room.x, room.x + room.width - crop.width),
        max_y=max(room.y, room.y + room.height - crop.height),
        slack_x=max(_LEAST_SLACK * crop.width, min(_SLACK_X * crop.width, reach_x)),
        slack_y=max(_LEAST_SLACK * crop.height, min(_SLACK_Y * crop.height, reach_y)),
        reach_x=reach_x,
        reach_y=reach_y,
    )


def steadied(shot: Shot, before: Shot) -> Shot:
    """Stay where the last shot ended when the difference is too small to be meant."""
    alike = (
        shot.layout is before.layout is Layout.FOLLOW
        and len(shot.path) == 1
        and (shot.crop_width, shot.crop_height) == (before.crop_width, before.crop_height)
    )
    if not alike:
        return shot
    here, there = shot.path[0], before.path[-1]
    near = _SAME_CORNER * shot.crop_width
    if abs(here.x - there.x) > near or abs(here.y - there.y) > near:
        return shot
    return replace(shot, path=(CropKey(shot.span.start_ms, there.x, there.y),))
