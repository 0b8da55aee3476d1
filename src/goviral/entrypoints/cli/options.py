"""Options that several commands share, each written once."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from goviral.engine.clips.brand.brand import Brand
    from goviral.kit.settings import Settings


class Aspect(StrEnum):
    """Shapes of a clip."""

    TALL = "9:16"
    SQUARE = "1:1"
    PORTRAIT = "4:5"
    WIDE = "16:9"


class Encoder(StrEnum):
    """Who encodes the clips."""

    AUTO = "auto"
    X264 = "x264"
    NVENC = "nvenc"
    QSV = "qsv"
    VAAPI = "vaapi"
    VIDEOTOOLBOX = "videotoolbox"


class Layout(StrEnum):
    """How people and screens are put into the frame."""

    AUTO = "auto"
    FOLLOW = "follow"
    SPLIT = "split"
    SCREEN = "screen"
    FIT = "fit"


class Platform(StrEnum):
    """Where the clips will be watched."""

    ANY = "any"
    TIKTOK = "tiktok"
    REELS = "reels"
    SHORTS = "shorts"


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
_SHORTEST_S, _LONGEST_S = 40.0, 90.0

PlanFile = Annotated[
    Path,
    typer.Argument(metavar="PLAN.json", help="A NN-slug.plan.json that `goviral clip` wrote."),
]
Count = Annotated[
    int | None,
    typer.Option(
        min=1, max=50, help="How many. Unset: 4 to 10, by length and richness of the talk."
    ),
]
Shortest = Annotated[
    float | None,
    typer.Option(
        "--min",
        min=MIN_S,
        max=MAX_S,
        help="Shortest clip, in seconds. Unset: 40, or half of a --max below that.",
    ),
]
Longest = Annotated[
    float | None,
    typer.Option(
        "--max",
        min=MIN_S,
        max=MAX_S,
        help="Longest clip, in seconds. Unset: 90, or twice a --min above that.",
    ),
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

Aspects = Annotated[
    str,
    typer.Option(
        "--aspect",
        metavar="SHAPES",
        help=f"Shape of the clips, or several with commas, made from one decode:"
        f" {', '.join(aspect.value for aspect in Aspect)}.",
    ),
]
Platforms = Annotated[
    str,
    typer.Option(
        "--platform",
        metavar="PLATFORMS",
        help=f"Whose buttons the words keep clear of in 9:16 clips, or several with commas, a clip each:"
        f" {', '.join(platform.value for platform in Platform)}; any: those of all three in one.",
    ),
]
EncoderName = Annotated[
    Encoder | None,
    typer.Option(
        help="Who encodes: x264, or a hardware encoder where a trial shows that it works; auto takes"
        " the first that does. Unset: GOVIRAL_ENCODER, x264."
    ),
]
Preview = Annotated[
    bool,
    typer.Option(
        "--preview",
        help="Half size, quickly encoded, named .preview: to look at before the real ones.",
    ),
]
Exports = Annotated[
    str,
    typer.Option(
        "--export", metavar="FORMATS", help="For editing programs, with commas: otio, fcpxml, edl."
    ),
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
    bool | None,
    typer.Option(
        "--progress-bar/--no-progress-bar",
        help="A thin line at the edge that grows with the clip.",
        show_default="no-progress-bar",
    ),
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

Thumbnails = Annotated[
    str | None,
    typer.Option(
        metavar="STYLES",
        help="Styles of the two thumbnails with words, A and B: S1 bold, S2 calm, S3 cut-out, S4"
        " close-up. One: of two frames. none: only the plain one.",
        show_default="S1,S4",
    ),
]

BrandOption = Annotated[
    str | None,
    typer.Option(
        "--brand",
        metavar="FILE",
        help="A brand.json: fonts, colours, logo, watermark, intro, outro, and what is done where the"
        " command line says nothing; none for none. Unset: GOVIRAL_BRAND.",
    ),
]


def brand_of(option: str | None, settings: "Settings") -> "Brand":
    """The brand asked for, read; an empty one where none is."""
    from goviral.engine.clips.brand.brand import NO_BRAND

    path = Path(option) if option else settings.brand
    if path is None or option == "none":
        return NO_BRAND
    from goviral.engine.clips.brand.brand_file import read_brand
    from goviral.engine.media.ffmpeg import find_ffmpeg

    return read_brand(path, find_ffmpeg(settings))


def thumbnails_of(text: str) -> tuple[str, ...]:
    """One or two style packs, none for `none`; a usage error for one there is not."""
    if text.strip().lower() == "none":
        return ()
    wanted = _each(text.upper(), ["S1", "S2", "S3", "S4"], "--thumbnails")
    if len(wanted) > 2:
        raise typer.BadParameter("--thumbnails takes two styles, one for A and one for B.")
    return wanted


def aspects_of(text: str) -> tuple[str, ...]:
    """The shapes asked for, each once; a usage error for one there is not."""
    known = [aspect.value for aspect in Aspect]
    return _each(text, known, "--aspect")


def platforms_of(text: str) -> tuple[str, ...]:
    """The platforms asked for, each once; a usage error for one there is not."""
    return _each(text, [platform.value for platform in Platform], "--platform")


def exports_of(text: str, option: str = "--export") -> tuple[str, ...]:
    """The formats asked for, each once; a usage error for one there is not."""
    return _each(text, ["otio", "fcpxml", "edl"], option) if text else ()


def file_named(out: Path | None, usual: Path, ending: str) -> Path:
    """The file asked for, else the usual one. Raises `InputError` for a folder, or another kind of file."""
    from goviral.kit.errors import InputError

    if out is not None and out.is_dir():
        raise InputError(f"{out} is a folder.", remedy=f"Name a file: {out / usual.name}.")
    if out is not None and out.suffix.lower() != ending:
        raise InputError(
            f"{out.name} does not end in {ending}, which is what is written.",
            remedy=f"Name it {out.stem}{ending}.",
        )
    return out or usual


def _each(text: str, known: list[str], option: str) -> tuple[str, ...]:
    wanted = dict.fromkeys(part.strip() for part in text.split(",") if part.strip())
    unknown = [part for part in wanted if part not in known]
    if unknown or not wanted:
        what = unknown[0] if unknown else text
        raise typer.BadParameter(f"{option} {what!r} is none of {', '.join(known)}.")
    return tuple(wanted)


def with_encoder(settings: "Settings", encoder: Encoder | None) -> "Settings":
    """The settings, with the encoder asked for on the command line."""
    return settings.model_copy(update={"encoder": encoder.value}) if encoder else settings


def broll_folder(wished: str | None, known: Path | None) -> Path | None:
    """The folder that was asked for, else the one of the settings; none where `none` was."""
    if wished is None:
        return known
    return None if wished == "none" else Path(wished)


def check_lengths(shortest_s: float | None, longest_s: float | None) -> tuple[int, int]:
    """Both in milliseconds; one that is not given fits the other. A usage error when they cross."""
    if shortest_s is None:
        short = longest_s is not None and longest_s < _SHORTEST_S
        shortest_s = max(MIN_S, longest_s / 2) if longest_s and short else _SHORTEST_S
    if longest_s is None:
        longest_s = _LONGEST_S if shortest_s <= _LONGEST_S else min(MAX_S, 2 * shortest_s)
    if shortest_s > longest_s:
        raise typer.BadParameter(f"--min {shortest_s:g} is more than --max {longest_s:g}.")
    return round(shortest_s * 1000), round(longest_s * 1000)
