"""Plans become files: one ffmpeg run, each file checked before it gets its name."""

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from goviral.engine.clips.captions.ass import CaptionAssets, draw_words
from goviral.engine.clips.fonts.font_folder import write_fontconfig
from goviral.engine.clips.graph.bumpers import around_frames
from goviral.engine.clips.graph.filtergraph import Output, RenderCommand, shared_command
from goviral.engine.clips.graph.insert_graph import prepare_stills
from goviral.engine.clips.graph.logo import prepare_logos
from goviral.engine.clips.plans.attached import verify_attached, verify_source
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.clips.plans.plan_json import fault_of
from goviral.engine.clips.plans.played import played_ms
from goviral.engine.clips.plans.played_plan import played
from goviral.engine.clips.render.check import check_clip
from goviral.engine.clips.render.findings import Finding
from goviral.engine.clips.render.played_loudness import leveled_anew
from goviral.engine.media.encoder_choice import EncoderChoice, why
from goviral.engine.media.encoders import ENCODER_THREADS, X264, Encoder
from goviral.engine.media.ffmpeg import Ffmpeg, run_ffmpeg
from goviral.engine.media.loudness import LoudnessReading
from goviral.kit.errors import AppError, CancelledError, InputError, ProcessError
from goviral.kit.files import atomic_paths, write_text

_MOST_THREADS = 4
_STARTUP_S = 120
_SLOWEST = 60
_DAMAGED = re.compile(r"\[(?:error|fatal)\]")
_ORIGIN = re.compile(r"\[[^\]]*\]\s*")
_SOURCE_ENDS_EARLY = frozenset({"duration"})
_SOUND = frozenset({"loudness", "peak"})
_MORE_TRIES = 2


@dataclass(frozen=True, slots=True)
class RenderedClip:
    """A clip that may be shown. `findings` are warnings only; `notes` say what could not be drawn."""

    path: Path
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A plan and the file it is to become; `anew`: what levels its sound in place of the plan's loudness."""

    plan: ClipPlan
    out: Path
    anew: Loudness | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """What rendering needs besides plans. `threads` bounds the filters, `encoder_threads` each encoder."""

    ffmpeg: Ffmpeg
    on_progress: Callable[[float], None] | None = None
    cancelled: Callable[[], bool] = lambda: False
    threads: int = 1
    encoder_threads: int = ENCODER_THREADS


def render_clip(
    plan: ClipPlan,
    out: Path,
    *,
    ffmpeg: Ffmpeg,
    on_progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    threads: int | None = None,
    encoders: EncoderChoice | None = None,
) -> RenderedClip:
    """Render `plan` to `out`, which appears whole and checked, or not at all.

    `on_progress` gets the milliseconds of the clip done. `threads` bounds filters and encoder; None: the
    filters take the cores of this machine but at most four, the encoder the same number everywhere,
    because its picture depends on it. `encoders` None: x264.
    Raises `NotFoundError` and `InputError` for a source that is gone, changed or unreadable,
    `ProcessError` when the clip fails its check, and what `run_ffmpeg` raises.
    """
    (made,) = render_together(
        [Order(plan, out)],
        ffmpeg=ffmpeg,
        on_progress=on_progress,
        cancelled=cancelled,
        threads=threads,
        encoders=encoders,
    )
    if isinstance(made, AppError):
        raise made
    return made


def render_together(
    orders: Sequence[Order],
    *,
    ffmpeg: Ffmpeg,
    on_progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    threads: int | None = None,
    encoders: EncoderChoice | None = None,
) -> tuple[RenderedClip | ProcessError, ...]:
    """Render plans of the same span of one source with one decode; the rest as `render_clip`.

    A clip that fails its check is its own error in the result; what stops the run stops all of them.
    """
    for order in orders:
        _verify(order.plan)
    filters, encoding = threads or min(_MOST_THREADS, usable_cores()), threads or ENCODER_THREADS
    workshop = Workshop(ffmpeg, on_progress, cancelled, filters, encoding)
    encoder = encoders.choose() if encoders else X264
    if encoders is None or not encoder.hardware:
        return _made(orders, workshop, X264)
    try:
        made = _made(orders, workshop, encoder)
        fault = next((error.message for error in made if isinstance(error, AppError)), "")
    except CancelledError:
        raise
    except AppError as error:
        made, fault = (), why(error)
    if not fault:
        return made
    encoders.give_up(encoder, fault)
    note = f"{encoder.name} failed ({fault}): x264 encoded instead."
    return tuple(_noted(clip, note) for clip in _made(orders, workshop, X264))


def one_decode(plan: ClipPlan, other: ClipPlan) -> bool:
    """Whether two plans show the same frames of the same source, so that one run can make both."""
    return _shown(plan) == _shown(other)


def _shown(plan: ClipPlan) -> tuple[object, ...]:
    return plan.source, plan.span, plan.frame.fps, [cut.span for cut in plan.removals]


def _noted(clip: RenderedClip | ProcessError, note: str) -> RenderedClip | ProcessError:
    return replace(clip, notes=(*clip.notes, note)) if isinstance(clip, RenderedClip) else clip


