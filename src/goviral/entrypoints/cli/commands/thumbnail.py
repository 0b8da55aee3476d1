"""`goviral thumbnail PLAN.json`: one still of a clip made anew, without looking or listening again."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goviral.entrypoints.cli import options

if TYPE_CHECKING:
    from goviral.engine.clips.plans.plan import ClipPlan


class Style(StrEnum):
    """The looks there are."""

    BOLD = "S1"
    CALM = "S2"
    CUT_OUT = "S3"
    CLOSE_UP = "S4"


class Shape(StrEnum):
    """Shapes of a still."""

    TALL = "9:16"
    WIDE = "16:9"
    SQUARE = "1:1"
    PORTRAIT = "4:5"


def thumbnail(
    plan: options.PlanFile,
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The words on it, '' for none. Unset: the clip's title."),
    ] = None,
    style: Annotated[
        Style,
        typer.Option(
            help="S1 bold capitals, S2 calm labels, S3 speaker cut out, S4 close-up.",
            case_sensitive=False,
        ),
    ] = Style.BOLD,
    aspect: Annotated[
        Shape, typer.Option(help="1080x1920, 1280x720, 1080x1080 or 1080x1350.")
    ] = Shape.TALL,
    at: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", min=0, help="Which frame, in seconds of the clip. Unset: the best."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jpg", help="The still. Unset: NN-slug.S1.jpg beside the plan."),
    ] = None,
    json_lines: options.Json = False,
) -> None:
    """Make one thumbnail with words of a clip: another title, another look, another frame."""
    from goviral.engine.clips.plans.attached import verify_source
    from goviral.engine.clips.plans.plan_json import read_plan
    from goviral.engine.clips.thumbnails.thumbnails import ThumbnailWishes, make_thumbnails
    from goviral.entrypoints.cli.interrupt import interruptible
    from goviral.entrypoints.cli.progress import Events, choose_progress

    known = read_plan(plan)
    verify_source(known)
    _check_moment(known, at)
    still = options.file_named(out, plan.with_name(f"{known.name}.{style.value}.jpg"), ".jpg")
    wishes = ThumbnailWishes(
        style=style.value,
        title=title,
        at_ms=None if at is None else round(at * 1000),
        aspects=(aspect.value,),
    )
    with interruptible() as cancelled, choose_progress(json_lines, cancelled) as progress:
        (made,) = make_thumbnails(known, still.parent, wishes, name=out.stem if out else None)
    path = made.path.replace(out) if out else made.path
    if isinstance(progress, Events):
        progress.emit("run.finished", thumbnail=str(path), style=style.value, aspect=aspect.value)
    else:
        typer.echo(str(path))


def _check_moment(plan: "ClipPlan", at_s: float | None) -> None:
    from goviral.kit.errors import InputError

    length_s = plan.span.duration_ms / 1000
    if at_s is not None and at_s >= length_s:
        raise InputError(
            f"--at {at_s:g} is after the end of the clip.",
            remedy=f"{plan.name} lasts {length_s:.1f} s.",
        )
