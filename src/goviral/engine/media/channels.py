"""Stereo with sound on one side only: a microphone in one of two channels. Pure."""

import re

SIDES = ("left", "right")
LEVELS = (
    "asplit[heard],aselect='not(mod(n,4))',"
    "astats=measure_perchannel=RMS_level:measure_overall=none,anullsink;[heard]anull"
)
"""Filters that write what `only_side` reads into ffmpeg's log; the sound passes them as it is. Of a quarter
of it, as astats costs more than all else that is measured."""
_APART_DB = 40.0
"""A side this far below the other is nobody's: in true stereo each hears the other's voice."""
_RMS = re.compile(r"RMS level dB: (-?[\d.]+|-?inf|nan)")


def only_side(log: str) -> str:
    """The side of two channels that alone has sound, after `LEVELS`; empty where both have, or neither,
    and for mono and surround."""
    levels_db = [float(level) for level in _RMS.findall(log)]
    if len(levels_db) != len(SIDES):
        return ""
    left, right = levels_db
    if left - right >= _APART_DB:
        return "left"
    return "right" if right - left >= _APART_DB else ""


def on_both_sides(side: str) -> str:
    """The filter that lets one side of stereo be heard on both; empty where none is named."""
    if not side:
        return ""
    number = SIDES.index(side)
    # Hand-written plans may name a side of a source that is not stereo: it is made so first.
    return f"aformat=channel_layouts=stereo,pan=stereo|c0=c{number}|c1=c{number}"
