"""Small films and transcripts with known content, made by the packaged ffmpeg."""

import json
import subprocess
from pathlib import Path

import imageio_ffmpeg

SAID = (
    "Nobody tells you this about money.",
    "I lost ten thousand dollars in one day!",
    "So why did I smile?",
    "Because the lesson was worth more.",
)


def ffmpeg(*arguments: object) -> None:
    """Run ffmpeg; fails loudly."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    subprocess.run([*command, *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


def film(
    path: Path,
    *,
    seconds: float = 9,
    size: str = "320x180",
    rate: str = "25",
    pixels: str = "yuv420p",
    channels: str = "stereo",
    sound: bool = True,
    extra: tuple[str, ...] = (),
) -> Path:
    """A test card with pink noise that comes and goes like speech."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}"]
    audio: list[str] = []
    if sound:
        inputs += ["-f", "lavfi", "-i", "anoisesrc=colour=pink:amplitude=0.3:seed=1:r=48000"]
        audio = ["-af", f"tremolo=f=2:d=0.9,aformat=channel_layouts={channels}", "-c:a", "aac"]
    ffmpeg(
        *inputs, "-t", seconds, *audio, "-c:v", "libx264", "-preset", "ultrafast",
        "-pix_fmt", pixels, "-g", "25", *extra, path,
    )  # fmt: skip
    return path


def said(path: Path, *, seconds: float = 9, sentences: tuple[str, ...] = SAID) -> Path:
    """The transcript of such a film: the sentences side by side, words evenly inside."""
    step_ms = int(seconds * 1000 / len(sentences))
    document: dict[str, object] = {"language": "en", "engine": "test"}
    document["sentences"] = [
        {"id": i, "text": text, "start_ms": i * step_ms + 100, "end_ms": (i + 1) * step_ms - 200}
        for i, text in enumerate(sentences)
    ]
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
