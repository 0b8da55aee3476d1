"""Timecode as editors write it, `HH:MM:SS:FF`: SMPTE ST 12-1, counted at the rounded rate. Pure."""

import re
from fractions import Fraction

_DAY_HOURS = 24


def timecode(frame: int, fps: Fraction) -> str:
    """Non-drop timecode of a frame: frames are counted, not seconds measured."""
    rate = round(fps)
    seconds, frames = divmod(frame, rate)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours % _DAY_HOURS:02d}:{minute:02d}:{second:02d}:{frames:02d}"


def frame_of(text: str, fps: Fraction) -> int:
    """The frame a timecode names; a `;` before the frames means drop frame. 0 where it is none."""
    match = re.fullmatch(r"(\d\d):(\d\d):(\d\d)([:;.,])(\d\d)", text.strip())
    if not match:
        return 0
    hours, minutes, seconds, frames = (int(match.group(part)) for part in (1, 2, 3, 5))
    rate = round(fps)
    total_minutes = hours * 60 + minutes
    frame = (total_minutes * 60 + seconds) * rate + frames
    if match.group(4) == ":" or rate % 30:
        return frame
    # Drop frame leaves out the first numbers of every minute but the tenth: 2 at 30, 4 at 60.
    return frame - rate // 15 * (total_minutes - total_minutes // 10)
