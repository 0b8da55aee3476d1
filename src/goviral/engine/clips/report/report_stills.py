"""The stills with words of a clip, as the report shows them: A beside B, and in what they differ."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from goviral.engine.clips.plans.plan import ClipPlan, ThumbnailVariant
from goviral.engine.clips.thumbnails.packs.packs import STYLES
from goviral.engine.clips.thumbnails.thumbnails import USUAL, thumbnail_path
from goviral.kit.timecode import clock


@dataclass(frozen=True, slots=True)
class StillPicture:
    """One file: the picture as a data address, its link, its shape."""

    picture: str
    href: str
    aspect: str


@dataclass(frozen=True, slots=True)
class Still:
    """One of two to try against each other; `what` says how it is not like the other."""

    name: str
    what: str
    title: str
    pictures: tuple[StillPicture, ...]


def stills_of(
    plan: ClipPlan | None, plain: Path | None, inline: Callable[[Path], str | None]
) -> tuple[Still, ...]:
    """The variants of a plan whose files lie beside its plain still. `inline` makes a data address."""
    if plan is None or plan.thumbnail is None or plain is None:
        return ()
    variants = plan.thumbnail.variants
    found = []
    for variant in variants:
        paths = [(thumbnail_path(plain, variant.name, aspect), aspect) for aspect in USUAL]
        pictures = [(path, aspect, inline(path)) for path, aspect in paths]
        shown = tuple(
            StillPicture(address, f"./{quote(path.name)}", aspect)
            for path, aspect, address in pictures
            if address
        )
        if shown:
            found.append(Still(variant.name, _what(variant, variants), variant.title, shown))
    return tuple(found)


def _what(variant: ThumbnailVariant, variants: tuple[ThumbnailVariant, ...]) -> str:
    """Its style, and what else tells the variants apart."""
    pack = STYLES.get(variant.style.name)
    told = [f"{pack.name} {pack.label.lower()}" if pack else variant.style.name]
    if len({other.at_ms for other in variants}) > 1:
        told.append(f"frame at {clock(variant.at_ms)}")
    if len({other.title for other in variants}) > 1:
        told.append("another title" if variant != variants[0] else "the clip's title")
    return ", ".join(told)
