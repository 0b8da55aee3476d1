"""Thumbnails: stills of a plan's moments, plain and with words, as JPEG files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.captions.titles import (
    draw_title,
    is_drawable,
    load_title_style,
    set_title,
)
from goviral.engine.clips.plans.plan import ClipPlan, ThumbnailPlan, ThumbnailVariant
from goviral.engine.clips.plans.word_faults import title_fault
from goviral.engine.clips.thumbnails.packs.moments import Moments, faces_on
from goviral.engine.clips.thumbnails.packs.packs import STYLES, find_pack
from goviral.engine.clips.thumbnails.packs.staging import stage
from goviral.engine.clips.thumbnails.packs.wording import Worded, draw_words, set_words
from goviral.engine.clips.thumbnails.thumbnail_choice import VARIANTS, with_title
from goviral.kit.errors import InputError
from goviral.kit.files import atomic_path

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "STYLES",
    "Thumbnail",
    "ThumbnailWishes",
    "make_clip_thumbnails",
    "make_thumbnail",
    "make_thumbnails",
]

MAX_BYTES = 2_000_000
"""What YouTube accepts for a thumbnail, and more than the others need."""
SIZES = {"9:16": (1080, 1920), "16:9": (1280, 720), "1:1": (1080, 1080), "4:5": (1080, 1350)}
USUAL = ("9:16", "16:9")
"""What a clip's own variants are made in; the other shapes where they are wished for."""
_SUFFIXES = {"16:9": ".wide", "1:1": ".square", "4:5": ".portrait"}
_QUALITIES = (92, 88, 82, 74, 64, 50, 35, 20)
_BLOCK_BYTES, _BLOCKS = 1 << 20, 24
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
    aspects: tuple[str, ...] = USUAL


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A still that was made. `variant` is A, B or the name of a style; `aspect` one of `SIZES`."""

    path: Path
    variant: str
    aspect: str


def thumbnail_path(plain: Path, variant: str, aspect: str) -> Path:
    """Beside the plain still `NAME.jpg`: `NAME.A.jpg`, `NAME.A.wide.jpg`, `.square`, `.portrait`."""
    return plain.with_name(f"{plain.stem}.{variant}{_SUFFIXES.get(aspect, '')}.jpg")


def thumbnail_paths(plan: ClipPlan, plain: Path) -> tuple[Path, ...]:
    """What `make_clip_thumbnails` writes besides `plain`."""
    variants = plan.thumbnail.variants if plan.thumbnail else ()
    return tuple(
        thumbnail_path(plain, variant.name, aspect) for variant in variants for aspect in USUAL
    )


def make_clip_thumbnails(plan: ClipPlan, plain: Path) -> None:
    """Write all stills of a clip: `plain` and the plan's variants beside it; others of before are gone.

    Raises `InputError` when a frame cannot be read.
    """
    with _memory_handed_on():
        moments = Moments(plan)
        _write(_plain(plan, moments, plan.thumbnail.title if plan.thumbnail else ""), plain)
        kept = thumbnail_paths(plan, plain)
        for path in (thumbnail_path(plain, name, aspect) for name in VARIANTS for aspect in USUAL):
            if path not in kept:
                path.unlink(missing_ok=True)
        if kept:
            _make(plan, moments, variants_of(plan, ThumbnailWishes()), USUAL, plain)


@contextmanager
def _memory_handed_on() -> Iterator[None]:
    """One picture's memory becomes the next one's: fresh pages were a tenth of what stills cost.

    Pillow's own setting, of all threads; at the end nothing is held on to.
    """
    from PIL.Image import core  # type: ignore[attr-defined]  # documented, not exported

    core.set_block_size(_BLOCK_BYTES)
    core.set_blocks_max(_BLOCKS)
    try:
        yield
    finally:
        core.set_blocks_max(0)


def make_thumbnails(
    plan: ClipPlan,
    folder: Path,
    wishes: ThumbnailWishes = ThumbnailWishes(),
    *,
    name: str | None = None,
) -> tuple[Thumbnail, ...]:
    """Write stills with words into `folder`, in the sizes of `SIZES`, JPEG, at most 2 MB.

    Only the source is read, at the stills' own moments: nothing is analysed again. `name` of the files
    is the plan's unless given. Raises `InputError` for a style or an aspect there is not, and when a
    frame cannot be read.
    """
    unknown = [aspect for aspect in wishes.aspects if aspect not in SIZES]
    if unknown:
        raise InputError(
            f"There is no thumbnail of aspect {unknown[0]!r}.",
            remedy=f"Choose one of: {', '.join(SIZES)}.",
        )
    variants = variants_of(plan, wishes)
    plain = folder / f"{name or plan.name}.jpg"
    return _make(plan, Moments(plan), variants, wishes.aspects, plain)


def _make(
    plan: ClipPlan,
    moments: Moments,
    variants: Sequence[ThumbnailVariant],
    aspects: Sequence[str],
    plain: Path,
) -> tuple[Thumbnail, ...]:
    wanted = [(variant, aspect) for variant in variants for aspect in aspects]
    stills = draw_words([_composed(plan, moments, variant, aspect) for variant, aspect in wanted])
    made = []
    for (variant, aspect), still in zip(wanted, stills, strict=True):
        path = thumbnail_path(plain, variant.name, aspect)
        _write(still, path)
        made.append(Thumbnail(path, variant.name, aspect))
    return tuple(made)


def variants_of(plan: ClipPlan, wishes: ThumbnailWishes) -> tuple[ThumbnailVariant, ...]:
    """The plan's variants with what is wished otherwise; one of a style, named after it, if wished.

    Raises `InputError` for a title that is too long.
    """
    fault = title_fault(wishes.title or "", "The title")
    if fault:
        raise InputError(f"{fault}.", remedy="Say it in fewer words.")
    planned = plan.thumbnail or ThumbnailPlan(0)
    variants = planned.variants
    if wishes.style is not None or not variants:
        variants = (_in_style(plan, planned, wishes.style or next(iter(STYLES))),)
    if wishes.title is not None:
        variants = tuple(with_title(variant, wishes.title) for variant in variants)
    if wishes.at_ms is not None:
        at_ms = min(max(0, wishes.at_ms), plan.span.duration_ms - 1)
        variants = tuple(replace(variant, at_ms=at_ms, face=None) for variant in variants)
    return variants


def _in_style(plan: ClipPlan, planned: ThumbnailPlan, name: str) -> ThumbnailVariant:
    """As the plan has it, in a brand's colours too, where it has that style; else as the pack has it."""
    style = find_pack(name).style
    like = next((v for v in planned.variants if v.style.name == style.name), None)
    if like:
        return replace(like, name=style.name)
    first = planned.variants[0] if planned.variants else None
    title = planned.title or (first.title if first else plan.title)
    at_ms, face = (first.at_ms, first.face) if first else (planned.at_ms, None)
    return with_title(ThumbnailVariant(style.name, at_ms, "", style, face=face), title)


