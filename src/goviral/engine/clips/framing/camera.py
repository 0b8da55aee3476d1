"""The camera's path in one shot: steady by default, eased when the subject really leaves. Pure.

The whole shot is known beforehand, so nothing is filtered or chased. The shot is divided into the
fewest holds during which the subject stays within a dead zone; between holds the crop glides with
smoothstep easing, half-way when the subject is half-way. Rejected: exponential smoothing and springs
(they always lag and never rest), a Kalman filter (the same, with more numbers).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from statistics import median

from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import CropKey
from goviral.kit.timecode import Span

MIN_HOLD_MS = 800
"""Rest between two moves of opposite direction: less looks nervous."""
PEAK_SPEED = 1.2
"""Crop widths a second at the fastest point of a move."""
PEAK_ACCELERATION = 4.0
"""Crop widths a second, a second."""
_SHORTEST_MOVE_MS = 600
_CALM_MS = 1600
_TUNING_MS = (-1600, -1200, -800, -400, 0, 400, 800, 1200, 1600)

# Smoothstep 3p²-2p³ over a time T and a distance d: peak speed 1.5 d/T, peak acceleration 6 d/T².
_EASE_SPEED = 1.5
_EASE_ACCELERATION = 6.0


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the crop's corner should be at a moment of the clip, in source pixels."""

    at_ms: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Lens:
    """What binds the camera in a shot: where the corner may go and how far it may be off.

    `slack_*` is the dead zone, `reach_*` what still keeps the subject whole; both are half-widths.
    `unit` is the crop's width, in which speeds are counted.
    """

    unit: float
    max_x: float
    max_y: float
    slack_x: float
    slack_y: float
    reach_x: float
    reach_y: float
    min_x: float = 0.0
    min_y: float = 0.0

    def held(self, aim: Aim) -> Aim:
        """The aim, kept where the corner may go."""
        x = min(max(aim.x, self.min_x), self.max_x)
        return Aim(aim.at_ms, x, min(max(aim.y, self.min_y), self.max_y))


@dataclass(frozen=True, slots=True)
class _Hold:
    first: int
    last: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Move:
    """A glide; only `start_ms`, `end_ms` and its ends matter."""

    start_ms: float
    end_ms: float
    origin: tuple[float, float]
    target: tuple[float, float]

    @property
    def distance(self) -> float:
        return max(abs(self.target[axis] - self.origin[axis]) for axis in (0, 1))


def steady_path(aims: Sequence[Aim], lens: Lens, span: Span) -> tuple[CropKey, ...]:
    """Key frames of the corner through a shot (`span`, clip time) that follow `aims`.

    Speed and acceleration stay below `PEAK_SPEED` and `PEAK_ACCELERATION`, and no direction is
    reversed within `MIN_HOLD_MS`: where the subject is faster than that, it may leave the picture.
    """
    wanted = [lens.held(aim) for aim in _without_outliers(aims)]
    if not wanted:
        return (CropKey(span.start_ms, lens.min_x, lens.min_y),)
    holds = _holds(wanted, lens)
    moves = [_move(wanted, one, other, lens, span) for one, other in pairwise(holds)]
    if any(move.end_ms - move.start_ms > span.duration_ms for move in moves):
        holds, moves = [_rest(wanted, 0, len(wanted) - 1, lens)], []
    return _keys(_settled(moves, wanted, lens, span), (holds[0].x, holds[0].y), span)


def move_ms(distance: float, unit: float) -> float:
    """The shortest time in which a glide over `distance` pixels stays within the limits."""
    travel = distance / unit
    by_speed = _EASE_SPEED * travel / PEAK_SPEED
    by_acceleration = sqrt(_EASE_ACCELERATION * travel / PEAK_ACCELERATION)
    return max(_SHORTEST_MOVE_MS, 1000 * by_speed, 1000 * by_acceleration)


def _without_outliers(aims: Sequence[Aim]) -> list[Aim]:
    """Median of three: one wrong sighting moves nothing."""
    if len(aims) < 3:
        return list(aims)
    inner = [
        Aim(b.at_ms, median((a.x, b.x, c.x)), median((a.y, b.y, c.y)))
        for a, b, c in zip(aims, aims[1:], aims[2:], strict=False)
    ]
    return [aims[0], *inner, aims[-1]]


