"""`goviral eval DIR`: how good a finder is, on labelled talks."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Split(StrEnum):
    """Which talks to measure on."""

    TEST = "test"
    TRAIN = "train"
    ALL = "all"


def evaluate(
    folder: Annotated[Path, typer.Argument(help="A folder of labelled talks, *.jsonl.gz.")],
    finder: Annotated[
        str, typer.Option(help="Whose choice is measured: a name, or a .json file of picks.")
    ] = "ours",
    split: Annotated[Split, typer.Option(help="Which talks.")] = Split.TEST,
    alone: Annotated[
        bool, typer.Option("--alone", help="Leave out the simple pickers beside it.")
    ] = False,
) -> None:
    """Measure a finder against what audiences and editors reacted to, with 95 % intervals."""
    from goviral.engine.moments.evaluation import evaluate as measure
    from goviral.engine.moments.pickers import PICKERS

    beside = () if alone else tuple(PICKERS)
    report = measure(
        folder, finder=finder, split=None if split is Split.ALL else split.value, beside=beside
    )
    typer.echo(report.table())