def _composed(plan: ClipPlan, moments: Moments, variant: ThumbnailVariant, aspect: str) -> Worded:
    size, style = SIZES[aspect], variant.style
    person = moments.person(variant) if style.cutout else None
    in_clip = moments.in_clip(variant, size)
    source, face = moments.at(variant.at_ms), moments.face(variant)
    staged = stage(source, in_clip, face, person, style, size)
    return set_words(staged, variant.title, variant.emoji, style, _language(plan))


def _language(plan: ClipPlan) -> str:
    return plan.captions.language if plan.captions else "und"


def make_thumbnail(plan: ClipPlan, out: Path, *, title: str | None = None) -> None:
    """Write the plan's plain still as a JPEG of at most 2 MB, 1080 pixels on its shorter side or more.

    `title`, or the plan's own, is drawn on it. Raises `InputError` when the frame cannot be read.
    """
    words = (plan.thumbnail.title if plan.thumbnail else "") if title is None else title
    _write(_plain(plan, Moments(plan), words), out)


def _plain(plan: ClipPlan, moments: Moments, words: str) -> "Image":
    picture = moments.clean(plan.thumbnail.at_ms if plan.thumbnail else 0)
    style, language = load_title_style(), _language(plan)
    if not is_drawable(words, style, language):
        return picture
    frame = replace(plan.frame, width=picture.width, height=picture.height)
    captions = set_title(words, style, frame, language, faces_on(picture))
    return draw_title(_scrim(picture), captions)


def _write(picture: "Image", out: Path) -> None:
    with atomic_path(out) as partial:
        partial.write_bytes(encode_jpeg(picture))


def _scrim(picture: "Image") -> "Image":
    """Darken towards the bottom, so that light words stand on any picture."""
    from PIL import Image

    width, height = picture.size
    ramp = Image.linear_gradient("L").resize((width, round(height * (1 - _SCRIM_FROM))))
    darker = picture.copy()
    mask = ramp.point(lambda value: round(value * _SCRIM_DEPTH))
    darker.paste("black", (0, height - ramp.height), mask)
    return darker


def encode_jpeg(picture: "Image") -> bytes:
    """The best quality that stays below `MAX_BYTES`."""
    encoded = b""
    colored = picture if picture.mode == "RGB" else picture.convert("RGB")  # which copies it anyway
    for quality in _QUALITIES:
        buffer = BytesIO()
        colored.save(buffer, "JPEG", quality=quality, subsampling=0)
        encoded = buffer.getvalue()
        if len(encoded) <= MAX_BYTES:
            break
    return encoded
