"""What of each camera shot is in the frame. Pure: a Look in, Shots out.

The rule, a shot at a time:
1. A portrait picture in a wider frame, which would lose more than 60 % of itself, is shown whole (FIT).
2. So is a picture made to be read (a slide, a screen, a sign), unless a face is half as high as it.
3. Faces: the one that matters, or all that do when they fit into the crop together, are followed. Of
   several that do not fit, one half as large again as the others is followed; else all are shown
   (FIT, on the part of the picture that holds them).
4. No face: the crop rests on the centre of interest.
Bars are never framed: everything stays inside the active picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from statistics import median
from typing import TYPE_CHECKING

from goviral.engine.clips.camera import Aim, Lens, steady_path
from goviral.engine.clips.plan import CropKey, Frame, Layout, Shot, Source
from goviral.engine.clips.subjects import (
    Box,
    Track,
    box_at,
    companions,
    dominates,
    find_tracks,
    union,
)
from goviral.kit.timecode import Span, frame_count, frame_start_ms

if TYPE_CHECKING:
    from goviral.engine.media.look import Look, Sighting

_SHORTEST_SHOT_FRAMES = 3
_BAR_GUARD = 0.004
_KEPT_OF_PORTRAIT = 0.4
_GROUP_FILL = 0.94
_FACE_HEIGHT_AT = 0.38
_LARGE_FACE = 0.45
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
class _Scene:
    """One camera shot: its time in the clip, what was seen in it (clip time), its active picture."""

    span: Span
    sightings: "tuple[Sighting, ...]"
    picture: Box


@dataclass(frozen=True, slots=True)
class _Crop:
    width: int
    height: int


def plan_shots(look: "Look", source: Source, frame: Frame, span: Span) -> tuple[Shot, ...]:
    """The shots of a clip, without gaps; `span` is the clip's in source time, the shots' in clip time.

    Shots begin on the very frames where the camera cuts.
    """
    shots: list[Shot] = []
    picture: Box | None = None
    for scene in _scenes(look, source, frame, span):
        shot = _framed(scene, source, frame)
        shots.append(_steadied(shot, shots[-1]) if scene.picture == picture else shot)
        picture = scene.picture
    return tuple(shots)


def _scenes(look: "Look", source: Source, frame: Frame, span: Span) -> list[_Scene]:
    fps = frame.fps
    sightings = [replace(s, at_ms=s.at_ms - span.start_ms) for s in look.sightings]
    # By frames, not milliseconds: rounded apart, a shot's first frame would be its predecessor's last.
    seen = [(round(sighting.at_ms * fps / 1000), sighting) for sighting in sightings]
    scenes = []
    for first, end in pairwise(_edges(look, frame, span)):
        inside = tuple(sighting for at, sighting in seen if first <= at < end)
        picture = _active_picture(inside or tuple(sightings[:1]), source)
        time = Span(frame_start_ms(first, fps), frame_start_ms(end, fps))
        scenes.append(_Scene(time, inside, picture))
    scenes[-1] = replace(scenes[-1], span=Span(scenes[-1].span.start_ms, span.duration_ms))
    return scenes


def _edges(look: "Look", frame: Frame, span: Span) -> list[int]:
    """Frames with which shots begin, and the clip's end; a shot of one or two frames is none."""
    last = frame_count(span.duration_ms, frame.fps)
    cuts = [
        round((cut_ms - span.start_ms) * frame.fps / 1000)
        for cut_ms in look.cuts_ms
        if span.contains(cut_ms)
    ]
    frames = [0]
    for cut in cuts:
        if frames[-1] and cut - frames[-1] < _SHORTEST_SHOT_FRAMES:
            frames.pop()
        if _SHORTEST_SHOT_FRAMES <= cut <= last - _SHORTEST_SHOT_FRAMES:
            frames.append(cut)
    return [*frames, last]


def _active_picture(sightings: "Sequence[Sighting]", source: Source) -> Box:
    """The picture without its bars; a little less where there are any, as their edges are soft."""
    if not sightings:
        return Box(0, 0, source.width, source.height)
    content = sightings[0].content
    left, width = _inside(content.x, content.x + content.width, source.width)
    top, height = _inside(content.y, content.y + content.height, source.height)
    return Box(left, top, width, height)


def _inside(first: int, end: int, size: int) -> tuple[int, int]:
    """Start and length, even, clear of the edge of a bar on either side."""
    guard = ceil(_BAR_GUARD * size)
    first = (first + guard + 1) // 2 * 2 if first else 0
    end = end - guard if end < size else size
    return first, max(2, (end - first) // 2 * 2)


def _framed(scene: _Scene, source: Source, frame: Frame) -> Shot:
    picture = scene.picture
    widest = _widest_crop(picture, frame)
    if frame.width * picture.height > frame.height * picture.width and (
        widest.height < _KEPT_OF_PORTRAIT * picture.height
    ):
        return _fit(scene, picture)
    tracks = find_tracks(scene.sightings, picture.height)
    group = companions(tracks)
    large = bool(group) and group[0].height >= _LARGE_FACE * picture.height
    if _is_graphic(scene.sightings) and not large:
        return _fit(scene, picture)
    if not group:
        return _interest(scene, widest, source)
    if len(group) > 1 and not _fits(group, widest):
        if not dominates(group):
            return _fit(scene, _part_holding(group, picture, frame))
        group = group[:1]
    return _followed(scene, group, frame, widest)


def _is_graphic(sightings: "Sequence[Sighting]") -> bool:
    return sum(sighting.graphic for sighting in sightings) * 2 > len(sightings)


def _widest_crop(picture: Box, frame: Frame) -> _Crop:
    """The largest part of the picture in the frame's shape."""
    width = min(picture.width, picture.height * frame.width / frame.height)
    height = min(picture.height, picture.width * frame.height / frame.width)
    return _Crop(_even(width), _even(height))


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)


