"""A look into one film, in a process of its own: `python -m … PATH MAX_PIXELS MAX_TRACKS CPU_S`.

Answers with one line of JSON. Little memory, little time, no file written: whatever is in the film.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from goviral.engine.media.container import open_media
from goviral.engine.media.probe import probe
from goviral.kit.errors import AppError

_MEMORY_BYTES = 3 << 30
"""Of addresses, not of pages: libav and numpy map a good part of it before they work."""


def main(arguments: list[str]) -> int:
    """Look and say."""
    path, max_pixels, max_tracks, cpu_s = Path(arguments[0]), *map(int, arguments[1:4])
    _confine(cpu_s)
    try:
        answer = _count(path, max_pixels, max_tracks) or _facts(path)
    except AppError as error:
        # The path is ours and random: the creator would not know it.
        message = error.message.replace(str(path), "This file").replace(path.name, "This file")
        answer = {"refused": "media", "message": message, "remedy": error.remedy}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _confine(cpu_s: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _count(path: Path, max_pixels: int, max_tracks: int) -> dict[str, Any] | None:
    """What is too much, before anything is decoded."""
    with open_media(path) as container:
        tracks = len(container.streams)
        sizes = [(s.codec_context.width, s.codec_context.height) for s in _decodable(container)]
    if tracks > max_tracks:
        return _too_much(f"The film has {tracks} tracks; {max_tracks} are taken.")
    large = [size for size in sizes if size[0] * size[1] > max_pixels]
    if large:
        width, height = large[0]
        return _too_much(f"A picture of {width}x{height} is larger than is taken.")
    return None


def _decodable(container: Any) -> list[Any]:
    return [stream for stream in container.streams.video if stream.codec_context is not None]


def _too_much(message: str) -> dict[str, Any]:
    return {"refused": "limits", "message": message, "remedy": "Export it as a plain mp4."}


def _facts(path: Path) -> dict[str, Any]:
    media = probe(path)
    video = media.video
    return {
        "duration_ms": media.duration_ms,
        "width": video.width if video else None,
        "height": video.height if video else None,
        "fps": str(video.fps) if video else "",
        "has_audio": media.audio is not None,
        "container": media.container,
        "warnings": list(media.warnings),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
