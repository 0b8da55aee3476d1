"""Small films and sounds whose every frame and sample is known, written with PyAV."""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
RATE_HZ = 48000


@dataclass(frozen=True)
class Encoding:
    """How a film is written; `times_ms` makes it uneven."""

    fps: Fraction = Fraction(25)
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    gop: int = 25
    times_ms: Sequence[int] | None = None
    options: dict[str, str] = field(default_factory=dict)
    container: dict[str, str] = field(default_factory=dict)
    audio_codec: str = "aac"
    layout: str = "stereo"
    sound_starts_ms: int = 0
    pixel_shape: Fraction = Fraction(1)
    color: dict[str, int] = field(default_factory=dict)


def write_film(
    path: Path,
    pictures: Iterable[Picture] = (),
    sound: NDArray[np.float32] | None = None,
    encoding: Encoding = Encoding(),
) -> Path:
    """Pictures are RGB, (height, width, 3); sound is (channels, samples) at 48 kHz."""
    with av.open(str(path), "w", options=encoding.container) as out:
        frames = iter(pictures)
        first = next(frames, None)
        video = None if first is None else _video_stream(out, first, encoding)
        audio = None
        if sound is not None:
            audio = out.add_stream(encoding.audio_codec, rate=RATE_HZ, layout=encoding.layout)
        if video is not None and first is not None:
            _write_pictures(out, video, first, frames, encoding)
        if audio is not None and sound is not None:
            _write_sound(out, audio, sound, encoding)
    return path


def _video_stream(out: Any, first: Picture, encoding: Encoding) -> Any:
    options = {"preset": "ultrafast", "crf": "16"} if encoding.codec == "libx264" else {}
    video = out.add_stream(
        encoding.codec, rate=encoding.fps, options={**options, **encoding.options}
    )
    video.height, video.width = first.shape[:2]
    video.pix_fmt = encoding.pix_fmt
    video.codec_context.gop_size = encoding.gop
    video.codec_context.time_base = Fraction(1, 1000) if encoding.times_ms else 1 / encoding.fps
    video.codec_context.sample_aspect_ratio = encoding.pixel_shape
    for name, value in encoding.color.items():
        setattr(video.codec_context, name, value)
    return video


def _write_pictures(
    out: Any, video: Any, first: Picture, rest: Iterable[Picture], encoding: Encoding
) -> None:
    for number, picture in enumerate([first, *rest]):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
            format=encoding.pix_fmt
        )
        frame.pts = encoding.times_ms[number] if encoding.times_ms else number
        frame.time_base = video.codec_context.time_base
        out.mux(video.encode(frame))
    out.mux(video.encode(None))


def _write_sound(out: Any, audio: Any, sound: NDArray[np.float32], encoding: Encoding) -> None:
    for start in range(0, sound.shape[1], 1024):
        block = np.ascontiguousarray(sound[:, start : start + 1024], np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=encoding.layout)
        frame.sample_rate = RATE_HZ
        frame.time_base = Fraction(1, RATE_HZ)
        frame.pts = start + encoding.sound_starts_ms * RATE_HZ // 1000
        out.mux(audio.encode(frame))
    out.mux(audio.encode(None))


def ffmpeg(*arguments: object) -> None:
    """What only the command line can write: display rotation, cover art, stream copies."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    subprocess.run([*command, *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


def gray(level: int, width: int = 160, height: int = 90) -> Picture:
    return np.full((height, width, 3), level, np.uint8)


def texture(seed: int, width: int = 160, height: int = 90) -> Picture:
    """A picture of its own: large soft blocks of colour."""
    import cv2

    coarse = np.random.default_rng(seed).integers(0, 255, (6, 10, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def numbered(count: int, width: int = 160, height: int = 90) -> list[Picture]:
    """Frames whose brightness tells their number: `number_of(frame)`."""
    return [gray(10 + 4 * i, width, height) for i in range(count)]


def number_of(picture: Picture) -> int:
    return round((float(picture.mean()) - 10) / 4)


def tone(
    seconds: float, *, hertz: float = 440, level: float = 0.25, channels: int = 2
) -> NDArray[np.float32]:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)
    return np.tile(wave, (channels, 1))


def hush(seconds: float, channels: int = 2) -> NDArray[np.float32]:
    return np.zeros((channels, round(seconds * RATE_HZ)), np.float32)


def joined(*parts: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate(parts, axis=1)


def speechlike(seconds: float, *, level: float = 0.1, seed: int = 1) -> NDArray[np.float32]:
    """Noise in syllables with rare peaks well above: what makes a limiter work."""
    count = round(seconds * RATE_HZ)
    random = np.random.default_rng(seed)
    noise = np.convolve(random.normal(0, 1, count), np.ones(12) / 12, mode="same")
    at = np.arange(count) / RATE_HZ
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * at), 0.02, 1) * (np.sin(at * 0.9) > -0.8)
    wave = level * noise * syllables / 0.29
    peaks = random.integers(0, count, max(1, int(seconds * 2)))
    for peak in peaks:
        wave[peak : peak + 40] *= 4
    return np.tile(np.clip(wave, -1, 1).astype(np.float32), (2, 1))
