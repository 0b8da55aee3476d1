"""Which frames sell a clip, and which stills with words are to be tried against each other. Pure but for fonts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from goviral.engine.clips.captions.titles import is_drawable
from goviral.engine.clips.plans.crop import crop_box, shot_at
from goviral.engine.clips.plans.plan import (
    FaceArea,
    Frame,
    Layout,
    Shot,
    ThumbnailPlan,
    ThumbnailStyle,
    ThumbnailVariant,
)
from goviral.engine.clips.thumbnails.packs.emoji import emoji_for
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from goviral.engine.media.look import Face, Look, Sighting

VARIANTS = ("A", "B")
_HOOK_MS = 8_000
_CUT_GUARD_MS = 150
_APART_MS = 1_500
_BEST_FACE = 0.33
_EYES_UNKNOWN = 0.6


def plan_thumbnails(
    look: "Look | None",
    clip_span: Span,
    frame: Frame,
    shots: tuple[Shot, ...],
    *,
    titles: Sequence[str] = ("",),
    styles: Sequence[ThumbnailStyle] = (),
) -> ThumbnailPlan:
    """The plain still, and two to try against each other: in two styles where two are wished for, else
    of two frames, else of one frame with two of the `titles`, best first. None without a style, nor where
    no font here can draw the best title's words."""
    frames = choose_frames(look, clip_span, frame, shots) if look else (0,)
    best = frames[0]
    if not styles or not is_drawable(titles[0], styles[0].title):
        return ThumbnailPlan(best)
    pair = (styles[0], styles[1] if len(styles) > 1 else styles[0])
    moments, words = (best, best), (titles[0], titles[0])
    if pair[0] == pair[1]:
        moments = (best, frames[-1])
        if len(frames) == 1:
            others = (title for title in titles[1:] if is_drawable(title, styles[0].title))
            words = (titles[0], next(others, titles[0]))
    variants = tuple(
        with_title(
            ThumbnailVariant(name, at_ms, "", style, face=_face_at(look, clip_span, shots, at_ms)),
            title,
        )
        for name, at_ms, title, style in zip(VARIANTS, moments, words, pair, strict=True)
    )
    same = replace(variants[1], name=variants[0].name) == variants[0]
    return ThumbnailPlan(best, variants=variants[:1] if same else variants)


def with_title(variant: ThumbnailVariant, title: str) -> ThumbnailVariant:
    """The variant with another title, and the emoji that goes with it."""
    emoji = emoji_for(title) if variant.style.emoji else ""
    return replace(variant, title=title, emoji=emoji)


def retitled(thumbnail: ThumbnailPlan | None, old: str, new: str) -> ThumbnailPlan | None:
    """Stills that bear the clip's title bear its new one."""
    return thumbnail and replace(
        thumbnail,
        variants=tuple(with_title(v, new) if v.title == old else v for v in thumbnail.variants),
    )


def shifted(thumbnail: ThumbnailPlan | None, by_ms: int, clip_ms: int) -> ThumbnailPlan | None:
    """The same frames in a clip of `clip_ms` that begins `by_ms` later."""

    def moved(at_ms: int) -> int:
        return max(0, min(at_ms - by_ms, clip_ms - 1))

    return thumbnail and replace(
        thumbnail,
        at_ms=moved(thumbnail.at_ms),
        variants=tuple(replace(v, at_ms=moved(v.at_ms)) for v in thumbnail.variants),
    )


def choose_frame(look: "Look", clip_span: Span, frame: Frame, shots: tuple[Shot, ...]) -> int:
    """The best of `choose_frames`."""
    return choose_frames(look, clip_span, frame, shots)[0]


