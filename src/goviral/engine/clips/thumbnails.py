"""Thumbnails: stills of a plan's moments, plain and with words, as JPEG files."""

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.clearance import Box
from goviral.engine.clips.framing import canvas, frame_picture, shot_at
from goviral.engine.clips.plan import (
    ClipPlan,
    FaceArea,
    Frame,
    Layout,
    ThumbnailPlan,
    ThumbnailVariant,
)
from goviral.engine.clips.safe_area import unit
from goviral.engine.clips.screen import face_places
from goviral.engine.clips.thumbnail_packs.cutout import Person, cut_person
from goviral.engine.clips.thumbnail_packs.emoji import emoji_for
from goviral.engine.clips.thumbnail_packs.packs import STYLES, find_pack
from goviral.engine.clips.thumbnail_packs.staging import Picture, stage
from goviral.engine.clips.thumbnail_packs.wording import Worded, draw_words, set_words
from goviral.engine.clips.titles import draw_title, load_title_style, set_title
from goviral.engine.media.detector import find_detector
from goviral.engine.media.frames import frame_at
from goviral.kit.errors import InputError
from goviral.kit.files import atomic_path
from goviral.kit.settings import load_settings

if TYPE_CHECKING:
    from PIL.Image import Image

    from goviral.engine.media.detector import FaceBox

__all__ = ["STYLES", "Thumbnail", "ThumbnailWishes", "make_thumbnail", "make_thumbnails"]

MAX_BYTES = 2_000_000
"""What YouTube accepts for a thumbnail, and more than the others need."""
SIZES = {"9:16": (1080, 1920), "16:9": (1280, 720)}
_QUALITIES = (92, 88, 82, 74, 64, 50, 35, 20)
_SCRIM_FROM = 0.42
_SCRIM_DEPTH = 0.62


@dataclass(frozen=True, slots=True)
class ThumbnailWishes:
    """What to make: the plan's own variants, or, with a `style` of `STYLES`, one anew.

    `title` instead of the planned one; `at_ms` of the clip instead of the planned moment.
    """

    style: str | None = None
    title: str | None = None
    at_ms: int | None = None
    aspects: tuple[str, ...] = ("9:16", "16:9")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A still that was made. `variant` is A, B or the name of a style; `aspect` one of `SIZES`."""

    path: Path
    variant: str
    aspect: str


def thumbnail_path(folder: Path, name: str, variant: str, aspect: str) -> Path:
    """`NAME.A.jpg`, `NAME.A.wide.jpg`."""
    return folder / f"{name}.{variant}{'.wide' if aspect == '16:9' else ''}.jpg"


def thumbnail_paths(plan: ClipPlan, folder: Path) -> tuple[Path, ...]:
    """What `make_thumbnails` writes where nothing else is wished for."""
    variants = plan.thumbnail.variants if plan.thumbnail else ()
    return tuple(
        thumbnail_path(folder, plan.name, variant.name, aspect)
        for variant in variants
        for aspect in SIZES
    )


def make_thumbnails(
    plan: ClipPlan, folder: Path, wishes: ThumbnailWishes = ThumbnailWishes()
) -> tuple[Thumbnail, ...]:
    """Write the stills with words of a plan into `folder`, 1080x1920 and 1280x720, JPEG, at most 2 MB.

    Only the source is read, at the stills' own moments: nothing is analysed again. Raises `InputError`
    for a style or an aspect there is not, and when a frame cannot be read.
    """
    unknown = [aspect for aspect in wishes.aspects if aspect not in SIZES]
    if unknown:
        raise InputError(
            f"There is no thumbnail of aspect {unknown[0]!r}.",
            remedy=f"Choose one of: {', '.join(SIZES)}.",
        )
    wanted = [
        (variant, aspect) for variant in variants_of(plan, wishes) for aspect in wishes.aspects
    ]
    frames = _Frames(plan)
    stills = draw_words([_composed(plan, frames, variant, aspect) for variant, aspect in wanted])
    made = []
    for (variant, aspect), still in zip(wanted, stills, strict=True):
        path = thumbnail_path(folder, plan.name, variant.name, aspect)
        _write(still, path)
        made.append(Thumbnail(path, variant.name, aspect))
    return tuple(made)


def variants_of(plan: ClipPlan, wishes: ThumbnailWishes) -> tuple[ThumbnailVariant, ...]:
    """The plan's variants with what is wished otherwise; one of a style, named after it, if wished."""
    planned = plan.thumbnail or ThumbnailPlan(0)
    variants = planned.variants
    if wishes.style is not None or not variants:
        style = find_pack(wishes.style or next(iter(STYLES))).style
        like = next((v for v in variants if v.style.name == style.name), None)
        face = variants[0].face if variants else None
        title = planned.title or (variants[0].title if variants else plan.title)
        anew = like or ThumbnailVariant("", planned.at_ms, title, style, face=face)
        variants = (replace(anew, name=style.name),)
    if wishes.title is not None:
        variants = tuple(replace(variant, title=wishes.title) for variant in variants)
    if wishes.at_ms is not None:
        last_ms = plan.span.duration_ms - 1
        at_ms = min(max(0, wishes.at_ms), last_ms)
        variants = tuple(replace(variant, at_ms=at_ms, face=None) for variant in variants)
    return tuple(_with_emoji(variant) for variant in variants)


