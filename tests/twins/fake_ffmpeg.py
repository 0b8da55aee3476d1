"""A program that is ffmpeg but for its encoders: it "has" h264_nvenc, until it is told to fail.

`h264_nvenc` is done by libx264, its own options left out. What it does is read from a file beside it:
`works`, `probe-fails`, `clip-fails` (the probe works, a clip does not), `clip-wrong` (a clip comes out short).
"""

import sys
from pathlib import Path

from goviral.engine.media.ffmpeg import Ffmpeg

_PROGRAM = """#!{python}
import os, sys
real, mood = {real!r}, open({mood!r}).read().strip()
arguments, asked = [], iter(sys.argv[1:])
hardware = "h264_nvenc" in sys.argv
probing = any(a.startswith("testsrc2") for a in sys.argv)
open({calls!r}, "a").write(("probe " if probing else "clip ") + ("nvenc" if hardware else "x264") + "\\n")
if hardware and (mood == "probe-fails" or (mood == "clip-fails" and not probing)):
    sys.stderr.write("[h264_nvenc @ 0x1] [error] No capable devices found\\n")
    sys.exit(1)
drop = {{"-tune", "-rc", "-cq", "-b:v"}}
for argument in asked:
    if hardware and argument in drop:
        next(asked)
    elif hardware and argument == "h264_nvenc":
        arguments += ["libx264"]
    elif hardware and argument == "p5":
        arguments += ["ultrafast"]
    else:
        arguments.append(argument)
if hardware and mood == "clip-wrong" and not probing:
    at = arguments.index("-f", arguments.index("-movflags"))
    arguments[at:at] = ["-frames:v", "5"]
os.execv(real, [real, *arguments])
"""


class FakeFfmpeg:
    """The program in a folder, its mood, and what it was asked."""

    def __init__(self, folder: Path, real: Ffmpeg) -> None:
        self._mood, self._calls = folder / "mood", folder / "calls"
        program = folder / "ffmpeg"
        program.write_text(
            _PROGRAM.format(
                python=sys.executable, real=real.path, mood=str(self._mood), calls=str(self._calls)
            )
        )
        program.chmod(0o755)
        self.set("works")
        self.ffmpeg = Ffmpeg(str(program), real.version)

    def set(self, mood: str) -> None:
        self._mood.write_text(mood)

    @property
    def calls(self) -> list[str]:
        """`probe nvenc`, `clip x264`, ... in order; whatever only measures is left out."""
        return self._calls.read_text().split("\n")[:-1] if self._calls.exists() else []
