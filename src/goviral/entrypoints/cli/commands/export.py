"""`goviral export FOLDER`: finished clips for an editing program."""

from pathlib import Path
from typing import Annotated

import typer

from goviral.entrypoints.cli import options


def export(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="A run's folder, as `goviral clip` made it: clips/talk."
        ),
    ],
    formats: Annotated[
        str, typer.Option("--format", metavar="FORMATS", help="With commas: otio, fcpxml, edl.")
    ] = "otio,fcpxml,edl",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write. Unset: that folder.")
    ] = None,
) -> None:
    """Write the clips of a run for an editing program: cuts, framing as key frames, words as SRT.

    Makes clips.otio (DaVinci Resolve and others), clips.fcpxml (Final Cut), clips.edl and clips.srt from
    the plans beside the clips, as they were edited. Nothing is rendered; the source has to stay in place.
    """
    from goviral.engine.clips.exports.export import export_clips, plans_in
    from goviral.kit.errors import InputError

    wanted = options.exports_of(formats or "none", "--format")
    if out and out.is_file():
        raise InputError(f"{out} is a file.", remedy="Name a folder to write into.")
    for path in export_clips(plans_in(folder), out or folder, wanted, name=folder.absolute().name):
        typer.echo(str(path))
