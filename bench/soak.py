"""The service at work for a while: films in, clips out, all deleted, over and over in one process.

`python -m bench soak` for ten minutes, `SOAK_MINUTES=480 python -m bench soak` for a working day. What a
leak would show: memory and open files that rise from the second quarter to the last, files that stay.
"""

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from bench.api import Server, service
from bench.figure import Figure
from goviral.client import GoViral

_TALK = Path("examples/talk.mp4")
_FILM_S = 12
_MOMENTS = {"count": 1, "min_ms": 3000, "max_ms": 8000}
_PATIENCE_S = 300.0
_MOST_GROWTH = 1.01
"""An hour's: 1 %. Of a shorter run more is the allocator's rounding, so that it is only told."""


@dataclass(frozen=True)
class Standing:
    """What the process held after a round, when nothing was left to do."""

    at_s: float
    resident_mb: float
    open_files: int
    files: int


def measure(folder: Path) -> list[Figure]:
    """Rounds of upload, run and deletion for `SOAK_MINUTES`; fails where a round fails."""
    minutes = float(os.environ.get("SOAK_MINUTES", "10"))
    film = _film(folder)
    found: list[Standing] = []
    began_s = time.monotonic()
    with service(folder / "soak", "serve") as server:
        address = f"http://127.0.0.1:{server.port}"
        with GoViral(address, server.key) as client:
            while not found or found[-1].at_s < minutes * 60:
                _round(client, film, len(found))
                found.append(_standing(server, folder / "soak", time.monotonic() - began_s))
    return _figures(found)


def _film(folder: Path) -> Path:
    path = folder / "film.mp4"
    cut = ["-i", str(_TALK), "-t", str(_FILM_S), "-vf", "scale=320:180", "-preset", "ultrafast"]
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    subprocess.run([*ffmpeg, *cut, str(path)], check=True)
    return path


def _round(client: GoViral, film: Path, number: int) -> None:
    # Bytes of its own: the same film would be known already.
    own = film.with_name("round.mp4")
    own.write_bytes(film.read_bytes() + number.to_bytes(16, "big"))
    upload = client.uploads.send(own)
    video = client.videos.create(upload_id=upload.id, title=f"Round {number}")
    started = client.pipeline.start(video.id, engine="speech-only", moments=_MOMENTS)
    run = client.pipeline.wait(started.id, within_s=_PATIENCE_S)
    assert run.state == "succeeded", run
    assert [clip.state for clip in client.clips.list(video_id=video.id)] == ["ready"]
    client.videos.delete(video.id)


def _standing(server: Server, folder: Path, at_s: float) -> Standing:
    open_files = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
    files = sum(path.is_file() for path in (folder / "data").rglob("*"))
    return Standing(at_s, server.resident_mb(), open_files, files)


def _figures(found: list[Standing]) -> list[Figure]:
    quarter = max(1, len(found) // 4)
    early, late = found[quarter : 2 * quarter] or found[:1], found[-quarter:]

    def grown(of: str) -> float:
        values = [statistics.median(getattr(one, of) for one in part) for part in (early, late)]
        return values[1] / values[0]

    hours = (late[-1].at_s - early[0].at_s) / 3600
    aim = _MOST_GROWTH**hours if hours >= 1 else None
    return [
        Figure("soak, rounds of upload, run and deletion", float(len(found))),
        Figure("soak, memory at its end", late[-1].resident_mb, "MB"),
        Figure("soak, memory, last quarter / second", grown("resident_mb"), "x", aim),
        Figure("soak, open files, last quarter / second", grown("open_files"), "x", 1.0),
        Figure("soak, files left, last quarter / second", grown("files"), "x", 1.0),
    ]