def _fits(group: Sequence[Track], crop: _Crop) -> bool:
    whole = union(track.extent for track in group)
    return whole.width <= _GROUP_FILL * crop.width and whole.height <= _GROUP_FILL * crop.height


def _fit(scene: _Scene, part: Box) -> Shot:
    key = CropKey(scene.span.start_ms, part.x, part.y)
    return Shot(scene.span, Layout.FIT, int(part.width), int(part.height), (key,))


def _part_holding(group: Sequence[Track], picture: Box, frame: Frame) -> Box:
    """The part of the picture around a group, full height and not narrower than the frame's shape."""
    whole = union(track.extent for track in group)
    margin = max(track.width for track in group)
    width = min(picture.width, max(whole.width + 2 * margin, float(picture.height)))
    left = min(max(whole.center_x - width / 2, picture.x), picture.x + picture.width - width)
    left = int(left) // 2 * 2
    return Box(left, picture.y, _even(min(width, picture.x + picture.width - left)), picture.height)


def _interest(scene: _Scene, crop: _Crop, source: Source) -> Shot:
    """A crop that rests on the centre of interest: without a face a moving one would only wander."""
    picture = scene.picture
    return _resting(scene, crop, *_focus(scene.sightings, picture, source))


def _focus(sightings: "Sequence[Sighting]", picture: Box, source: Source) -> tuple[float, float]:
    if not sightings:
        return picture.center_x, picture.center_y
    return (
        median(sighting.focus_x for sighting in sightings) * source.width,
        median(sighting.focus_y for sighting in sightings) * source.height,
    )


def _resting(scene: _Scene, crop: _Crop, center_x: float, center_y: float) -> Shot:
    lens = _lens(scene.picture, crop)
    aim = lens.held(Aim(0, center_x - crop.width / 2, center_y - crop.height / 2))
    key = CropKey(scene.span.start_ms, round(aim.x), round(aim.y))
    return Shot(scene.span, Layout.FOLLOW, crop.width, crop.height, (key,))


def _followed(scene: _Scene, group: Sequence[Track], frame: Frame, widest: _Crop) -> Shot:
    crop = _zoomed(group, frame, scene.picture, widest)
    moments = sorted({at_ms for track in group for at_ms, _ in track.boxes})
    boxes = [union(box_at(track, at_ms) for track in group) for at_ms in moments]
    aims = [
        Aim(at, box.center_x - crop.width / 2, box.center_y - _FACE_HEIGHT_AT * crop.height)
        for at, box in zip(moments, boxes, strict=True)
    ]
    width, height = median(box.width for box in boxes), median(box.height for box in boxes)
    path = steady_path(aims, _lens(scene.picture, crop, width, height), scene.span)
    return Shot(scene.span, Layout.FOLLOW, crop.width, crop.height, path)


def _zoomed(group: Sequence[Track], frame: Frame, picture: Box, widest: _Crop) -> _Crop:
    """A smaller crop for a face that would be lost in the frame, if the source has the pixels."""
    face_height = median(track.height for track in group)
    if len(group) > 1 or face_height >= _SMALL_FACE * widest.height:
        return widest
    wanted = face_height / _ZOOMED_FACE
    least = max(frame.height / _LARGEST_ENLARGEMENT, _SMALLEST_CROP * picture.height)
    height = min(widest.height, max(wanted, least))
    return _Crop(_even(height * frame.width / frame.height), _even(height))


def _lens(picture: Box, crop: _Crop, width: float = 0, height: float = 0) -> Lens:
    """How far the crop may go, and how far a subject of that size may stray in it."""
    reach_x = max(0.0, (crop.width - width) / 2 - _EDGE_X * crop.width)
    reach_y = max(0.0, _FACE_HEIGHT_AT * crop.height - height / 2)
    return Lens(
        unit=crop.width,
        min_x=picture.x,
        min_y=picture.y,
        max_x=picture.x + picture.width - crop.width,
        max_y=picture.y + picture.height - crop.height,
        slack_x=max(_LEAST_SLACK * crop.width, min(_SLACK_X * crop.width, reach_x)),
        slack_y=max(_LEAST_SLACK * crop.height, min(_SLACK_Y * crop.height, reach_y)),
        reach_x=reach_x,
        reach_y=reach_y,
    )


def _steadied(shot: Shot, before: Shot) -> Shot:
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
