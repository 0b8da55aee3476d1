"""`goviral transcribe SOURCE`: only the words."""

from pathlib import Path
from typing import Annotated

import typer

from goviral.entrypoints.cli import options
from goviral.entrypoints.cli.interrupt import interruptible


def transcribe(
    source: Annotated[Path, typer.Argument(help="A video or audio file.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the transcript. Unset: beside the source.")
    ] = None,
    engine: options.EngineName = options.Engine.AUTO,
    model: options.Model = None,
    language: options.Language = None,
    vocabulary: options.VocabularyFile = None,
    json_lines: options.Json = False,
) -> None:
    """Write down what is said, as JSON, SRT and VTT, with a time for every word."""
    from goviral.engine.media.probe import probe
    from goviral.engine.transcripts.formats import write_transcript
    from goviral.engine.transcripts.transcribe import transcribe as recognise
    from goviral.engine.transcripts.vocabulary import Vocabulary, read_vocabulary
    from goviral.engine.transcripts.words import with_estimated_words
    from goviral.entrypoints.cli.progress import Events, choose_progress
    from goviral.kit.settings import load_settings

    known = read_vocabulary(vocabulary) if vocabulary else Vocabulary()
    with interruptible() as cancelled, choose_progress(json_lines, cancelled) as progress:
        media = probe(source)
        progress.start("transcribe")
        transcript = recognise(
            media.path,
            engine=engine.value,
            model=model,
            language=language,
            settings=load_settings(),
            progress=progress,
            cancelled=cancelled,
            hints=known.names,
        )
        for warning in transcript.warnings:
            progress.warn(warning)
        progress.finish("transcribe", f"{len(transcript.words)} words, {transcript.engine}")
        written_down = known.apply(with_estimated_words(transcript))
        written = [
            (out or source.parent) / f"{source.stem}.transcript.{suffix}"
            for suffix in ("json", "srt", "vtt")
        ]
        for path in written:
            write_transcript(written_down, path)
    if isinstance(progress, Events):
        progress.emit("run.finished", files=[str(path) for path in written])
    else:
        typer.echo("\n".join(str(path) for path in written))