def _holds(wanted: Sequence[Aim], lens: Lens) -> list[_Hold]:
    """The fewest stretches each of which one corner can serve (interval stabbing)."""
    holds: list[_Hold] = []
    first = 0
    low_x = low_y = float("-inf")
    high_x = high_y = float("inf")
    for index, aim in enumerate(wanted):
        low_x, high_x = max(low_x, aim.x - lens.slack_x), min(high_x, aim.x + lens.slack_x)
        low_y, high_y = max(low_y, aim.y - lens.slack_y), min(high_y, aim.y + lens.slack_y)
        if low_x > high_x or low_y > high_y:
            holds.append(_rest(wanted, first, index - 1, lens))
            first = index
            low_x, high_x = aim.x - lens.slack_x, aim.x + lens.slack_x
            low_y, high_y = aim.y - lens.slack_y, aim.y + lens.slack_y
    holds.append(_rest(wanted, first, len(wanted) - 1, lens))
    return holds


def _rest(wanted: Sequence[Aim], first: int, last: int, lens: Lens) -> _Hold:
    """Where the subject is most of the time, as near as the dead zone of all of it allows."""
    part = wanted[first : last + 1]
    x = _between([aim.x for aim in part], lens.slack_x)
    y = _between([aim.y for aim in part], lens.slack_y)
    return _Hold(first, last, round(x), round(y))


def _between(values: Sequence[float], slack: float) -> float:
    low, high = max(values) - slack, min(values) + slack
    middle = median(values)
    return (low + high) / 2 if low > high else min(max(middle, low), high)


def _move(wanted: Sequence[Aim], one: _Hold, other: _Hold, lens: Lens, span: Span) -> _Move:
    origin, target = (one.x, one.y), (other.x, other.y)
    needed_ms = move_ms(max(abs(other.x - one.x), abs(other.y - one.y)), lens.unit)
    return _placed(_crossing_ms(wanted, one, other), needed_ms, origin, target, span)


def _placed(
    middle_ms: float,
    needed_ms: float,
    origin: tuple[float, float],
    target: tuple[float, float],
    span: Span,
) -> _Move:
    """A move around `middle_ms`, pushed inside the shot."""
    start_ms = min(middle_ms - needed_ms / 2, span.end_ms - needed_ms)
    start_ms = max(start_ms, span.start_ms)
    return _Move(start_ms, start_ms + needed_ms, origin, target)


def _crossing_ms(wanted: Sequence[Aim], one: _Hold, other: _Hold) -> float:
    """When the subject passes half-way from one hold to the next."""
    along = (other.x - one.x, other.y - one.y)
    length = along[0] ** 2 + along[1] ** 2 or 1.0

    def progress(aim: Aim) -> float:
        return ((aim.x - one.x) * along[0] + (aim.y - one.y) * along[1]) / length

    late = [i for i in range(one.first, other.last) if progress(wanted[i]) < 0.5]
    before = wanted[late[-1] if late else one.last]
    after = wanted[min((late[-1] if late else one.last) + 1, len(wanted) - 1)]
    low, high = progress(before), progress(after)
    share = (0.5 - low) / (high - low) if high > low else 0.5
    return before.at_ms + min(max(share, 0.0), 1.0) * (after.at_ms - before.at_ms)


def _settled(moves: Sequence[_Move], wanted: Sequence[Aim], lens: Lens, span: Span) -> list[_Move]:
    """Moves that neither overlap nor reverse too soon; those in one direction become one."""
    settled: list[_Move] = []
    for move in moves:
        coming = move
        while settled and coming.start_ms - settled[-1].end_ms < _rest_ms(settled[-1], coming):
            last = settled.pop()
            joined = _joined(last, coming, wanted, lens, span)
            apart = _apart(last, coming)
            if apart.end_ms <= span.end_ms and _misses((last, apart), wanted, lens) < _misses(
                (joined,), wanted, lens
            ):
                settled.append(last)
                coming = apart
                break
            coming = joined
        settled.append(coming)
    return settled