def _with_emoji(variant: ThumbnailVariant) -> ThumbnailVariant:
    return replace(variant, emoji=emoji_for(variant.title) if variant.style.emoji else "")


class _Frames:
    """The source's pictures at the stills' moments, each read once, and the faces on them."""

    def __init__(self, plan: ClipPlan) -> None:
        self._plan = plan
        self._known: dict[int, Image] = {}
        self._faces: dict[int, FaceArea | None] = {}
        self._people: dict[tuple[int, FaceArea], Person | None] = {}

    def at(self, at_ms: int) -> "Image":
        """The whole picture; a drawn one where the source has none."""
        if at_ms not in self._known:
            self._known[at_ms] = _source_picture(self._plan, at_ms)
        return self._known[at_ms]

    def face(self, variant: ThumbnailVariant) -> FaceArea | None:
        """The variant's own face, else the largest that is found on its picture."""
        if variant.face is not None or self._plan.source.video_stream is None:
            return variant.face
        if variant.at_ms not in self._faces:
            found = _faces(self.at(variant.at_ms))
            box = max(found, key=lambda face: face.width * face.height, default=None)
            face = FaceArea(box.x, box.y, box.width, box.height) if box else None
            self._faces[variant.at_ms] = face
        return self._faces[variant.at_ms]

    def person(self, variant: ThumbnailVariant) -> Person | None:
        """Who has that face, cut out."""
        face = self.face(variant)
        if face is None:
            return None
        key = (variant.at_ms, face)
        if key not in self._people:
            self._people[key] = cut_person(self.at(variant.at_ms), face)
        return self._people[key]


def _composed(plan: ClipPlan, frames: _Frames, variant: ThumbnailVariant, aspect: str) -> Worded:
    source, face = frames.at(variant.at_ms), frames.face(variant)
    size = SIZES[aspect]
    in_clip = _in_clip(plan, source, face, variant.at_ms, size)
    person = frames.person(variant) if variant.style.cutout else None
    staged = stage(source, in_clip, face, person, variant.style, size)
    language = plan.captions.language if plan.captions else "und"
    return set_words(staged, variant.title, variant.emoji, variant.style, language)


