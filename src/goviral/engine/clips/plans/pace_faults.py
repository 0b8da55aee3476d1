"""What makes the cuts, punch-ins, inserts or sound of a plan impossible to render. Pure."""

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite

from goviral.engine.clips.plans.plan import ClipPlan, Insert, Loudness, Music, Zoom
from goviral.engine.clips.plans.played import timeline_of
from goviral.engine.media.channels import SIDES
from goviral.kit.timecode import Span

MODES = ("full", "corner")
_LARGEST_FACTOR = 4.0
_LOUDEST_DB, _SOFTEST_DB = 30.0, -90.0


def pace_fault(plan: ClipPlan) -> str:
    """The first fault, named by its field; empty where all can be rendered."""
    return next((fault for fault in _faults(plan) if fault), "")


def _faults(plan: ClipPlan) -> Iterator[str]:
    for index, removal in enumerate(plan.removals):
        yield _span_fault(removal.span, plan, f"removals[{index}]")
    if plan.removals and not timeline_of(plan).kept:
        yield "its removals leave nothing of it"
    for index, zoom in enumerate(plan.zooms):
        yield _span_fault(zoom.span, plan, f"zooms[{index}]") or _zoom_fault(zoom, index)
    yield _order_fault([zoom.span for zoom in plan.zooms], "zooms")
    for index, insert in enumerate(plan.inserts):
        yield _span_fault(insert.span, plan, f"inserts[{index}]") or _insert_fault(insert, index)
    yield _order_fault([insert.span for insert in plan.inserts], "inserts")
    if plan.music:
        yield _music_fault(plan.music)
    yield _side_fault(plan.loudness, "loudness")
    for name, bumper in (("intro", plan.intro), ("outro", plan.outro)):
        yield _side_fault(bumper.loudness if bumper else None, f"{name}.loudness")


def _side_fault(loudness: Loudness | None, where: str) -> str:
    if loudness is None or loudness.side in ("", *SIDES):
        return ""
    return f"{where}.side is {loudness.side!r}: it is one of {', '.join(SIDES)}, or empty"


def _span_fault(span: Span, plan: ClipPlan, where: str) -> str:
    if span.duration_ms <= 0:
        return f"{where} is empty: {span.start_ms}-{span.end_ms} ms"
    if span.end_ms <= 0 or span.start_ms >= plan.span.duration_ms:
        return f"{where} lies outside the clip: {span.start_ms}-{span.end_ms} ms"
    return ""


def _order_fault(spans: list[Span], where: str) -> str:
    for one, other in pairwise(sorted(spans)):
        if one.overlap_ms(other):
            return f"two of its {where} overlap at {other.start_ms} ms"
    return ""


def _zoom_fault(zoom: Zoom, index: int) -> str:
    if 1.0 <= zoom.factor <= _LARGEST_FACTOR:
        return ""
    return (
        f"the factor of zooms[{index}], {zoom.factor:g}, is not between 1 and {_LARGEST_FACTOR:g}"
    )


def _insert_fault(insert: Insert, index: int) -> str:
    if insert.mode not in MODES:
        return f"the mode of inserts[{index}], {insert.mode!r}, is none of {', '.join(MODES)}"
    if insert.start_ms < 0:
        return f"inserts[{index}] starts before its file does"
    return ""


def _music_fault(music: Music) -> str:
    if not (isfinite(music.gain_db) and _SOFTEST_DB <= music.gain_db <= _LOUDEST_DB):
        return f"the gain of its music, {music.gain_db:g} dB, is not between -90 and 30"
    if not (isfinite(music.duck_db) and 0 <= music.duck_db <= -_SOFTEST_DB):
        return f"the duck_db of its music, {music.duck_db:g}, is not between 0 and 90"
    if any(span.duration_ms < 0 for span in music.speech):
        return "a stretch of its music's speech ends before it begins"
    return ""
