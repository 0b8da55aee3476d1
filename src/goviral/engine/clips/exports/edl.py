"""CMX 3600: the list every editing program reads. One event a piece, all clips one after another. Pure.

It knows no framing: the crop and its key frames stand in comments behind each event.
"""

from collections.abc import Iterator
from pathlib import Path

from goviral.engine.clips.exports.cut_list import CutClip, CutList, Layer, Piece
from goviral.engine.clips.exports.smpte import timecode

_HOUR = 3600
_MOST_EVENTS = 999


def edl(cuts: CutList) -> str:
    """The list, at the rate of the first clip, its record time from one hour on as is the custom."""
    fps = cuts.clips[0].fps
    at, number = _HOUR * round(fps), 0
    lines = [f"TITLE: {_plain(cuts.name)}", "FCM: NON-DROP FRAME", ""]
    for clip in cuts.clips:
        for piece in clip.pieces:
            number += 1
            lines += _event(number, cuts, clip, piece, at)
        lines += _marks(clip, at)
        at += clip.frames
    return "\n".join(lines) + "\n"


def _event(number: int, cuts: CutList, clip: CutClip, piece: Piece, at: int) -> Iterator[str]:
    source = cuts.start_of(clip) + piece.source_start
    record = at + piece.start
    times = (source, source + piece.frames, record, record + piece.frames)
    tracks = _tracks(clip)
    codes = " ".join(timecode(time, clip.fps) for time in times)
    yield f"{number % (_MOST_EVENTS + 1):03d}  AX       {tracks:<5} C        {codes}"
    yield f"* FROM CLIP NAME: {_plain(Path(clip.source.path).name)}"
    yield f"* FROM FILE: {_plain(clip.source.path)}"
    yield f"* COMMENT: {_plain(clip.name)}, {piece.layout.value}"
    for layer in piece.layers:
        yield from _crop(layer, clip, record)
    yield ""


def _tracks(clip: CutClip) -> str:
    if clip.source.video_stream is None:
        return "AA"
    return "V" if clip.source.audio_stream is None else "AA/V"


def _crop(layer: Layer, clip: CutClip, record: int) -> Iterator[str]:
    place = layer.place
    for key in layer.keys:
        crop = key.crop
        yield (
            f"* CROP: {timecode(record + key.frame, clip.fps)} "
            f"{crop.width:g}x{crop.height:g}+{crop.x:g}+{crop.y:g} "
            f"TO {place.width:g}x{place.height:g}+{place.x:g}+{place.y:g}"
        )


def _marks(clip: CutClip, at: int) -> Iterator[str]:
    for mark in clip.marks:
        yield f"* LOC: {timecode(at + mark.frame, clip.fps)} RED     {_plain(mark.text)}"


def _plain(text: str) -> str:
    """One line; the format has no escapes."""
    return " ".join(text.split())
