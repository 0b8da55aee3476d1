"""Who speaks, moment by moment, of the faces of one shot: lips against sound, and the transcript's turns. Pure.

Lips that move while somebody is heard speak for a face; what they do in silence (chewing, smiling) is taken
off first. The most likely sequence of speakers is found in which nobody has the word for less than 0.8 s.
Rejected: the face that moves most in each window (it flickers between syllables), correlation of lips and
loudness (in a second of speech there are four syllables: too few to tell it from chance).
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations
from math import log
from statistics import fmean, median
from typing import TYPE_CHECKING

from goviral.engine.clips.framing.camera import MIN_HOLD_MS
from goviral.engine.clips.framing.camera_scenes import Scene
from goviral.engine.clips.framing.subjects import Track
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from goviral.engine.media.look import Look
    from goviral.engine.media.signals import Levels
    from goviral.engine.transcripts.document import Word

_STEP_MS = 100
_HOLD_MS = MIN_HOLD_MS + _STEP_MS
"""A step more than the picture is held: cuts lie on whole frames, and rounding takes up to one away."""
_LEVEL_MS = 50
_SMOOTH_STEPS = 3
_FLOOR_SHARE = 0.12
_CLEAR_OF_SPEECH_STEPS = 3
_SWITCH_COST = 2.5
_LABEL_WORTH = 1.2
_LABEL_MARGIN = 0.05
_MOST_LABELS = 4
_LEAST_EVIDENCE = 0.25
"""Of what certainty would give, on average over the voiced steps."""
_LEAST_VOICED_STEPS = 8
"""Fewer tell nothing: neither of lips that move in speech nor of lips at rest."""
_SNAP_MS = 250


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody has the word: `who` is a number in the group asked about; clip time."""

    span: Span
    who: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What there is to judge speakers by, in clip time.

    `lips`: how much the lips of a track moved, at moments. `levels_db`: loudness every 50 ms from the
    clip's start; below `quiet_db` nobody speaks. `words` carry speakers where the transcript knows them.
    """

    lips: "Mapping[int, Sequence[tuple[int, float]]]"
    levels_db: Sequence[float] = ()
    quiet_db: float = -90.0
    words: "Sequence[Word]" = ()


def heard_of(look: "Look", span: Span, words: "Sequence[Word]") -> Heard:
    """The part of a look, and of a transcript's words, that tells who speaks in a clip."""
    lips: dict[int, list[tuple[int, float]]] = {}
    for seen in look.lips:
        lips.setdefault(seen.track, []).append((seen.at_ms - span.start_ms, seen.movement))
    shifted = tuple(
        replace(w, start_ms=w.start_ms - span.start_ms, end_ms=w.end_ms - span.start_ms)
        for w in words
        if w.speaker
    )
    if look.levels is None:
        return Heard(lips, words=shifted)
    return Heard(lips, _coarse(look.levels, span), look.levels.quiet_db, shifted)


