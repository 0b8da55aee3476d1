"""What of each camera shot is in the frame. Pure: a Look in, Shots out.

The rule of `auto`, a shot at a time:
1. A portrait picture in a wider frame, which would lose more than 60 % of itself, is shown whole (FIT).
2. A picture made to be read (a slide, a shared screen, a sign), unless a face is half as high as it: whole
   above and the speaker's face below (SCREEN) where a face is on it and the frame is tall enough, else FIT.
   Of several faces it is the one who speaks, with cuts between them; where that is not known, the largest.
3. One face is followed, also where it turns away and the interest goes on without it (`absence`); several
   that fit into the crop together are held together (FOLLOW).
4. Of several that do not fit: where it is known who speaks, the one who does is followed, with cuts between
   them (FOLLOW); unless the word goes round faster than every 2.5 s, or it is not known: then one half as
   large again as the others is followed; else two to four who sit apart are divided, each in its own
   cell (SPLIT), if the shot lasts 3 s; else all are shown (FIT, on the part of the picture they are in).
5. No face: the crop rests on the centre of interest (FOLLOW).
Bars are never framed: everything stays inside the active picture.

Another layout may be asked for. A shot that cannot have it is framed as `auto` would, and a note says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from goviral.engine.clips.framing.absence import with_absences
from goviral.engine.clips.framing.camera_scenes import Scene, scenes_of
from goviral.engine.clips.framing.crops import (
    fit,
    fits,
    followed,
    interest,
    part_holding,
    steadied,
    widest_crop,
)
from goviral.engine.clips.framing.divided import screen_shot, split_shot
from goviral.engine.clips.framing.speakers import Heard, Turn, heard_of, speaking_turns
from goviral.engine.clips.framing.subjects import (
    Track,
    companions,
    dominates,
    find_tracks,
    sit_apart,
)
from goviral.engine.clips.plans.plan import Frame, Shot, Source
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span, frame_start_ms

if TYPE_CHECKING:
    from goviral.engine.media.look import Look
    from goviral.engine.transcripts.document import Word

_KEPT_OF_PORTRAIT = 0.4
_LARGE_FACE = 0.45
_CALM_TURN_MS = 2500
_DIVIDED_MS = 3000


class LayoutWish(StrEnum):
    """What the user may ask for."""

    AUTO = "auto"
    FOLLOW = "follow"
    SPLIT = "split"
    SCREEN = "screen"
    FIT = "fit"


_CANNOT = {
    LayoutWish.SPLIT: "two to four faces that can be set apart",
    LayoutWish.SCREEN: "a face that can be shown below the picture",
}


@dataclass(frozen=True, slots=True)
class Framing:
    """The shots of a clip, and what could not be done as asked."""

    shots: tuple[Shot, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stage:
    """A scene with what deciding about it needs."""

    scene: Scene
    source: Source
    frame: Frame
    group: Sequence[Track]
    heard: Heard


def layout_wish(name: str) -> LayoutWish:
    """Raises `InputError` for a layout there is not."""
    try:
        return LayoutWish(name)
    except ValueError as error:
        raise InputError(
            f"There is no layout {name!r}.", remedy=f"Choose one of: {', '.join(LayoutWish)}."
        ) from error


def choose_framing(
    look: "Look",
    source: Source,
    frame: Frame,
    span: Span,
    wish: LayoutWish = LayoutWish.AUTO,
    words: "Sequence[Word]" = (),
) -> Framing:
    """The shots of a clip, without gaps; `span` is the clip's in source time, the shots' in clip time.

    Shots begin on the very frames where the camera cuts. `words` (source time) help to tell who speaks,
    where they have speakers.
    """
    heard = heard_of(look, span, words)
    shots: list[Shot] = []
    refused = 0
    picture = None
    scenes = scenes_of(look, source, frame, span)
    for scene in scenes:
        stage = _Stage(scene, source, frame, _group(scene, source, frame), heard)
        wanted = _as_asked(stage, wish)
        refused += wanted is None
        framed = _auto(stage) if wanted is None else wanted
        first = steadied(framed[0], shots[-1]) if scene.picture == picture else framed[0]
        shots += [first, *framed[1:]]
        picture = scene.picture
    return Framing(tuple(shots), _notes(wish, refused, len(scenes)))


def _group(scene: Scene, source: Source, frame: Frame) -> Sequence[Track]:
    """Whom the scene is about."""
    group = companions(find_tracks(scene.sightings, scene.picture.height))
    if len(group) != 1 or scene.is_graphic:
        return group
    unit = widest_crop(scene.picture, frame.width, frame.height).width
    return [with_absences(group[0], scene.sightings, source.width, unit)]


def _notes(wish: LayoutWish, refused: int, count: int) -> tuple[str, ...]:
    if not refused:
        return ()
    which = "no shot" if refused == count else f"{refused} of {count} shots"
    verb = "has" if refused == count else "have not"
    return (f"Layout {wish}: {which} {verb} {_CANNOT[wish]}; framed as auto would.",)


def _as_asked(stage: _Stage, wish: LayoutWish) -> Sequence[Shot] | None:
    """The scene in the layout asked for; None where it cannot be had."""
    if wish is LayoutWish.AUTO:
        return _auto(stage)
    if wish is LayoutWish.FOLLOW:
        return _follow(stage)
    if wish is LayoutWish.FIT:
        return (fit(stage.scene, stage.scene.picture),)
    if wish is LayoutWish.SCREEN:
        return _screen(stage)
    split = split_shot(stage.scene, stage.group, stage.frame)
    return None if split is None else (split,)


def _auto(stage: _Stage) -> Sequence[Shot]:
    scene, frame, group = stage.scene, stage.frame, stage.group
    picture = scene.picture
    widest = widest_crop(picture, frame.width, frame.height)
    wider = frame.width * picture.height > frame.height * picture.width
    if wider and widest.height < _KEPT_OF_PORTRAIT * picture.height:
        return (fit(scene, picture),)
    large = bool(group) and group[0].height >= _LARGE_FACE * picture.height
    if scene.is_graphic and not large:
        return _screen(stage) or (fit(scene, picture),)
    if len(group) > 1 and not fits(group, widest):
        return _several(stage)
    return _follow(stage)


def _several(stage: _Stage) -> Sequence[Shot]:
    """Faces that do not fit into the crop together."""
    scene, group = stage.scene, stage.group
    turns = speaking_turns(scene, group, stage.heard)
    calm = scene.span.duration_ms >= _CALM_TURN_MS * len(turns) or len(turns) == 1
    if turns and calm:
        return _speakers(stage, turns)
    split = split_shot(scene, group, stage.frame) if _may_be_divided(stage) else None
    if split or turns:
        return (split,) if split else _speakers(stage, turns)
    if dominates(group):
        return (followed(scene, group[:1], stage.frame),)
    return (fit(scene, part_holding(group, scene.picture)),)


def _may_be_divided(stage: _Stage) -> bool:
    """Not for a glimpse, and not where people sit together: they are one picture."""
    lasts = stage.scene.span.duration_ms >= _DIVIDED_MS
    return lasts and not dominates(stage.group) and sit_apart(stage.group)


def _follow(stage: _Stage) -> Sequence[Shot]:
    scene, frame, group = stage.scene, stage.frame, stage.group
    widest = widest_crop(scene.picture, frame.width, frame.height)
    if not group:
        return (interest(scene, widest, stage.source),)
    if fits(group, widest):
        return (followed(scene, group, frame),)
    turns = speaking_turns(scene, group, stage.heard)
    return _speakers(stage, turns) if turns else (followed(scene, group[:1], frame),)


def _screen(stage: _Stage) -> Sequence[Shot] | None:
    """The picture above, below it who has the word, else the largest face; None where it cannot be had."""
    scene, frame, group = stage.scene, stage.frame, stage.group
    if not group:
        return None
    turns = speaking_turns(scene, group, stage.heard)
    largest = max(group, key=lambda track: track.area)
    for parts in (list(_by_turn(stage, turns)), [(scene, largest)]):
        shots = [
            screen_shot(part, face, frame, [other for other in group if other is not face])
            for part, face in parts
        ]
        made = [shot for shot in shots if shot is not None]
        if made and len(made) == len(shots):
            return made
    return None


def _speakers(stage: _Stage, turns: Sequence[Turn]) -> Sequence[Shot]:
    """A shot a turn: a cut, never a pan, to who has the word."""
    return [followed(part, (speaker,), stage.frame) for part, speaker in _by_turn(stage, turns)]


def _by_turn(stage: _Stage, turns: Sequence[Turn]) -> Iterator[tuple[Scene, Track]]:
    """The part of the scene of each turn, on whole frames, with the face of who has the word; nothing
    without turns."""
    fps, whole = stage.frame.fps, stage.scene.span
    edges = [frame_start_ms(round(turn.span.start_ms * fps / 1000), fps) for turn in turns[1:]]
    times = pairwise([whole.start_ms, *edges, whole.end_ms])
    for turn, ends in zip(turns, times, strict=False):
        yield stage.scene.within(Span(*ends)), stage.group[turn.who]
