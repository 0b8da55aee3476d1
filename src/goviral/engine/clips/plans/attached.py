"""Files a plan needs besides its source: they have to be the ones it was planned with."""

from collections.abc import Iterator
from pathlib import Path

from goviral.engine.clips.plans.plan import CaptionStyle, ClipPlan
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.files import content_fingerprint

Attached = tuple[str, str, str]
"""What it is to the clip, its path, its fingerprint."""


def attached_files(plan: ClipPlan) -> Iterator[Attached]:
    """Every other file that is seen or heard in the clip, or draws its words."""
    for insert in plan.inserts:
        yield "B-roll", insert.path, insert.fingerprint
    if plan.music:
        yield "music", plan.music.path, plan.music.fingerprint
    for kind, logo in (("logo", plan.logo), ("watermark", plan.watermark)):
        if logo:
            yield kind, logo.path, logo.fingerprint
    for kind, bumper in (("intro", plan.intro), ("outro", plan.outro)):
        if bumper:
            yield kind, bumper.source.path, bumper.source.fingerprint
    for style in _styles(plan):
        if style.font_fingerprint:
            yield "font", style.font, style.font_fingerprint


def _styles(plan: ClipPlan) -> Iterator[CaptionStyle]:
    """What the clip's own words are drawn in."""
    if plan.captions and plan.captions.drawn:
        yield plan.captions.style
    if plan.hook:
        yield plan.hook.style


def verify_attached(plan: ClipPlan) -> None:
    """Raises `NotFoundError` for a file that is gone, `InputError` for one that has changed."""
    known: dict[str, str] = {}
    for kind, name, wanted in attached_files(plan):
        path = Path(name)
        if not path.is_file():
            raise NotFoundError(
                f"The {kind} of {plan.name} is gone: {name}.",
                remedy="Put the file back there, or take it out of the plan.",
            )
        if known.setdefault(name, content_fingerprint(path)) != wanted:
            raise InputError(
                f"{path.name}, the {kind} of {plan.name}, is not the file it was planned with.",
                remedy="Put that file back, or run `goviral clip` again.",
            )
