"""`goviral thumbnail PLAN.json`: one still of a clip made anew, without looking or listening again."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from goviral.entrypoints.cli import options


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
    plan: Annotated[Path, typer.Argument(help="A NN-slug.plan.json that `goviral clip` wrote.")],
    title: Annotated[
        str | None, typer.Option(help="The words on it. Unset: the clip's title.")
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
        typer.Option(min=0, help="Which frame, in seconds of the clip. Unset: the best."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The JPEG. Unset: NN-slug.S1.jpg beside the plan.")
    ] = None,
    json_lines: options.Json = False,
) -> None:
    """Make one thumbnail with words of a clip: another title, another look, another frame."""
    from goviral.engine.clips.plans.plan_json import read_plan
    from goviral.engine.clips.thumbnails.thumbnails import ThumbnailWishes, make_thumbnails
    from goviral.entrypoints.cli.interrupt import interruptible
    from goviral.entrypoints.cli.progress import Events, choose_progress

    wishes = ThumbnailWishes(
        style=style.value,
        title=title,
        at_ms=None if at is None else round(at * 1000),
        aspects=(aspect.value,),
    )
    with interruptible() as cancelled, choose_progress(json_lines, cancelled) as progress:
        (made,) = make_thumbnails(read_plan(plan), (out or plan).parent, wishes)
    path = made.path.replace(out) if out else made.path
    if isinstance(progress, Events):
        progress.emit("run.finished", thumbnail=str(path), style=style.value, aspect=aspect.value)
    else:
        typer.echo(str(path))
