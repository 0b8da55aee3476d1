"""`goviral render PLAN.json`: a plan, made or edited, becomes a clip again."""

from pathlib import Path
from typing import Annotated

import typer

from goviral.entrypoints.cli import options
from goviral.entrypoints.cli.interrupt import interruptible


def render(
    plan: options.PlanFile,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.mp4", help="The clip's file. Unset: NN-slug.mp4 beside the plan."
        ),
    ] = None,
    encoder: options.EncoderName = None,
    json_lines: options.Json = False,
) -> None:
    """Make the clip of a plan again, after editing the plan or without.

    Writes the clip, its thumbnails and its .srt beside it. The same plan gives the same picture.
    """
    from goviral.engine.clips.exports.subtitles import clip_srt
    from goviral.engine.clips.plans.plan_json import read_plan
    from goviral.engine.studio.tools import LocalTools
    from goviral.entrypoints.cli.progress import Events, choose_progress
    from goviral.kit.files import write_text
    from goviral.kit.settings import load_settings

    known = read_plan(plan)
    video = options.file_named(out, plan.with_name(f"{known.name}.mp4"), ".mp4")
    with interruptible() as cancelled, choose_progress(json_lines, cancelled) as progress:
        settings = options.with_encoder(load_settings(), encoder)
        tools = LocalTools(settings, cancelled=cancelled)
        tools.tell_encoder(progress)
        progress.start("clips", known.span.duration_ms)
        made = tools.render(known, video, lambda done_ms: progress.advance("clips", done_ms))
        for note in (*made.notes, *(finding.message for finding in made.findings)):
            progress.warn(note)
        tools.thumbnail(known, video.with_suffix(".jpg"))
        if known.captions:
            write_text(video.with_suffix(".srt"), clip_srt(known))
        progress.finish("clips", "1 made")
    if isinstance(progress, Events):
        progress.emit("run.finished", video=str(video))
    else:
        typer.echo(str(video))
