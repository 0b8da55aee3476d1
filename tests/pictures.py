"""Captions burned by the real ffmpeg on a flat ground, as arrays: what tests of pictures look at."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goviral.engine.clips.captions.ass import CaptionAssets, draw_captions
from goviral.engine.clips.plans.plan import Captions, Frame
from goviral.engine.media.ffmpeg import find_ffmpeg, run_ffmpeg
from goviral.kit.settings import Settings

GROUND = (0x60, 0x70, 0x68)


@dataclass(frozen=True)
class Burned:
    """`frames` has shape (count, height, width, 3); `log` is ffmpeg's, fonts chosen included."""

    frames: NDArray[np.int16]
    log: str
    assets: CaptionAssets

    def changed(self, index: int, threshold: int = 24) -> NDArray[np.bool_]:
        """Where a frame differs from the flat ground."""
        return (np.abs(self.frames[index] - np.array(GROUND, np.int16)).max(axis=2)) > threshold


def burn(captions: Captions, frame: Frame, folder: Path, *, count: int) -> Burned:
    """The first `count` frames of a flat clip with these captions."""
    assets = draw_captions(captions, frame, folder)
    out = folder / "burned.rgb"
    color = "0x{:02x}{:02x}{:02x}".format(*GROUND)
    graph = f"[0:v]format=rgb24,ass={assets.ass_path}:fontsdir={assets.fonts_dir}[v0]"
    inputs = ["-f", "lavfi", "-i", f"color={color}:s={frame.width}x{frame.height}:r={frame.fps}"]
    for index, overlay in enumerate(assets.overlays):
        shown = f"gte(t,{overlay.start_ms / 1000})*lt(t,{overlay.end_ms / 1000})"
        inputs += ["-i", str(overlay.png_path)]
        graph += f";[v{index}][{index + 1}:v]overlay={overlay.x}:{overlay.y}:format=rgb"
        graph += f":enable='{shown}'[v{index + 1}]"
    end = f"[v{len(assets.overlays)}]"
    output = run_ffmpeg(
        find_ffmpeg(Settings()),
        [
            *inputs,
            *("-filter_complex", graph, "-map", end, "-frames:v", str(count)),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", str(out)),
        ],
        timeout_s=60,
        environment=assets.environment,
        loglevel="verbose",
    )
    raw = np.fromfile(out, np.uint8).reshape(-1, frame.height, frame.width, 3)
    out.unlink()
    return Burned(raw.astype(np.int16), output.log, assets)


def small_frame(fps: Fraction = Fraction(30)) -> Frame:
    """A quarter of the real thing in each direction: the same layout, a sixteenth of the pixels."""
    return Frame(270, 480, fps)
