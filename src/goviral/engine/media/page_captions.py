"""Which of a page's caption tracks says what is spoken. Pure: yt-dlp's lists in, a choice out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMATS = ("json3", "vtt", "srt")
_NOT_SPEECH = frozenset({"live_chat", "rechat", "danmaku", "comments"})
_ORIGINAL = "-orig"


@dataclass(frozen=True, slots=True)
class Track:
    """A caption track: `language` as the page names it (`en`, `en-US`, `en-orig`)."""

    language: str
    automatic: bool


def choose_track(info: Mapping[str, Any], language: str | None) -> Track | None:
    """The track in the spoken language: written by hand before recognised by machine.

    Translated tracks are worse than none: their words are not in the sound. So with several languages
    and no telling which one is spoken, nothing is chosen.
    """
    manual = _usable(info.get("subtitles"))
    automatic = _usable(info.get("automatic_captions"))
    spoken = language or info.get("language") or _original(automatic)
    if spoken is None:
        return Track(manual[0], automatic=False) if len(manual) == 1 else None
    in_manual = _best(manual, spoken)
    if in_manual is not None:
        return Track(in_manual, automatic=False)
    in_automatic = _best(automatic, spoken)
    return Track(in_automatic, automatic=True) if in_automatic is not None else None


def _usable(tracks: Mapping[str, Any] | None) -> Sequence[str]:
    return [
        name
        for name, files in (tracks or {}).items()
        if name not in _NOT_SPEECH and any(file.get("ext") in FORMATS for file in files or ())
    ]


def _original(automatic: Sequence[str]) -> str | None:
    """YouTube marks the recognised track from which the others are translated: `en-orig`."""
    marked = [name.removesuffix(_ORIGINAL) for name in automatic if name.endswith(_ORIGINAL)]
    if marked:
        return marked[0]
    return automatic[0] if len(automatic) == 1 else None


def _best(names: Sequence[str], spoken: str) -> str | None:
    """The original track, else the exact name, else the same language of another region."""
    wanted = spoken.lower()
    root = wanted.split("-")[0]
    ranked = (
        [name for name in names if name.lower() == wanted + _ORIGINAL],
        [name for name in names if name.lower() == wanted],
        [name for name in names if name.lower().split("-")[0] == root],
    )
    return next((found[0] for found in ranked if found), None)
