"""Frames and samples into one small MP4."""

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg

from talk.compose import FPS
from talk.drawing import HEIGHT, WIDTH, Frame

AUDIO_BITS: Final = "48k"
CRF: Final = "27.5"


def _command(wav: Path, key_frames_ms: Sequence[int], target: Path) -> list[str]:
    """One thread and exact flags, so that the same ffmpeg writes the same bytes again."""
    keys = ",".join(f"{ms / 1000:.3f}" for ms in key_frames_ms)
    return [
        imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y",
        "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-",
        "-i", str(wav), "-map", "0:v", "-map", "1:a",
        "-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=fast_bilinear,format=yuv420p",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-c:v", "libx264", "-preset", "slow", "-crf", CRF, "-threads", "1", "-g", "300",
        "-x264-params", "bframes=5:aq-mode=3:scenecut=40", "-force_key_frames", keys,
        "-c:a", "aac", "-b:a", AUDIO_BITS, "-ac", "1",
        "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
        "-movflags", "+faststart", str(target),
    ]  # fmt: skip


def encode(frames: Iterable[Frame], wav: Path, key_frames_ms: Sequence[int], target: Path) -> None:
    """Write `target`; raises RuntimeError if ffmpeg fails."""
    command = _command(wav, key_frames_ms, target)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for frame in frames:
            process.stdin.write(frame.data)
        process.stdin.close()
        if process.wait() != 0:
            raise RuntimeError("ffmpeg could not encode the talk")
