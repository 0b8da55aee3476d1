"""`goviral clip SOURCE`: the main job."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goviral.entrypoints.cli import options
from goviral.entrypoints.cli.exits import SOME_FAILED
from goviral.entrypoints.cli.interrupt import interruptible

if TYPE_CHECKING:
    from goviral.engine.studio.make_clips import ClipSet
    from goviral.engine.studio.wishes import StudioWishes
    from goviral.entrypoints.cli.progress import CliProgress
    from goviral.kit.settings import Settings


def clip(
    source: Annotated[
        str, typer.Argument(help="A video or audio file, or the address of a video.")
    ],
    out: Annotated[Path, typer.Option(help="Where the source's own folder is made.")] = Path(
        "clips"
    ),
    count: options.Count = None,
    shortest: options.Shortest = None,
    longest: options.Longest = None,
    aspect: options.Aspects = "9:16",
    layout: Annotated[
        options.Layout | None,
        typer.Option(
            show_default="auto",
            help="What fills the frame, a shot at a time: chosen by what is seen, one face, two to four"
            " faces each in a part of its own, a screen above its speaker, or the whole picture.",
        ),
    ] = None,
    platform: options.Platforms = "any",
    captions: Annotated[
        str | None,
        typer.Option(
            help="Caption style (`goviral doctor` lists them), or none.", show_default="punch"
        ),
    ] = None,
    emphasis: options.Emphasis = True,
    mask: options.MaskIt = False,
    mask_words: options.MaskWords = None,
    hook: options.Hook = None,
    progress_bar: options.Bar = None,
    tighten: options.Tighten = False,
    punch_in: options.PunchIn = False,
    broll: options.Broll = None,
    broll_mode: options.BrollMode = options.BrollShape.FULL,
    music: options.Music = None,
    thumbnails: options.Thumbnails = None,
    brand: options.BrandOption = None,
    preview: options.Preview = False,
    encoder: options.EncoderName = None,
    export: options.Exports = "",
    vocabulary: options.VocabularyFile = None,
    transcript: options.TranscriptFile = None,
    engine: options.EngineName = options.Engine.AUTO,
    model: options.Model = None,
    language: options.Language = None,
    about: options.About = "",
    seed: options.Seed = 0,
    json_lines: options.Json = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Do everything again, reuse nothing.")
    ] = False,
) -> None:
    """Turn a talk into captioned clips, with thumbnails and a report to look at.

    Run it again with other wishes: what is there already is used, only what changed is made.
    """
    from goviral.engine.clips.captions.masking import read_mask_words
    from goviral.engine.clips.captions.styles import DEFAULT_STYLE
    from goviral.engine.clips.captions.wording import WordWishes
    from goviral.engine.clips.pace.pace import PaceWishes
    from goviral.engine.clips.planning.planner import ClipWishes
    from goviral.engine.clips.plans.plan import Platform
    from goviral.engine.clips.thumbnails.packs.packs import DEFAULT_PACKS
    from goviral.engine.moments.moment import Wishes
    from goviral.engine.studio.wishes import StudioWishes, TranscriptWishes
    from goviral.engine.transcripts.vocabulary import Vocabulary, read_vocabulary
    from goviral.kit.settings import load_settings

    known = read_vocabulary(vocabulary) if vocabulary else Vocabulary()
    masked = read_mask_words(mask_words) if mask_words else ()
    settings = options.with_encoder(load_settings(), encoder)
    kit = options.brand_of(brand, settings)
    usual = kit.defaults
    # What is said here goes before what the brand says, and that before what is usual.
    style = captions or usual.captions or DEFAULT_STYLE
    stills = options.thumbnails_of(thumbnails) if thumbnails else usual.thumbnails
    titled = usual.hook if hook is None else hook
    barred = usual.progress_bar if progress_bar is None else progress_bar
    words = WordWishes(emphasis, mask, masked, titled, bool(barred))
    folder = options.broll_folder(broll, settings.broll_dir)
    pace = PaceWishes(tighten, punch_in, folder, broll_mode.value, music)
    min_ms, max_ms = options.check_lengths(shortest, longest)
    shape, *shapes = options.aspects_of(aspect)
    place, *places = map(Platform, options.platforms_of(platform))
    exports = options.exports_of(export)
    wishes = StudioWishes(
        transcript=TranscriptWishes(transcript, engine.value, model, language, known),
        moments=Wishes(
            count=count, min_ms=min_ms, max_ms=max_ms, about=about, seed=seed, language=language
        ),
        clip=ClipWishes(
            aspect=shape,
            more_aspects=tuple(shapes),
            preview=preview,
            layout=layout.value if layout else usual.layout or "auto",
            captions=None if style == "none" else style,
            words=words,
            pace=pace,
            thumbnails=DEFAULT_PACKS if stills is None else stills,
            brand=kit,
            platform=place,
            more_platforms=tuple(places),
        ),
        exports=exports,
    )
    with interruptible() as cancelled:
        made = _make(source, out, wishes, settings, json_lines, fresh, cancelled)
    if made.failed:
        raise typer.Exit(SOME_FAILED)


def _make(
    source: str,
    out: Path,
    wishes: "StudioWishes",
    settings: "Settings",
    json_lines: bool,
    fresh: bool,
    cancelled: Callable[[], bool],
) -> "ClipSet":
    from goviral.engine.llm.clients import find_client
    from goviral.engine.studio.make_clips import make_clips
    from goviral.engine.studio.source import open_source
    from goviral.engine.studio.tools import LocalTools
    from goviral.engine.studio.workspace import Workspace
    from goviral.entrypoints.cli.progress import choose_progress

    with choose_progress(json_lines, cancelled) as progress:
        opened = open_source(source, out, wishes, settings, progress, cancelled)
        tools = LocalTools(settings, llm=find_client(settings), cancelled=cancelled)
        tools.tell_encoder(progress)
        with Workspace(opened.folder, fresh=fresh) as workspace:
            made = make_clips(
                opened.media, opened.wishes, tools, workspace, progress, title=opened.title
            )
    _tell(made, progress, json_lines)
    return made


def _tell(made: "ClipSet", progress: "CliProgress", json_lines: bool) -> None:
    from goviral.entrypoints.cli.progress import Events

    if isinstance(progress, Events):
        progress.emit("run.finished", **_summary(made))
        return
    for done in made.clips:
        if done.error is None:
            typer.echo(f"{done.moment.score:3d}  {done.video}")
    for failed in made.failed:
        typer.echo(f"failed  {failed.name}: {failed.error}", err=True)
    for path in (*made.exports, made.report):
        typer.echo(f"     {path}")


def _summary(made: "ClipSet") -> dict[str, object]:
    clips = [
        {
            "name": done.name,
            "score": done.moment.score,
            "start_ms": done.moment.span.start_ms,
            "end_ms": done.moment.span.end_ms,
            "video": str(done.video) if done.video else None,
            "thumbnail": str(done.thumbnail) if done.thumbnail else None,
            "reused": done.reused,
            "error": str(done.error) if done.error else None,
        }
        for done in made.clips
    ]
    return {
        "folder": str(made.folder),
        "report": str(made.report),
        "exports": [str(path) for path in made.exports] or None,
        "clips": clips,
    }
