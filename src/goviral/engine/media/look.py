"""What is seen in a span: faces, cuts, where the interest lies. One decode pass on small pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from goviral.engine.media.audio import span_levels
from goviral.engine.media.boxes import Point
from goviral.engine.media.content import Box, common_area
from goviral.engine.media.detector import FaceDetector
from goviral.engine.media.face_mesh import FaceMesh
from goviral.engine.media.frames import decode
from goviral.engine.media.probe import MediaInfo, VideoStream
from goviral.engine.media.scenes import exact_cuts, find_jumps
from goviral.engine.media.signals import Levels
from goviral.engine.media.tracks import Sighted, tracked
from goviral.engine.media.unseen import faces_between, moments_between
from goviral.engine.media.watcher import Glance, Watcher
from goviral.kit.progress import Progress, SilentProgress
from goviral.kit.timecode import Span

STAGE = "look"
_EYES_WITHIN_MS = 8_000


@dataclass(frozen=True, slots=True)
class Face:
    """A face in source pixels as displayed. The same `track` is the same face within a shot.

    `eyes_open`: 0 shut to 1 open, of the largest face in the span's first seconds.
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    track: int
    eyes: tuple[Point, Point] | None = None
    mouth: Point | None = None
    eyes_open: float | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is seen at one moment (source time).

    `focus_x`, `focus_y`: centre of interest, 0..1 of the displayed picture, by detail and motion,
    never in the bars. `sharpness`: of the largest face, else of the picture; only comparable within
    a source; 0 in a quiet stretch that was not looked at. `content`: the active picture of this shot, without black bars, source pixels.
    `graphic`: drawn to be read (a slide, a screen, a sign) rather than filmed.
    """

    at_ms: int
    faces: tuple[Face, ...]
    focus_x: float
    focus_y: float
    sharpness: float
    content: Box
    graphic: bool = False


@dataclass(frozen=True, slots=True)
class LipMove:
    """How far the lips of a track's face moved up to `at_ms` (source time), in a tenth of a second.

    Only comparable within a look: its unit is that of who read the lips (`media.mouths`).
    """

    at_ms: int
    track: int
    movement: float


@dataclass(frozen=True, slots=True)
class Look:
    """A span as seen. `cuts_ms`: source times of the first frame of each new shot, sorted.

    `lips` and the `levels` of the sound are there where several faces are seen at once. `interlaced`:
    some of its frames are two half pictures, which the file's first frame may not be.
    """

    span: Span
    step_ms: int
    sightings: tuple[Sighting, ...] = ()
    cuts_ms: tuple[int, ...] = ()
    lips: tuple[LipMove, ...] = ()
    levels: Levels | None = None
    interlaced: bool = False


def look(
    media: MediaInfo,
    span: Span,
    detector: FaceDetector,
    *,
    step_ms: int = 333,
    progress: Progress | None = None,
    mesh: FaceMesh | None = None,
) -> Look:
    """Faces about every `step_ms`, half as often where they sit still, at the first frame of each shot too, and all camera cuts.

    With `mesh` it is seen whether eyes are open in the first seconds, where thumbnails come from, and
    lips are read by it; without it by what changes around the mouth.
    Without a picture, or where nothing of the span can be decoded, there are no sightings.
    """
    if media.video is None:
        return Look(span, step_ms)
    watch = partial(Watcher, detector, step_ms, mesh, span.start_ms + _EYES_WITHIN_MS)
    watcher = watch()
    progress = progress or SilentProgress()
    progress.start(STAGE, span.duration_ms)
    for raw in decode(media.path, span, stream_index=media.video.index, watcher=watcher):
        if watcher.see(raw):
            progress.advance(STAGE, raw.at_ms - span.start_ms)
    for left_out in watcher.doubtful_gaps():
        again = watch()
        for raw in decode(media.path, left_out, stream_index=media.video.index):
            again.see(raw)
        watcher.take(again)
    jumps = find_jumps(watcher.marks)
    frame_ms = float(1000 / media.video.fps)
    cuts = exact_cuts(media.path, jumps, frame_ms, media.video.index)
    seen = list(_sightings(watcher.glances, cuts, media.video, 2 * step_ms))
    lips = tuple(move for _, moves in seen for move in moves)
    levels = span_levels(media.path, span) if lips and media.audio else None
    progress.finish(STAGE, f"{len(cuts)} cuts")
    sightings = tuple(sighting for sighting, _ in seen)
    return Look(span, step_ms, sightings, cuts, lips, levels, watcher.interlaced)


def _sightings(
    glances: Sequence[Glance], cuts: Sequence[int], video: VideoStream, step_ms: int
) -> Iterator[tuple[Sighting, list[LipMove]]]:
    first_track = 0
    for looked_at in _shots(glances, cuts):
        shot = list(_with_unseen(looked_at, step_ms))
        found = tracked([(glance.at_ms, glance.faces) for glance in shot], first_track)
        ids = [seen.track for faces in found for seen in faces]
        first_track = max([first_track, *(1 + track for track in ids)])
        area = common_area([glance.area for glance in shot])
        for glance, faces in zip(shot, found, strict=True):
            # Of the first frame's size: a stream may change its size midway, the clip does not.
            scale = video.width / glance.width
            sighting = Sighting(
                at_ms=glance.at_ms,
                faces=tuple(_face(seen, scale) for seen in faces),
                focus_x=round(glance.focus[0], 4),
                focus_y=round(glance.focus[1], 4),
                sharpness=round(glance.sharpness, 1),
                content=area.scaled(scale, video.width, video.height),
                graphic=glance.graphic,
            )
            yield sighting, list(_lips(glance, faces, cuts))


def _with_unseen(shot: Sequence[Glance], step_ms: int) -> Iterator[Glance]:
    """The glances of a shot, and what lies between those of a quiet stretch; of no use as a still."""
    yield shot[0]
    for before, after in pairwise(shot):
        for at_ms, share in moments_between(before.at_ms, after.at_ms, step_ms):
            faces = faces_between(before.faces, after.faces, share)
            yield replace(before, at_ms=at_ms, faces=faces, sharpness=0.0, lips=[])
        yield after


def _lips(glance: Glance, seen: Sequence[Sighted], cuts: Sequence[int]) -> Iterator[LipMove]:
    """The glance's lip movements with the tracks of their faces, as far as its shot reaches."""
    tracks = {id(face.box): face.track for face in seen}
    until_ms = next((cut_ms for cut_ms in cuts if cut_ms > glance.at_ms), None)
    for at_ms, number, movement in glance.lips:
        track = tracks.get(id(glance.faces[number]))
        if track is not None and (until_ms is None or at_ms < until_ms):
            yield LipMove(at_ms, track, round(movement, 5))


def _shots(glances: Sequence[Glance], cuts: Sequence[int]) -> Iterator[list[Glance]]:
    edges = [*cuts, None]
    shot: list[Glance] = []
    for glance in glances:
        while edges[0] is not None and glance.at_ms >= edges[0]:
            edges.pop(0)
            if shot:
                yield shot
            shot = []
        shot.append(glance)
    if shot:
        yield shot


def _face(seen: Sighted, scale: float) -> Face:
    def scaled(point: Point) -> Point:
        return round(point[0] * scale, 1), round(point[1] * scale, 1)

    box = seen.box
    return Face(
        *scaled((box.x, box.y)),
        *scaled((box.width, box.height)),
        score=round(box.score, 3),
        track=seen.track,
        eyes=(scaled(box.eyes[0]), scaled(box.eyes[1])) if box.eyes else None,
        mouth=scaled(box.mouth) if box.mouth else None,
        eyes_open=box.eyes_open,
    )
