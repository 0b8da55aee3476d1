"""`goviral edit PLAN.json`: a clip corrected after it was made, without looking or listening again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goviral.entrypoints.cli import options

if TYPE_CHECKING:
    from goviral.engine.clips.captions.wording import WordWishes
    from goviral.engine.clips.plans.plan import ClipPlan
    from goviral.engine.transcripts.document import Transcript
    from goviral.kit.timecode import Span

_CROP = re.compile(r"(\d{1,9}),(\d{1,9}),(\d{1,9}),(\d{1,9})(?:@([\d:.]{1,20})-([\d:.]{1,20}))?")
_NUMBER = re.compile(r"\d{1,9}")
_LONGEST_MOVE_S = 1_000_000.0
_NONE = "none"
_TRANSCRIPT = "transcript.json"


@dataclass(frozen=True)
class _Edits:
    """What the command line asks for."""

    text: Sequence[str]
    replacements: Sequence[str]
    style: str | None
    title: str | None
    hook: str | None
    crops: Sequence[str]
    start_s: float
    end_s: float
    restored: Sequence[str]
    source: Path | None
    words: "WordWishes"

    @property
    def any(self) -> bool:
        masked = (self.words.mask, self.words.mask_words)
        asked = (self.text, self.replacements, self.crops, self.restored, *masked)
        said = (self.style, self.title, self.hook, self.source)
        return any(asked) or any(one is not None for one in said) or self.moves

    @property
    def moves(self) -> bool:
        return bool(self.start_s or self.end_s)


def edit(
    plan: options.PlanFile,
    list_: Annotated[
        bool,
        typer.Option(
            "--list",
            help="Show the clip's pages and what was cut out, numbered; so without options.",
        ),
    ] = False,
    text: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PAGE=WORDS",
            help='Other words for a page: "12=new words"; "12=" takes it away.',
        ),
    ] = None,
    replace: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="Other words wherever they are said."),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Another caption style (`goviral doctor` lists them), or none for no captions.",
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The clip's title, and that of its stills.")
    ] = None,
    hook: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The title over the first seconds, or none."),
    ] = None,
    crop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,W,H[@FROM-TO]",
            help="What is shown, in pixels of the source: all the time, or between two times, as in"
            " 600,0,608,1080@4-6.5.",
        ),
    ] = None,
    start: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Begin so much later, or earlier: --start -0.5."),
    ] = 0.0,
    end: Annotated[
        float, typer.Option(metavar="SECONDS", help="End so much later, or earlier: --end -0.5.")
    ] = 0.0,
    restore: Annotated[
        list[str] | None,
        typer.Option(metavar="N|all", help="Put back what was cut out, by its number in the list."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the talk lies now, if it was moved."),
    ] = None,
    mask: options.MaskIt = False,
    mask_words: options.MaskWords = None,
    render: Annotated[bool, typer.Option("--render", help="Make the clip at once.")] = False,
    json_lines: options.Json = False,
) -> None:
    """Correct a clip: its words, look, title, crop or ends. Nothing is analysed again.

    Writes the plan and the .srt beside it; `goviral render`, or --render, makes the clip. Pages count
    from 1, times from the start of the clip; --text, --replace, --crop and --restore may be given several
    times. Edited clips are kept when `goviral clip` runs again.
    """
    from goviral.engine.clips.captions.masking import read_mask_words
    from goviral.engine.clips.captions.wording import WordWishes
    from goviral.engine.clips.exports.subtitles import clip_srt
    from goviral.engine.clips.plans.plan_json import dump_plan, fault_of, read_plan
    from goviral.kit.errors import InputError
    from goviral.kit.files import write_text

    known = read_plan(plan)
    words = WordWishes(mask=mask, mask_words=read_mask_words(mask_words) if mask_words else ())
    parts = (text or (), replace or (), style, title, hook, crop or (), start, end, restore or ())
    edits = _Edits(*parts, source, words)
    if not edits.any:
        _list(known)
        return
    changed = _masked(_edited(known, edits, plan.with_name(_TRANSCRIPT)), words)
    fault = fault_of(changed)
    if fault:
        raise InputError(f"The edited plan could not be rendered: {fault}.")
    if changed.captions:
        write_text(plan.with_name(f"{changed.name}.srt"), clip_srt(changed))
    write_text(plan, dump_plan(changed))
    if list_:
        _list(changed)
    _finish(plan, render, json_lines)


def _edited(plan: "ClipPlan", edits: _Edits, transcript: Path) -> "ClipPlan":
    """Every edit in turn. Pages are numbered as they were before any of them."""
    from dataclasses import replace

    from goviral.engine.clips.captions.styles import load_style
    from goviral.engine.clips.planning import editing
    from goviral.engine.clips.planning.nudging import with_ends_moved
    from goviral.engine.clips.plans.attached import with_source_at
    from goviral.engine.clips.plans.word_faults import title_fault
    from goviral.engine.clips.thumbnails.thumbnail_choice import retitled

    plan = with_source_at(plan, edits.source) if edits.source else plan
    for number, words in sorted(_pages(edits.text).items(), reverse=True):
        plan = editing.with_page_text(plan, number, words)
    for one in edits.replacements:
        plan = editing.with_replacement(plan, *_pair(one, "--replace", "old=new"))
    if edits.style is not None:
        look = None if edits.style == _NONE else load_style(edits.style)
        plan = editing.with_style(plan, look)
    if edits.title is not None:
        if not edits.title.strip():
            raise typer.BadParameter("--title is empty.")
        fault = title_fault(edits.title, "--title")
        if fault:
            raise typer.BadParameter(f"{fault}.")
        stills = retitled(plan.thumbnail, plan.title, edits.title)
        plan = replace(plan, title=edits.title, thumbnail=stills)
    if edits.hook is not None:
        plan = editing.with_hook(plan, None if edits.hook == _NONE else edits.hook)
    plan = _with_crops(plan, edits.crops)
    for number in sorted(map(_removal, edits.restored), reverse=True):
        plan = editing.with_removals_restored(plan, number or None)
    if edits.moves:
        moved_ms = (_moved_ms("--start", edits.start_s), _moved_ms("--end", edits.end_s))
        plan = with_ends_moved(plan, *moved_ms, _words_of(transcript))
    return plan


def _masked(plan: "ClipPlan", wishes: "WordWishes") -> "ClipPlan":
    """The plan masked as wished, after every other edit: words that came in are masked too."""
    from goviral.engine.clips.planning.editing import with_mask

    language = plan.captions.language if plan.captions else "und"
    return with_mask(plan, wishes.mask_in(language))


def _with_crops(plan: "ClipPlan", crops: Sequence[str]) -> "ClipPlan":
    from goviral.engine.clips.framing.framing_by_hand import with_crop

    for one in crops:
        crop, span = _crop(one)
        plan = with_crop(plan, crop, span)
    return plan


def _words_of(transcript: Path) -> "Transcript | None":
    from goviral.engine.transcripts.formats import read_transcript

    return read_transcript(transcript) if transcript.exists() else None


def _pair(value: str, option: str, shape: str) -> tuple[str, str]:
    left, equals, right = value.partition("=")
    if not equals or not left.strip():
        raise typer.BadParameter(f'{option} "{value}" is not of the form "{shape}".')
    return left.strip(), right.strip()


def _pages(texts: Sequence[str]) -> dict[int, str]:
    """New words by the number of their page."""
    pages: dict[int, str] = {}
    for value in texts:
        number, words = _pair(value, "--text", "12=new words")
        if not _NUMBER.fullmatch(number):
            raise typer.BadParameter(f"--text wants the number of a page first, not {number!r}.")
        if int(number) in pages:
            raise typer.BadParameter(f"--text gives page {number} twice.")
        pages[int(number)] = words
    return pages


def _moved_ms(option: str, seconds: float) -> int:
    # Written so that nan is refused too.
    if not abs(seconds) <= _LONGEST_MOVE_S:
        raise typer.BadParameter(f"{option} wants seconds such as -0.5, not {seconds}.")
    return round(seconds * 1000)


def _removal(value: str) -> int:
    """The number of a removal; 0 for all."""
    if value != "all" and not (_NUMBER.fullmatch(value) and int(value)):
        raise typer.BadParameter(f"--restore wants the number of a removal, or all, not {value!r}.")
    return 0 if value == "all" else int(value)


def _crop(value: str) -> "tuple[tuple[int, int, int, int], Span | None]":
    from goviral.kit.timecode import Span

    match = _CROP.fullmatch(value.replace(" ", ""))
    if match is None:
        raise typer.BadParameter(f'--crop "{value}" is not of the form "X,Y,W,H@FROM-TO".')
    x, y, width, height = (int(part) for part in match.groups()[:4])
    span = Span(_clock_ms(match[5]), _clock_ms(match[6])) if match[5] else None
    return (x, y, width, height), span


def _clock_ms(text: str) -> int:
    """`"1:02.5"` or `"62.5"` in milliseconds."""
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time such as 12.5 or 1:02.5.") from None
    total_s = 0.0
    for part in parts:
        total_s = total_s * 60 + part
    return round(total_s * 1000)


def _list(plan: "ClipPlan") -> None:
    """The clip's texts, a numbered line a page; then what was left out."""
    from goviral.engine.clips.planning.editing import page_text
    from goviral.kit.timecode import clock

    typer.echo(f"title  {plan.title}")
    typer.echo(f"hook   {' / '.join(plan.hook.lines) if plan.hook else _NONE}")
    pages = plan.captions.pages if plan.captions else ()
    if plan.captions:
        typer.echo(f"style  {plan.captions.style.name if plan.captions.drawn else _NONE}")
    for number, page in enumerate(pages, 1):
        typer.echo(f"{number:4d}  {clock(page.span.start_ms):>6}  {page_text(page)}")
    for number, removal in enumerate(plan.removals, 1):
        told = f"removed {removal.reason} {removal.text}".strip()
        length_s = removal.span.duration_ms / 1000
        typer.echo(f"{number:4d}  {clock(removal.span.start_ms):>6}  {told} ({length_s:.1f} s)")


def _finish(plan: Path, render: bool, json_lines: bool) -> None:
    from goviral.entrypoints.cli.commands.render import render as make

    if render:
        make(plan, json_lines=json_lines)
    elif not json_lines:
        typer.echo(f"{plan}: written. `goviral render {plan}` makes the clip.")
