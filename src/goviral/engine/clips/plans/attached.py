"""Files a plan needs: its source and others. They have to be the ones it was planned with."""

from collections.abc import Iterator
from dataclasses import replace
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


def verify_source(plan: ClipPlan) -> None:
    """Raises `NotFoundError` for a source that is gone, `InputError` for one that has changed."""
    source = Path(plan.source.path)
    if not source.is_file():
        raise NotFoundError(
            f"The source of {plan.name} is gone: {source}.",
            remedy="Put the file back there, or say where it is now: `goviral edit PLAN.json --source FILE`.",
        )
    if content_fingerprint(source) != plan.source.fingerprint:
        raise InputError(
            f"{source.name} is not the file {plan.name} was planned from.",
            remedy="Put that file back, or run `goviral clip` on the new one.",
        )


def with_source_at(plan: ClipPlan, path: Path) -> ClipPlan:
    """The plan with its source at another place. Raises as `verify_source`: it has to be the same file."""
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.", remedy="Check the path.")
    moved = replace(plan, source=replace(plan.source, path=str(path.absolute())))
    verify_source(moved)
    return moved


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
