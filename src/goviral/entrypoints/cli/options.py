"""Options that several commands share, each written once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Aspect(StrEnum):
    """Shapes of a clip."""

    TALL = "9:16"
    SQUARE = "1:1"
    PORTRAIT = "4:5"
    WIDE = "16:9"


class Layout(StrEnum):
    """How people and screens are put into the frame."""

    AUTO = "auto"
    FOLLOW = "follow"
    SPLIT = "split"
    SCREEN = "screen"
    FIT = "fit"


class BrollShape(StrEnum):
    """How B-roll is laid over the picture."""

    FULL = "full"
    CORNER = "corner"


class Engine(StrEnum):
    """Who turns speech into words."""

    AUTO = "auto"
    FASTER_WHISPER = "faster-whisper"
    OPENAI = "openai"
    POCKETSPHINX = "pocketsphinx"
    SPEECH_ONLY = "speech-only"


MIN_S, MAX_S = 5.0, 600.0

Count = Annotated[
    int | None,
    typer.Option(
        min=1, max=50, help="How many. Unset: 4 to 10, by length and richness of the talk."
    ),
]
Shortest = Annotated[
    float, typer.Option("--min", min=MIN_S, max=MAX_S, help="Shortest clip, in seconds.")
]
Longest = Annotated[
    float, typer.Option("--max", min=MIN_S, max=MAX_S, help="Longest clip, in seconds.")
]
About = Annotated[str, typer.Option(help="Prefer moments about this, e.g. 'pricing mistakes'.")]
Seed = Annotated[int, typer.Option(help="Another number chooses otherwise among near equals.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON event a line on standard output.")]
EngineName = Annotated[Engine, typer.Option(help="Who turns speech into words.")]
Model = Annotated[
    str | None, typer.Option(help="Model of that engine: a name, or a folder with a Whisper model.")
]
Language = Annotated[
    str | None, typer.Option(help="Language spoken, as in en, de, ja. Unset: found out.")
]
TranscriptFile = Annotated[
    Path | None,
    typer.Option(help="A transcript to use: SRT, VTT, Whisper JSON, YouTube json3 or ours."),
]

VocabularyFile = Annotated[
    Path | None,
    typer.Option(help="Names as they are written: a line `Right`, or `wrong = Right`."),
]
Emphasis = Annotated[
    bool, typer.Option(help="Colour the word that carries a page: a number, a name, a strong word.")
]
MaskIt = Annotated[
    bool, typer.Option("--mask", help="Write strong language as f**k, wherever it is read.")
]
MaskWords = Annotated[
    Path | None,
    typer.Option(help="Words of your own to mask, one a line; `word*` and what follows."),
]
Hook = Annotated[
    bool | None,
    typer.Option(
        "--hook/--no-hook",
        help="The title over the first seconds. Unset: where captions are drawn.",
    ),
]
Bar = Annotated[
    bool, typer.Option("--progress-bar", help="A thin line at the edge that grows with the clip.")
]

Tighten = Annotated[
    bool,
    typer.Option("--tighten", help="Take out silences over 0.6 s, and words such as um and uh."),
]
PunchIn = Annotated[
    bool, typer.Option("--punch-in", help="Cut a little closer on the words that count.")
]
Broll = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="Folder of short films and pictures, shown for 1 to 2 s where their names or tags are"
        " said; none for none. Unset: BROLL_DIR.",
    ),
]
BrollMode = Annotated[
    BrollShape, typer.Option(help="B-roll over the whole frame, or in a corner of it.")
]
Music = Annotated[
    Path | None,
    typer.Option(help="Music under the clip, looped, lower while somebody speaks."),
]


def broll_folder(wished: str | None, known: Path | None) -> Path | None:
    """The folder that was asked for, else the one of the settings; none where `none` was."""
    if wished is None:
        return known
    return None if wished == "none" else Path(wished)


def check_lengths(shortest_s: float, longest_s: float) -> tuple[int, int]:
    """Both in milliseconds; a usage error when they cross."""
    if shortest_s > longest_s:
        raise typer.BadParameter(f"--min {shortest_s:g} is more than --max {longest_s:g}.")
    return round(shortest_s * 1000), round(longest_s * 1000)
