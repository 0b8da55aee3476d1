"""`goviral moments TRANSCRIPT.json`: only the choice, no media needed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goviral.entrypoints.cli import options

if TYPE_CHECKING:
    from goviral.engine.moments.moment import Moment, Wishes
    from goviral.engine.transcripts.document import Transcript


def moments(
    transcript: Annotated[Path, typer.Argument(help="SRT, VTT, Whisper JSON, json3 or our JSON.")],
    count: options.Count = None,
    shortest: options.Shortest = None,
    longest: options.Longest = None,
    about: options.About = "",
    seed: options.Seed = 0,
    spans: Annotated[
        Path | None,
        typer.Option(
            help='Score and mend these instead of searching: [{"start_ms", "end_ms"}, …] as JSON.'
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help='Print {"moments": [...]}, best first.')
    ] = False,
) -> None:
    """Find the moments worth clipping in a transcript, best first."""
    from goviral.engine.moments.document import moments_document
    from goviral.engine.moments.moment import Wishes
    from goviral.engine.transcripts.formats import read_transcript

    min_ms, max_ms = options.check_lengths(shortest, longest)
    wishes = Wishes(count=count, min_ms=min_ms, max_ms=max_ms, about=about, seed=seed)
    read = read_transcript(transcript)
    found = _score(read, spans, wishes) if spans else _search(read, wishes)
    if as_json:
        typer.echo(json.dumps(moments_document(found), ensure_ascii=False, indent=2))
        return
    for moment in found:
        typer.echo(_line(moment))


def _search(transcript: "Transcript", wishes: "Wishes") -> "tuple[Moment, ...]":
    from goviral.engine.llm.clients import find_client
    from goviral.engine.moments.find import find_moments
    from goviral.engine.moments.proposals import rule_of
    from goviral.kit.settings import load_settings

    settings = load_settings()
    return find_moments(
        transcript, wishes=wishes, llm=find_client(settings), proposals=rule_of(settings)
    )


def _score(transcript: "Transcript", spans: Path, wishes: "Wishes") -> "tuple[Moment, ...]":
    from goviral.engine.moments.find import score_spans
    from goviral.engine.moments.spans import read_spans

    return score_spans(transcript, read_spans(spans), wishes=wishes)


def _line(moment: "Moment") -> str:
    from goviral.kit.timecode import clock

    span = moment.span
    times = f"{clock(span.start_ms)}-{clock(span.end_ms)}"
    return f"{moment.score:3d}  {times:>15}  {moment.title}"