def _rest_ms(one: _Move, other: _Move) -> float:
    """The rest between two moves below which they are looked at again."""
    return MIN_HOLD_MS if _reverses(one, other) else _CALM_MS


def _reverses(one: _Move, other: _Move) -> bool:
    return any(
        (one.target[axis] - one.origin[axis]) * (other.target[axis] - other.origin[axis]) < 0
        for axis in (0, 1)
    )


def _joined(one: _Move, other: _Move, wanted: Sequence[Aim], lens: Lens, span: Span) -> _Move:
    """One glide for two: past the rest between them, or past an excursion too short to follow."""
    whole = _Move(one.start_ms, max(one.end_ms, other.end_ms), one.origin, other.target)
    needed_ms = max(move_ms(whole.distance, lens.unit), whole.end_ms - whole.start_ms)
    if _reverses(one, other):
        needed_ms = move_ms(whole.distance, lens.unit)
    middle_ms = (whole.start_ms + whole.end_ms) / 2
    glide = _placed(middle_ms, needed_ms, whole.origin, whole.target, span)
    return glide if _reverses(one, other) else _tuned(glide, wanted, lens, span)


def _tuned(glide: _Move, wanted: Sequence[Aim], lens: Lens, span: Span) -> _Move:
    """Begun and ended when the subject is nearest to it all the way, within the speed limits."""
    least_ms = move_ms(glide.distance, lens.unit)
    choices = [
        replace(glide, start_ms=glide.start_ms + early_ms, end_ms=glide.end_ms + late_ms)
        for early_ms in _TUNING_MS
        for late_ms in _TUNING_MS
    ]
    possible = [
        choice
        for choice in choices
        if choice.end_ms - choice.start_ms >= least_ms
        and span.start_ms <= choice.start_ms
        and choice.end_ms <= span.end_ms
    ]
    return min(possible, key=lambda choice: _strayed(choice, wanted, glide), default=glide)


def _strayed(choice: _Move, wanted: Sequence[Aim], glide: _Move) -> float:
    """Squared distance from the subject, summed over the time around the glide."""
    path = _keys((choice,), choice.origin, Span(0, 0))
    first_ms, last_ms = glide.start_ms + _TUNING_MS[0], glide.end_ms + _TUNING_MS[-1]
    strayed = 0.0
    for aim in wanted:
        if first_ms <= aim.at_ms <= last_ms:
            x, y = corner_at(path, aim.at_ms)
            strayed += (x - aim.x) ** 2 + (y - aim.y) ** 2
    return strayed


def _apart(one: _Move, other: _Move) -> _Move:
    """The second move, begun as late as the first demands."""
    rest_ms = MIN_HOLD_MS if _reverses(one, other) else 0
    late_ms = max(0.0, one.end_ms + rest_ms - other.start_ms)
    return replace(other, start_ms=other.start_ms + late_ms, end_ms=other.end_ms + late_ms)


def _misses(moves: Sequence[_Move], wanted: Sequence[Aim], lens: Lens) -> float:
    """How far, summed over the sightings, the subject would stand out of the picture."""
    path = _keys(moves, moves[0].origin, Span(0, 0))
    missed = 0.0
    for aim in wanted:
        x, y = corner_at(path, aim.at_ms)
        missed += max(0.0, abs(x - aim.x) - lens.reach_x) + max(0.0, abs(y - aim.y) - lens.reach_y)
    return missed


def _keys(moves: Sequence[_Move], origin: tuple[float, float], span: Span) -> tuple[CropKey, ...]:
    keys = [CropKey(span.start_ms, *origin)]
    for move in moves:
        if move.distance < 1:
            continue
        for at_ms, (x, y) in ((move.start_ms, move.origin), (move.end_ms, move.target)):
            key = CropKey(round(at_ms), x, y)
            keys = [*keys[:-1], key] if key.at_ms <= keys[-1].at_ms else [*keys, key]
    return tuple(keys)
