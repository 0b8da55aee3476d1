"""Makes the sample talk again: `talk.mp4`, `talk.json` and `talk.truth.json`, the same every time.

    python examples/make_talk.py [--out FOLDER] [--seconds N]

Needs Debian's `flite` for the voices and this project's development environment; about five minutes on
one core. `--seconds` stops early, for a look.
"""

import argparse
import sys
import tempfile
from itertools import islice
from pathlib import Path

import cv2

from talk.compose import FPS, Film
from talk.documents import dumps, transcript, truth
from talk.encode import encode
from talk.script import read_script
from talk.sound import mix, write_wav
from talk.voices import speak

HERE = Path(__file__).parent


def _progress(done: int, total: int) -> None:
    print(f"\r{done * 100 // total:3d} % of {total} frames", end="", file=sys.stderr, flush=True)


def make(out: Path, seconds: float | None) -> None:
    track = speak(read_script())
    film = Film(track)
    frames = film.play(_progress)
    samples = mix(track)
    if seconds is not None:
        frames = islice(frames, round(seconds * FPS))
        samples = samples[: round(seconds * 48_000)]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "talk.wav"
        write_wav(wav, samples)
        encode(frames, wav, [shot.start_ms for shot in film.shots], out / "talk.mp4")
    (out / "talk.json").write_text(dumps(transcript(track)), encoding="utf-8")
    (out / "talk.truth.json").write_text(dumps(truth(track, film.shots)), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--seconds", type=float)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    make(options.out, options.seconds)


if __name__ == "__main__":
    main()