def _in_clip(
    plan: ClipPlan, source: "Image", face: FaceArea | None, at_ms: int, size: tuple[int, int]
) -> Picture | None:
    """The clip's own picture, where the clip has the still's shape."""
    frame = replace(plan.frame, width=size[0], height=size[1])
    shot = shot_at(plan.shots, at_ms)
    if shot is None or plan.frame.width * size[1] != plan.frame.height * size[0]:
        return None
    if shot.layout is Layout.CANVAS:
        return Picture(canvas(frame))
    faces: tuple[Box, ...] = ()
    if face:
        scale = size[0] / plan.frame.width
        places = face_places(face, shot, at_ms, plan.frame)
        faces = tuple(
            FaceArea(box.x * scale, box.y * scale, box.width * scale, box.height * scale)
            for box in places
        )
    return Picture(frame_picture(source, shot, at_ms, frame), faces)


def make_thumbnail(plan: ClipPlan, out: Path, *, title: str | None = None) -> None:
    """Write the plan's still as a JPEG of at most 2 MB, 1080 pixels on its shorter side or more.

    `title` None: the plan's own. Raises `InputError` when the frame cannot be read.
    """
    at_ms = plan.thumbnail.at_ms if plan.thumbnail else 0
    words = (plan.thumbnail.title if plan.thumbnail else "") if title is None else title
    frame = _large(plan.frame)
    picture = _picture(plan, at_ms, frame)
    if words.strip():
        language = plan.captions.language if plan.captions else "und"
        captions = set_title(words, load_title_style(), frame, language, _faces(picture))
        picture = draw_title(_scrim(picture), captions)
    _write(picture, out)


def _write(picture: "Image", out: Path) -> None:
    with atomic_path(out) as partial:
        partial.write_bytes(encode_jpeg(picture))


def _large(frame: Frame) -> Frame:
    """The clip's shape, never smaller than 1080 on its shorter side."""
    scale = max(1.0, 1 / unit(frame))
    return replace(
        frame, width=round(frame.width * scale / 2) * 2, height=round(frame.height * scale / 2) * 2
    )


def _picture(plan: ClipPlan, at_ms: int, frame: Frame) -> "Image":
    shot = shot_at(plan.shots, at_ms)
    if shot is None or shot.layout is Layout.CANVAS:
        return canvas(frame)
    return frame_picture(_source_picture(plan, at_ms), shot, at_ms, frame)


def _source_picture(plan: ClipPlan, at_ms: int) -> "Image":
    from PIL import Image

    if plan.source.video_stream is None:
        return canvas(plan.frame)
    return Image.fromarray(frame_at(Path(plan.source.path), plan.span.start_ms + at_ms))


def _faces(picture: "Image") -> "tuple[FaceBox, ...]":
    """Faces in the finished still: where the crop put them, whatever the plan was made from."""
    import numpy as np

    detector = find_detector(load_settings())
    scale = detector.input_width / picture.width
    small = picture.resize((detector.input_width, round(picture.height * scale)))
    return tuple(
        replace(
            face,
            x=face.x / scale,
            y=face.y / scale,
            width=face.width / scale,
            height=face.height / scale,
        )
        for face in detector.detect(np.asarray(small))
    )


def _scrim(picture: "Image") -> "Image":
    """Darken towards the bottom, so that light words stand on any picture."""
    from PIL import Image

    width, height = picture.size
    ramp = Image.linear_gradient("L").resize((width, round(height * (1 - _SCRIM_FROM))))
    mask = Image.new("L", picture.size)
    mask.paste(ramp.point(lambda value: round(value * _SCRIM_DEPTH)), (0, height - ramp.height))
    return Image.composite(Image.new("RGB", picture.size), picture, mask)


def encode_jpeg(picture: "Image") -> bytes:
    """The best quality that stays below `MAX_BYTES`."""
    encoded = b""
    for quality in _QUALITIES:
        buffer = BytesIO()
        picture.convert("RGB").save(buffer, "JPEG", quality=quality, subsampling=0)
        encoded = buffer.getvalue()
        if len(encoded) <= MAX_BYTES:
            break
    return encoded
