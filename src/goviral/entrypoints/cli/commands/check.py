"""`goviral check FILE`: is this clip what it should be?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goviral.entrypoints.cli import options
from goviral.entrypoints.cli.exits import SOME_FAILED

if TYPE_CHECKING:
    from goviral.engine.clips.render.check import Examination


def check(
    file: Annotated[Path, typer.Argument(metavar="CLIP.mp4", help="A finished clip.")],
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="PLAN.json", help="Its plan. Unset: NAME.plan.json beside it, if there is one."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only what every render checks, without playing it all.")
    ] = False,
    json_lines: options.Json = False,
) -> None:
    """Check a finished clip: streams, length, rate, sync, loudness, peak, colours, picture, damage.

    Without a plan its size and length are not known and everything else is checked: as a clip of ours, so
    another's film may fail. Leaves with 0 where it is as it should be (notes may be printed), 1 where it
    is not, 2 where it cannot be checked: it is missing, empty, cut off before its index, or no film at all.
    """
    from goviral.engine.clips.plans.plan_json import read_plan
    from goviral.engine.clips.render.check import Promise, examine, promise_of
    from goviral.engine.media.ffmpeg import find_ffmpeg
    from goviral.engine.media.probe import probe
    from goviral.kit.errors import InputError, NotFoundError
    from goviral.kit.settings import load_settings

    if file.is_dir():
        raise InputError(f"{file} is a folder.", remedy="Name one of its clips, an .mp4 file.")
    if not file.exists():
        raise NotFoundError(f"There is no clip {file}.", remedy="Check the path.")
    probe(file)  # what holds nothing that can be read is no clip that fails: it is bad input
    beside = file.with_name(f"{file.stem}.plan.json")
    known = plan or (beside if beside.exists() else None)
    promise = promise_of(read_plan(known)) if known else Promise()
    found = examine(file, promise, ffmpeg=find_ffmpeg(load_settings()), whole=not quick)
    _tell(file, known, found, as_json=json_lines)
    if not found.passed:
        raise typer.Exit(SOME_FAILED)


def _tell(file: Path, plan: Path | None, found: "Examination", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_document(file, plan, found), ensure_ascii=False))
        return
    for finding in found.findings:
        mark = "FAIL" if finding.severity == "error" else "note"
        typer.echo(f"{mark}  {finding.check:<10} {finding.message}")
    if plan is None:
        typer.echo(f"note  {'plan':<10} there is none beside it: size and length were not checked")
    facts = ", ".join(f"{name} {value}" for name, value in found.facts.items())
    typer.echo(f"{'ok  ' if found.passed else 'bad '}  {file}" + (f" ({facts})" if facts else ""))


def _document(file: Path, plan: Path | None, found: "Examination") -> dict[str, object]:
    return {
        "event": "clip.checked",
        "file": str(file),
        "plan": str(plan) if plan else None,
        "passed": found.passed,
        "findings": [
            {"check": f.check, "message": f.message, "severity": f.severity} for f in found.findings
        ],
        "facts": found.facts,
    }
