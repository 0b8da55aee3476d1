"""A plan becomes a file: one ffmpeg run, checked before it gets its name."""

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.ass import CaptionAssets, draw_words
from goviral.engine.clips.check import Finding, check_clip
from goviral.engine.clips.filtergraph import RenderCommand, render_command
from goviral.engine.clips.plan import ClipPlan
from goviral.engine.clips.plan_json import fault_of
from goviral.engine.clips.played import played_ms
from goviral.engine.clips.played_plan import played
from goviral.engine.media.ffmpeg import Ffmpeg, run_ffmpeg
from goviral.kit.errors import InputError, NotFoundError, ProcessError
from goviral.kit.files import atomic_path, content_fingerprint, write_text

_MOST_THREADS = 4
_STARTUP_S = 120
_SLOWEST = 60
_DAMAGED = re.compile(r"\[(?:error|fatal)\]")
_ORIGIN = re.compile(r"\[[^\]]*\]\s*")
_SOURCE_ENDS_EARLY = frozenset({"duration"})


@dataclass(frozen=True, slots=True)
class RenderedClip:
    """A clip that may be shown. `findings` are warnings only; `notes` say what could not be drawn."""

    path: Path
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def render_clip(
    plan: ClipPlan,
    out: Path,
    *,
    ffmpeg: Ffmpeg,
    on_progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    threads: int | None = None,
) -> RenderedClip:
    """Render `plan` to `out`, which appears whole and checked, or not at all.

    `on_progress` gets the milliseconds of the clip done. `threads` bounds the encoder, the cores of
    this machine but at most four by default (more cost memory and win little at this size).
    Raises `NotFoundError` and `InputError` for a source that is gone, changed or unreadable,
    `ProcessError` when the clip fails its check, and what `run_ffmpeg` raises.
    """
    _verify(plan)
    threads = threads or min(_MOST_THREADS, usable_cores())
    with tempfile.TemporaryDirectory(prefix="goviral-") as work, atomic_path(out) as partial:
        folder = Path(work)
        assets = _draw(played(plan), folder)
        command = render_command(plan, assets, folder, partial, threads=threads)
        log = _run(command, plan, ffmpeg, on_progress, cancelled)
        findings = _judged(check_clip(partial, plan, ffmpeg=ffmpeg), log, plan)
    return RenderedClip(out, findings, assets.notes if assets else ())


def _verify(plan: ClipPlan) -> None:
    source = Path(plan.source.path)
    if not source.is_file():
        raise NotFoundError(
            f"The source of {plan.name} is gone: {source}.", remedy="Put the file back there."
        )
    if content_fingerprint(source) != plan.source.fingerprint:
        raise InputError(
            f"{source.name} is not the file {plan.name} was planned from.",
            remedy="Put that file back, or run `goviral clip` on the new one.",
        )
    fault = fault_of(plan)
    if fault:
        raise InputError(f"{plan.name} cannot be rendered: {fault}.")


def _draw(plan: ClipPlan, folder: Path) -> CaptionAssets | None:
    return draw_words(plan, folder)


def _run(
    command: RenderCommand,
    plan: ClipPlan,
    ffmpeg: Ffmpeg,
    on_progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool],
) -> str:
    for path, text in command.scripts:
        write_text(path, text)
    output = run_ffmpeg(
        ffmpeg,
        command.arguments,
        duration_ms=played_ms(plan),
        on_progress=on_progress,
        cancelled=cancelled,
        timeout_s=_STARTUP_S + _SLOWEST * plan.span.duration_ms / 1000,
        environment=dict(command.environment),
        loglevel="level+warning",
    )
    return output.log


def _judged(findings: tuple[Finding, ...], log: str, plan: ClipPlan) -> tuple[Finding, ...]:
    """The warnings; a clip cut short by a damaged source is one too. Raises for every other error."""
    damage = _damage(log)
    errors = [
        finding
        for finding in findings
        if finding.severity == "error" and not (damage and finding.check in _SOURCE_ENDS_EARLY)
    ]
    if errors:
        told = "; ".join(finding.message for finding in errors)
        raise ProcessError(f"{plan.name} failed its check: {told}.", remedy="It was not kept.")
    kept = tuple(Finding(f.check, f.message, "warning") for f in findings)
    return (
        (*kept, Finding("source", f"the source is damaged: {damage}", "warning"))
        if damage
        else kept
    )


def _damage(log: str) -> str:
    """The first error ffmpeg wrote about its input, if any."""
    line = next((line for line in log.splitlines() if _DAMAGED.search(line)), "")
    return _ORIGIN.sub("", line).strip()


def usable_cores() -> int:
    """Cores this process may use: fewer than the machine has in a container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
