"""Pace and sound of a clip, as wished: what is left out, what is shown and heard besides. Pure.

Nothing here touches a time of the plan: all of it stands in the plan beside the rest, is applied when the
clip is rendered, and is undone by deleting its entry.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.pace.inserts import Stock, choose_inserts
from goviral.engine.clips.pace.punch_in import choose_zooms, faces_fit
from goviral.engine.clips.pace.tighten import find_removals
from goviral.engine.clips.plans.plan import ClipPlan, Music, Zoom
from goviral.engine.clips.plans.played import timeline_of
from goviral.engine.clips.plans.screen import faces_on_screen
from goviral.engine.clips.plans.zooms import zoomed
from goviral.engine.media.loudness import SILENT_LUFS
from goviral.engine.media.signals import Levels
from goviral.engine.transcripts.document import Transcript, Word
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from goviral.engine.media.look import Look

BED_LU = -10.0
"""How loud music is beside the voice while nobody speaks."""
DUCK_DB = 10.0
_USUAL_LUFS = -24.0
_GAP_MS = 700
"""Music does not come back for a pause shorter than this."""
_SOFTEST_DB, _LOUDEST_DB = -60.0, 20.0


@dataclass(frozen=True, slots=True)
class PaceWishes:
    """What the user wants. `broll` is a folder, `music` a file; None: none."""

    tighten: bool = False
    punch_in: bool = False
    broll: Path | None = None
    broll_mode: str = "full"
    music: Path | None = None


@dataclass(frozen=True, slots=True)
class Bed:
    """A piece of music, with its loudness."""

    path: str
    fingerprint: str
    measured_lufs: float
    stream: int = 0


def with_pace(
    plan: ClipPlan,
    transcript: Transcript,
    wishes: PaceWishes,
    levels: Levels | None = None,
    stock: tuple[Stock, ...] = (),
    bed: Bed | None = None,
    look: "Look | None" = None,
) -> ClipPlan:
    """The plan with its cuts, punch-ins, B-roll and music.

    `levels` are those of the plan's span, wanted for cuts and punch-ins. Where the words have no times of
    their own nothing is cut but silence. `look` keeps punch-ins from faces that fill the frame already.
    """
    if wishes.tighten and levels:
        removals = find_removals(transcript, levels, plan.span, plan.frame.fps)
        plan = replace(plan, removals=removals)
    line = timeline_of(plan)
    if wishes.punch_in and levels:
        fits = partial(_fits, plan, look)
        plan = replace(plan, zooms=choose_zooms(plan.captions, levels, plan.shots, line, fits))
    if stock:
        words = clip_words(transcript, plan.span)
        titled_ms = line.at(plan.hook.span.end_ms) if plan.hook else 0
        inserts = choose_inserts(words, line, stock, wishes.broll_mode, head_ms=titled_ms)
        plan = replace(plan, inserts=inserts)
    return replace(plan, music=_music(plan, transcript, bed)) if bed else plan


def _fits(plan: ClipPlan, look: "Look | None", zoom: Zoom) -> bool:
    if look is None:
        return True
    seen = [s for s in look.sightings if zoom.span.contains(s.at_ms - plan.span.start_ms)]
    shots = zoomed(plan.shots, [zoom], plan.source, plan.frame.fps)
    shown = faces_on_screen(replace(look, sightings=tuple(seen)), shots, plan.frame, plan.span)
    return faces_fit([face for one in shown for face in one.boxes], plan.frame)


def clip_words(transcript: Transcript, span: Span) -> list[Word]:
    """The words of a clip, in clip time."""
    return [
        replace(word, start_ms=word.start_ms - span.start_ms, end_ms=word.end_ms - span.start_ms)
        for word in transcript.words_in(span)
    ]


def _music(plan: ClipPlan, transcript: Transcript, bed: Bed) -> Music:
    voice = plan.loudness.measured_lufs if plan.loudness else _USUAL_LUFS
    voice = voice if voice > SILENT_LUFS else _USUAL_LUFS
    gain = min(_LOUDEST_DB, max(_SOFTEST_DB, voice + BED_LU - bed.measured_lufs))
    speech = spoken_spans(transcript, plan.span)
    return Music(bed.path, bed.fingerprint, round(gain, 2), DUCK_DB, speech, bed.stream)


def spoken_spans(transcript: Transcript, span: Span) -> tuple[Span, ...]:
    """When somebody speaks in a clip, in clip time; short pauses count as speech."""
    words = transcript.words_in(span) or transcript.sentences_in(span)
    joined: list[Span] = []
    for word in words:
        start_ms = max(0, word.start_ms - span.start_ms)
        end_ms = min(span.duration_ms, word.end_ms - span.start_ms)
        if joined and start_ms - joined[-1].end_ms < _GAP_MS:
            start_ms, end_ms = joined[-1].start_ms, max(end_ms, joined.pop().end_ms)
        joined.append(Span(start_ms, end_ms))
    return tuple(joined)
