"""`goviral export FOLDER`: finished clips for an editing program."""

from pathlib import Path
from typing import Annotated

import typer

from goviral.entrypoints.cli import options


def export(
    folder: Annotated[Path, typer.Argument(help="A folder that `goviral clip` made.")],
    formats: Annotated[
        str, typer.Option("--format", metavar="FORMATS", help="With commas: otio, fcpxml, edl.")
    ] = "otio,fcpxml,edl",
    out: Annotated[Path | None, typer.Option(help="Where to write. Unset: that folder.")] = None,
) -> None:
    """Write the cut of a run, its framing as key frames and its words as SRT.

    Everything comes from the plans beside the clips, as they were edited; nothing is rendered.
    """
    from goviral.engine.clips.exports.export import export_clips, plans_in

    wanted = options.exports_of(formats)
    for path in export_clips(plans_in(folder), out or folder, wanted, name=folder.absolute().name):
        typer.echo(str(path))