def choose_frames(
    look: "Look", clip_span: Span, frame: Frame, shots: tuple[Shot, ...]
) -> tuple[int, ...]:
    """The one or two moments of the clip, in milliseconds from its start, that show best, best first.

    The sharpest sighting with a large, frontal, whole face with open eyes inside the crop, the sooner
    the better; without faces the sharpest and richest picture. 0 where nothing was seen.
    """
    there = [s for s in look.sightings if clip_span.contains(s.at_ms)]
    seen = [s for s in there if s.sharpness] or there
    calm = [s for s in seen if not _near_cut(s.at_ms, look.cuts_ms)] or seen
    if not calm:
        return (0,)
    sharpest = max(s.sharpness for s in calm) or 1.0

    def score(sighting: "Sighting") -> tuple[float, int]:
        at_ms = sighting.at_ms - clip_span.start_ms
        worth = _face_worth(sighting, shots, at_ms) + 0.5 * sighting.sharpness / sharpest
        return worth * _nearness(at_ms, clip_span.duration_ms), -at_ms

    best = max(calm, key=score)
    others = [s for s in calm if abs(s.at_ms - best.at_ms) >= _APART_MS]
    chosen = (best, max(others, key=score)) if others else (best,)
    return tuple(sighting.at_ms - clip_span.start_ms for sighting in chosen)


def _face_at(
    look: "Look | None", clip_span: Span, shots: tuple[Shot, ...], at_ms: int
) -> FaceArea | None:
    """The face that counted for the sighting at that moment, if any did."""
    wanted_ms = clip_span.start_ms + at_ms
    sightings = look.sightings if look else ()
    faces = next((sighting.faces for sighting in sightings if sighting.at_ms == wanted_ms), ())
    box = _shown(shots, at_ms)
    best = max(faces, key=lambda face: (_worth(face, box), face.width), default=None)
    return FaceArea(best.x, best.y, best.width, best.height) if best else None


def _near_cut(at_ms: int, cuts_ms: tuple[int, ...]) -> bool:
    return any(abs(at_ms - cut_ms) < _CUT_GUARD_MS for cut_ms in cuts_ms)


def _nearness(at_ms: int, duration_ms: int) -> float:
    """1 within the hook, falling to 0.6 at the end."""
    if at_ms <= _HOOK_MS:
        return 1.0
    return 1 - 0.4 * (at_ms - _HOOK_MS) / max(1, duration_ms - _HOOK_MS)


def _face_worth(sighting: "Sighting", shots: tuple[Shot, ...], at_ms: int) -> float:
    """0 without a face in the crop, to about 1.5 for a large, sure, frontal one with open eyes."""
    box = _shown(shots, at_ms)
    return max((_worth(face, box) for face in sighting.faces), default=0.0)


def _shown(shots: tuple[Shot, ...], at_ms: int) -> tuple[float, float, float, float] | None:
    """The part of the source that is seen; None where it is seen in another way than by one crop."""
    shot = shot_at(shots, at_ms)
    return crop_box(shot, at_ms) if shot and shot.layout is Layout.FOLLOW else None


def _worth(face: "Face", box: tuple[float, float, float, float] | None) -> float:
    if box and _share_inside(face, box) < 0.9:
        return 0.0
    size = face.height / (box[3] - box[1]) if box else 0.2
    # A face a third of the frame high reads best on a phone; a larger one leaves no room for words.
    large = min(size / _BEST_FACE, 1.0) - max(0.0, size - _BEST_FACE)
    eyes = _EYES_UNKNOWN if face.eyes_open is None else face.eyes_open
    sure = min(1.0, face.score) * 0.3
    return (0.5 + large * 0.4 + sure + _frontal(face) * 0.3) * (0.4 + 0.6 * eyes)


def _share_inside(face: "Face", box: tuple[float, float, float, float]) -> float:
    left, top, right, bottom = box
    width = min(face.x + face.width, right) - max(face.x, left)
    height = min(face.y + face.height, bottom) - max(face.y, top)
    return max(0.0, width) * max(0.0, height) / max(1.0, face.width * face.height)


def _frontal(face: "Face") -> float:
    """1 where the mouth lies below the middle of the eyes, 0 in profile; a half where unknown."""
    if not face.eyes or not face.mouth:
        return 0.5
    (left, _), (right, _) = face.eyes
    apart = max(1.0, right - left)
    return max(0.0, 1 - 2 * abs(face.mouth[0] - (left + right) / 2) / apart)
