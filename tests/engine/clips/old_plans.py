"""A film that is the same, pixel for pixel, on every machine, and clips of it told by their frames.

The plans in `tests/golden/plans` and the frames beside them were made by the version that wrote plans of
version 1, from this film. Hashes are kept by machine, each set made by that very version; the first one was
kept before it was known that kinds of x86 processor round differently, so its kind is not.
"""

import base64
import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from engine.media.reels import RATE_HZ, Encoding, Picture, write_film
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.ffmpeg import Ffmpeg
from goviral.kit.files import content_fingerprint

GOLDEN = Path(__file__).parents[2] / "golden" / "plans"
WIDTH, HEIGHT, FRAMES = 320, 180, 100
_SAMPLE = (18, 32)
_SAMPLES = 4
_KINDS = ("X86_V4", "X86_V3", "X86_V2", "ASIMD")


def pictures() -> Iterator[Picture]:
    """Integer arithmetic only: coloured ramps, a grid, a square that wanders."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.int64)
    for number in range(FRAMES):
        red = (x * 3 + y + number * 2) % 256
        green = (x * x // 64 + y * 2) % 256
        blue = ((x // 20 + y // 20) % 2) * 120 + number
        picture = np.stack([red, green, blue], axis=-1).astype(np.uint8)
        left, top = 20 + number * 2, 40 + (number * 7) % 80
        picture[top : top + 30, left : left + 30] = (250, 240, 230)
        yield picture


def sound() -> NDArray[np.float32]:
    """A saw that comes and goes: multiples of 2^-15, the same floats everywhere."""
    at = np.arange(FRAMES * RATE_HZ // 25)
    wave = ((at % 218) - 109) * ((at // 12_000) % 3)
    return np.tile((wave * 50 / 32_768).astype(np.float32), (2, 1))


def film(path: Path, *, pictured: bool = True) -> Path:
    """The film, lossless; without pictures a sound file."""
    encoding = Encoding(Fraction(25), codec="ffv1", audio_codec="pcm_f32le", layout="stereo")
    if not pictured:
        return _waved(path)
    return write_film(path, pictures(), sound(), encoding)


def at_home(plan: ClipPlan, source: Path) -> ClipPlan:
    """The plan with this machine's file in place of the one it was made from."""
    known = replace(plan.source, path=str(source), fingerprint=content_fingerprint(source))
    return replace(plan, source=known)


def told(plan: ClipPlan, out: Path, ffmpeg: Ffmpeg) -> dict[str, Any]:
    """A clip's frames as hashes, and a few of them very small, to compare by eye where hashes differ."""
    render_clip(plan, out, ffmpeg=ffmpeg, threads=1)
    with av.open(str(out)) as clip:
        frames = [frame.to_ndarray() for frame in clip.decode(video=0)]
        clip.seek(0)
        small = [
            frame.reformat(*_SAMPLE, format="gray").to_ndarray() for frame in clip.decode(video=0)
        ]
    steps = [len(small) * step // _SAMPLES for step in range(_SAMPLES)]
    return {
        "frames": len(frames),
        "hash": hashlib.sha256(b"".join(frame.tobytes() for frame in frames)).hexdigest(),
        "samples": {str(at): base64.b64encode(small[at].tobytes()).decode() for at in steps},
    }


def sample(text: str) -> NDArray[np.int16]:
    return np.frombuffer(base64.b64decode(text), np.uint8).astype(np.int16)


def machine(ffmpeg: Ffmpeg) -> str:
    """Where hashes are comparable: another ffmpeg build or another kind of processor rounds otherwise."""
    features: dict[str, bool] = np._core._multiarray_umath.__cpu_features__
    kind = next((name for name in _KINDS if features.get(name)), "")
    return f"{platform.machine()} {kind} {ffmpeg.version}"


def known() -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((GOLDEN / "frames.json").read_text("utf-8"))
    return fields


def _waved(path: Path) -> Path:
    import wave as wav

    pcm = (sound() * 32_768).astype("<i2")
    with wav.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(np.ascontiguousarray(pcm.T).tobytes())
    return path
