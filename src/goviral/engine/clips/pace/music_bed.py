"""A piece of music of one's own, heard once: how loud it is, and whether it can be used at all."""

from pathlib import Path

from goviral.engine.clips.pace.pace import Bed
from goviral.engine.media.ffmpeg import Ffmpeg
from goviral.engine.media.loudness import measure_loudness
from goviral.engine.media.probe import probe
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

_HEARD_MS = 180_000


def read_bed(ffmpeg: Ffmpeg, path: Path) -> Bed:
    """Measure the first three minutes. Raises `NotFoundError`, `InputError` where nothing is to be heard."""
    media = probe(path)
    if media.audio is None:
        raise InputError(f"{path.name} has no sound.", remedy="Give --music a file with music.")
    reading = measure_loudness(
        ffmpeg, path, Span(0, min(media.duration_ms, _HEARD_MS)), stream=media.audio.index
    )
    if reading.is_silent:
        raise InputError(f"{path.name} is silent.", remedy="Give --music another file.")
    return Bed(str(path.absolute()), media.fingerprint, reading.integrated_lufs, media.audio.index)
