"""Where a filler that runs into the next word can be cut off: at the dip of the sound between them. Pure.

Sounds such as "um" have no stop inside them, words often have one: so the dip is looked for from the
filler's loudest point on, and the first one is taken, at its near end. Measured on fillers of the sample
talk spliced to its words, with a recogniser 60 ms off: a fifth can be cut off so; of those, one in
thirty-five takes something of the word along that is heard. Looking 80 ms into the word made that one in
eight. Rejected: the same for the word before. Words end in stops: most cuts took the last sound along.
"""

from fractions import Fraction
from math import ceil, floor

from goviral.engine.media.signals import Levels
from goviral.kit.timecode import Span, frame_start_ms

_INTO_FILLER_MS, _INTO_WORD_MS = 80, 20
"""How far from the recogniser's border a dip may be."""
_CLEAR_DB = 12.0
"""How far the sound falls below both neighbours; an "m" or an unstressed vowel falls by less."""
_BESIDE_MS = 200
"""What of the word is listened to."""
_FADE_MS = 10
"""The cross-fade lies in the dip too: so much on either side."""


def dip_after(levels: Levels, filler: Span, fps: Fraction) -> int | None:
    """The first frame that stays of the word after a filler; None without a clear dip between them.

    `filler` is where the recogniser heard it, counted as `levels` are. Whole frames are cut, so the dip has
    to lie where one begins.
    """
    earliest_ms = max(filler.end_ms - _INTO_FILLER_MS, _loudest_ms(levels, filler))
    first = max(1, ceil(earliest_ms * fps / 1000))
    last = floor((filler.end_ms + _INTO_WORD_MS) * fps / 1000)
    frames = range(first, last + 1)
    return next((frame for frame in frames if _is_dip(levels, frame, filler, fps)), None)


def _is_dip(levels: Levels, frame: int, filler: Span, fps: Fraction) -> bool:
    at_ms = frame_start_ms(frame, fps)
    filler_db = _loudest(levels, filler.start_ms, filler.end_ms)
    word_db = _loudest(levels, at_ms, at_ms + _BESIDE_MS)
    falls_to = _loudest(levels, at_ms - _FADE_MS, at_ms + _FADE_MS)
    return falls_to <= min(filler_db, word_db) - _CLEAR_DB


def _loudest_ms(levels: Levels, span: Span) -> int:
    first, end = span.start_ms // levels.step_ms, -(-span.end_ms // levels.step_ms)
    steps = range(max(0, first), min(end, len(levels.db)))
    return levels.step_ms * max(steps, key=lambda step: levels.db[step], default=first)


def _loudest(levels: Levels, start_ms: int, end_ms: int) -> float:
    first, end = start_ms // levels.step_ms, -(-end_ms // levels.step_ms)
    return max(levels.db[max(0, first) : max(0, end)], default=levels.quiet_db)
