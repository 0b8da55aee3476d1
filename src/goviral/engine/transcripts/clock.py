"""Times as subtitle formats write them. Pure."""

import re

_TIME = r"(-?)(?:(\d+)\s*:\s*)?(\d+)\s*:\s*(\d{1,2})(?:\s*[.,:]\s*(\d{1,9}))?"
_CLOCK = re.compile(_TIME)
_ARROW = re.compile(rf"^\s*{_TIME}\s*(?:-{{1,3}}>|→|–>|—>)\s*(?:{_TIME})?")
_INLINE = re.compile(r"<(\d[\d:.,]*)>")

Timing = tuple[int, int | None]


def parse_timing(line: str) -> Timing | None:
    """`00:00:01,000 --> 00:00:02.500 align:start` → (1000, 2500); None where it is no timing line.

    Comma or dot, hours missing or beyond 99, any number of decimals. A missing end is None.
    """
    if ">" not in line and "→" not in line:
        return None
    match = _ARROW.match(line)
    if not match:
        return None
    groups = match.groups()
    return _ms(groups[:5]), _ms(groups[5:]) if groups[7] is not None else None


def parse_clock(text: str) -> int | None:
    """`1:02:03.450` → milliseconds; None where it is no time."""
    match = _CLOCK.fullmatch(text.strip())
    return _ms(match.groups()) if match else None


def format_clock(at_ms: int, mark: str) -> str:
    """`3723450` → `01:02:03.450`, `mark` before the milliseconds."""
    whole_s, ms = divmod(at_ms, 1000)
    minutes, second = divmod(whole_s, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}{mark}{ms:03d}"


def split_inline(line: str) -> list[tuple[int | None, str]]:
    """Text between WebVTT's inline times, each with the time it begins at (None: at the cue)."""
    first, *rest = _INLINE.split(line)
    pieces: list[tuple[int | None, str]] = [(None, first)] if first else []
    for stamp, text in zip(rest[::2], rest[1::2], strict=True):
        pieces.append((parse_clock(stamp), text))
    return pieces


def _ms(groups: tuple[str | None, ...]) -> int:
    sign, hours, minutes, seconds, fraction = groups
    ms = round(float(f"0.{fraction}") * 1000) if fraction else 0
    total = (int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)) * 1000 + ms
    return -total if sign else total