def _coarse(levels: "Levels", span: Span) -> list[float]:
    """The loudest of every 50 ms of the clip."""
    first = max(0, (span.start_ms - levels.start_ms) // levels.step_ms)
    size = max(1, _LEVEL_MS // levels.step_ms)
    return [max(levels.db[i : i + size]) for i in range(first, len(levels.db), size)]


def speaking_turns(scene: Scene, group: Sequence[Track], heard: Heard) -> tuple[Turn, ...]:
    """Who has the word from when to when, without gaps through the scene; empty where it cannot be told."""
    count = -(-scene.span.duration_ms // _STEP_MS)
    if len(group) < 2 or not heard.levels_db or count < 2:
        return ()
    voiced = _voiced(scene.span, count, heard)
    lips = [_lips(track, scene.span, count, heard) for track in group]
    watched = sum(voiced[step] for step in _watched(group, scene.span, count, heard))
    if watched < _LEAST_VOICED_STEPS or not all(any(track) for track in lips):
        return ()
    evidence = _evidence(lips, voiced)
    evidence = _with_labels(evidence, scene.span, heard)
    chosen = _most_likely(evidence, _HOLD_MS // _STEP_MS)
    gain = fmean(
        evidence[who][step] - log(1 / len(group)) for step, who in enumerate(chosen) if voiced[step]
    )
    if gain < _LEAST_EVIDENCE * log(len(group)):
        return ()
    return _settled(_turns(chosen, scene.span), scene.span, heard)


def _voiced(span: Span, count: int, heard: Heard) -> list[bool]:
    """The steps in which somebody is heard."""
    per_step = _STEP_MS // _LEVEL_MS
    first = span.start_ms // _LEVEL_MS
    loud = [level >= heard.quiet_db for level in heard.levels_db[first:]]
    steps = [any(loud[i * per_step : (i + 1) * per_step]) for i in range(count)]
    # Between syllables it is quiet for a moment, and somebody speaks all the same.
    return [any(steps[max(0, i - 1) : i + 2]) for i in range(count)]


def _lips(track: Track, span: Span, count: int, heard: Heard) -> list[float]:
    """How much a face's lips move in each step: the last known where they were not seen."""
    seen = sorted(each for id_ in track.ids for each in heard.lips.get(id_, ()))
    times = [at_ms for at_ms, _ in seen]
    moved: list[float] = []
    for step in range(count):
        start_ms = span.start_ms + step * _STEP_MS
        first, end = bisect_left(times, start_ms), bisect_left(times, start_ms + _STEP_MS)
        # A movement belongs to the time before it was seen.
        part = [value for _, value in seen[first : max(end, first + 1)]]
        moved.append(fmean(part) if part else 0.0)
    return moved


def _watched(group: Sequence[Track], span: Span, count: int, heard: Heard) -> range:
    """The steps between the first and the last look at lips: before and after it is guessed."""
    ids = {id_ for track in group for id_ in track.ids}
    seen = [at_ms for id_ in ids for at_ms, _ in heard.lips.get(id_, ()) if span.contains(at_ms)]
    if not seen:
        return range(0)
    first, last = ((at_ms - span.start_ms) // _STEP_MS for at_ms in (min(seen), max(seen)))
    return range(first, min(last + 1, count))


def _evidence(lips: Sequence[Sequence[float]], voiced: Sequence[bool]) -> list[list[float]]:
    """For each face and step the logarithm of how likely it is the one who speaks; 0 for all in silence."""
    free = [_above_own_rest(track, voiced) for track in lips]
    smooth = [_smoothed(track) for track in free]
    usual = sorted(value for track in smooth for value in track)
    floor = max(1e-6, _FLOOR_SHARE * usual[int(len(usual) * 0.95)])
    evidence: list[list[float]] = [[] for _ in lips]
    for step, heard in enumerate(voiced):
        total = sum(track[step] + floor for track in smooth)
        for face, track in zip(evidence, smooth, strict=True):
            face.append(log((track[step] + floor) / total) if heard else log(1 / len(lips)))
    return evidence


def _above_own_rest(track: Sequence[float], voiced: Sequence[bool]) -> list[float]:
    """What the lips do beyond what they do while nobody is heard."""
    reach = _CLEAR_OF_SPEECH_STEPS
    silent = [
        value
        for step, value in enumerate(track)
        if not any(voiced[max(0, step - reach) : step + reach + 1])
    ]
    rest = median(silent) if len(silent) >= _LEAST_VOICED_STEPS else 0.0
    return [max(0.0, value - rest) for value in track]


def _smoothed(track: Sequence[float]) -> list[float]:
    reach = _SMOOTH_STEPS
    return [fmean(track[max(0, i - reach) : i + reach + 1]) for i in range(len(track))]


def _with_labels(evidence: list[list[float]], span: Span, heard: Heard) -> list[list[float]]:
    """The same, each of the transcript's speakers being the face whose lips moved in that one's words."""
    spoken = _spoken_steps(len(evidence[0]), span, heard)
    faces = [list(face) for face in evidence]
    for face, steps in zip(_cast(evidence, spoken), spoken, strict=False):
        for step in steps:
            faces[face][step] += _LABEL_WORTH
    return faces


def _spoken_steps(count: int, span: Span, heard: Heard) -> list[list[int]]:
    """The steps of each speaker the transcript knows, who speaks most first."""
    spoken: dict[str, set[int]] = {}
    for word in heard.words:
        first = max(0, (word.start_ms - span.start_ms) // _STEP_MS)
        end = min(count, -(-(word.end_ms - span.start_ms) // _STEP_MS))
        spoken.setdefault(word.speaker or "", set()).update(range(first, end))
    return sorted((sorted(steps) for steps in spoken.values() if steps), key=lambda s: (-len(s), s))


def _cast(evidence: Sequence[Sequence[float]], spoken: Sequence[Sequence[int]]) -> Sequence[int]:
    """The face of each speaker, all of them chosen together; none where another choice is as likely.

    Speakers beyond the number of faces, and beyond four, are left out.
    """
    seen = spoken[: min(len(evidence), _MOST_LABELS)]
    if not seen:
        return ()

    def worth(faces: Sequence[int]) -> float:
        pairs = zip(faces, seen, strict=True)
        return sum(evidence[face][step] for face, steps in pairs for step in steps)

    choices = sorted(permutations(range(len(evidence)), len(seen)), key=worth, reverse=True)
    lead = worth(choices[0]) - worth(choices[1])
    return choices[0] if lead >= _LABEL_MARGIN * sum(map(len, seen)) else ()


def _most_likely(evidence: Sequence[Sequence[float]], hold: int) -> list[int]:
    """Who speaks in each step, so that the evidence is greatest, each turn at least `hold` steps long.

    `best[t]`: the greatest evidence of the steps before t when a turn ends there. With sums of evidence
    from the beginning, a turn of face k from s to t adds `sums[k][t] - sums[k][s]`.
    """
    count = len(evidence[0])
    hold = min(hold, count)
    sums = [_running(face) for face in evidence]
    best = [0.0] + [float("-inf")] * count
    came: list[tuple[int, int]] = [(0, 0)] * (count + 1)
    opened: list[tuple[float, int]] = [(float("-inf"), 0)] * len(evidence)
    for end in range(hold, count + 1):
        start = end - hold
        for face, total in enumerate(sums):
            cost = _SWITCH_COST if start else 0.0
            opened[face] = max(opened[face], (best[start] - cost - total[start], -start))
            value = opened[face][0] + total[end]
            if value > best[end]:
                best[end], came[end] = value, (-opened[face][1], face)
    return _traced(came, count)


def _running(values: Sequence[float]) -> list[float]:
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    return sums


def _traced(came: Sequence[tuple[int, int]], count: int) -> list[int]:
    chosen = [0] * count
    end = count
    while end:
        start, face = came[end]
        chosen[start:end] = [face] * (end - start)
        end = start
    return chosen


def _turns(chosen: Sequence[int], span: Span) -> list[Turn]:
    edges = [step for step in range(1, len(chosen)) if chosen[step] != chosen[step - 1]]
    times = [span.start_ms, *(span.start_ms + step * _STEP_MS for step in edges), span.end_ms]
    speakers = [chosen[0], *(chosen[step] for step in edges)]
    return [Turn(Span(*ends), who) for ends, who in zip(pairwise(times), speakers, strict=True)]


def _settled(turns: list[Turn], span: Span, heard: Heard) -> tuple[Turn, ...]:
    """Turns that change in the quietest moment near, where both still last long enough."""
    settled = turns[:1]
    for turn in turns[1:]:
        before = settled[-1]
        at_ms = _quietest(turn.span.start_ms, heard)
        if min(at_ms - before.span.start_ms, turn.span.end_ms - at_ms) < _HOLD_MS:
            at_ms = turn.span.start_ms
        settled[-1] = replace(before, span=Span(before.span.start_ms, at_ms))
        settled.append(replace(turn, span=Span(at_ms, turn.span.end_ms)))
    return tuple(settled)


def _quietest(at_ms: int, heard: Heard) -> int:
    """The end of the quietest moment around: the next speaker begins there."""
    step = _LEVEL_MS
    near = range((at_ms - _SNAP_MS) // step, (at_ms + _SNAP_MS) // step + 1)
    inside = [i for i in near if 0 <= i < len(heard.levels_db)]
    if not inside:
        return at_ms
    least = min(heard.levels_db[i] for i in inside)
    return max(i for i in inside if heard.levels_db[i] <= least + 1.0) * step + step