@dataclass(frozen=True, slots=True)
class _Looked:
    """What became of an order; `heard`: how it sounds, where that alone is not as promised."""

    order: Order
    result: RenderedClip | ProcessError
    heard: LoudnessReading | None = None


def _made(
    orders: Sequence[Order], workshop: Workshop, encoder: Encoder
) -> tuple[RenderedClip | ProcessError, ...]:
    """Made and looked at; with another gain once more, or twice, where the sound alone was wrong."""
    results: dict[Path, RenderedClip | ProcessError] = {}
    for _ in range(1 + _MORE_TRIES):
        looked = _made_once(orders, workshop, encoder)
        results |= {one.order.out: one.result for one in looked}
        orders = [_leveled(one.order, one.heard, workshop.ffmpeg) for one in looked if one.heard]
        if not orders:
            break
        workshop = replace(workshop, on_progress=None)
    return tuple(results.values())


def _leveled(order: Order, heard: LoudnessReading, ffmpeg: Ffmpeg) -> Order:
    gain = order.anew or order.plan.loudness
    return replace(order, anew=gain and leveled_anew(ffmpeg, order.plan, gain, heard))


def _made_once(
    orders: Sequence[Order], workshop: Workshop, encoder: Encoder
) -> tuple[_Looked, ...]:
    """One run, then a look at every file; one that fails is deleted."""
    outs = [order.out for order in orders]
    with tempfile.TemporaryDirectory(prefix="goviral-") as work, atomic_paths(outs) as partials:
        outputs = [
            _drawn(order, Path(work) / str(number), partial)
            for number, (order, partial) in enumerate(zip(orders, partials, strict=True))
        ]
        command = shared_command(
            outputs,
            threads=workshop.threads,
            encoder=encoder,
            encoder_threads=workshop.encoder_threads,
        )
        log = _run(_with_fonts(command, outputs, Path(work)), orders, workshop)
        return tuple(
            _looked_at(order, output, log, workshop.ffmpeg)
            for order, output in zip(orders, outputs, strict=True)
        )


def _verify(plan: ClipPlan) -> None:
    verify_source(plan)
    verify_attached(plan)
    fault = fault_of(plan)
    if fault:
        raise InputError(f"{plan.name} cannot be rendered: {fault}.")


def _drawn(order: Order, folder: Path, out: Path) -> Output:
    plan = order.plan
    folder.mkdir()
    prepare_stills(plan, folder)
    prepare_logos(plan, folder)
    return Output(plan, draw_words(played(plan), folder), folder, out, order.anew)


def _with_fonts(command: RenderCommand, outputs: Sequence[Output], work: Path) -> RenderCommand:
    """ffmpeg has one environment: it must know the fonts of every file it draws."""
    drawn: list[CaptionAssets] = [output.assets for output in outputs if output.assets]
    if len(drawn) < 2:
        return command
    environment = {**drawn[0].environment, **write_fontconfig(work, [a.fonts_dir for a in drawn])}
    return replace(command, environment=tuple(environment.items()))


def _run(command: RenderCommand, orders: Sequence[Order], workshop: Workshop) -> str:
    for path, text in command.scripts:
        write_text(path, text)
    plan = orders[0].plan
    length_s = plan.span.duration_ms / 1000 + float(around_frames(plan) / plan.frame.fps)
    longest_s = _SLOWEST * len(orders) * length_s
    output = run_ffmpeg(
        workshop.ffmpeg,
        command.arguments,
        duration_ms=played_ms(plan),
        on_progress=workshop.on_progress,
        cancelled=workshop.cancelled,
        timeout_s=_STARTUP_S + longest_s,
        environment=dict(command.environment),
        loglevel="level+warning",
    )
    return output.log


def _looked_at(order: Order, output: Output, log: str, ffmpeg: Ffmpeg) -> _Looked:
    found = check_clip(output.out, order.plan, ffmpeg=ffmpeg)
    damage = _damage(log)
    errors = [
        finding
        for finding in found.findings
        if finding.severity == "error" and not (damage and finding.check in _SOURCE_ENDS_EARLY)
    ]
    if errors:
        output.out.unlink(missing_ok=True)
        heard = found.heard if all(error.check in _SOUND for error in errors) else None
        return _Looked(order, _failure(order.plan, errors), heard)
    notes = output.assets.notes if output.assets else ()
    return _Looked(order, RenderedClip(order.out, _warnings(found.findings, damage), notes))


def _failure(plan: ClipPlan, errors: Sequence[Finding]) -> ProcessError:
    told = "; ".join(finding.message for finding in errors)
    return ProcessError(f"{plan.name} failed its check: {told}.", remedy="It was not kept.")


def _warnings(findings: Sequence[Finding], damage: str) -> tuple[Finding, ...]:
    """Also a clip cut short by a damaged source is kept, and told."""
    kept = tuple(replace(finding, severity="warning") for finding in findings)
    source = Finding("source", f"the source is damaged: {damage}", "warning")
    return (*kept, source) if damage else kept


def _damage(log: str) -> str:
    """The first error ffmpeg wrote about its input, if any."""
    line = next((line for line in log.splitlines() if _DAMAGED.search(line)), "")
    return _ORIGIN.sub("", line).strip()


def usable_cores() -> int:
    """Cores this process may use: fewer than the machine has in a container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
