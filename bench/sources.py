"""What the benchmarks work on, made here: a moving face in 1080p, and transcripts of any length."""

import json
import random
import subprocess
from pathlib import Path

import imageio_ffmpeg

FACE_SIZE = 420
WORDS = [
    "the",
    "first",
    "thing",
    "nobody",
    "tells",
    "you",
    "about",
    "money",
    "is",
    "that",
    "people",
    "remember",
    "stories",
    "and",
    "numbers",
    "when",
    "they",
    "are",
    "surprised",
    "because",
    "every",
    "question",
    "needs",
    "an",
    "honest",
    "answer",
    "and",
    "we",
    "built",
    "this",
    "together",
]


def talking_head(path: Path, seconds: int) -> None:
    """1080p30 with sound: a photographed face moves over a slowly panning picture."""
    from PIL import Image
    from skimage import data

    face = path.with_name("face.png")
    backdrop = path.with_name("backdrop.png")
    Image.fromarray(data.astronaut()[0:260, 100:360]).resize((FACE_SIZE, FACE_SIZE)).save(face)
    Image.fromarray(data.coffee()).resize((2600, 1733)).save(backdrop)
    still = "format=yuv420p,loop=-1:1:0,setpts=N/30/TB,setsar=1"  # decoded once, shown for ever
    graph = (
        f"[0:v]{still},crop=1920:1080:x='mod(t*8,600)':y=300[room];[1:v]{still}[face];"
        "[room][face]overlay=x='750+420*sin(t/7)':y='250+20*sin(t/3)',fps=30[v]"
    )
    _ffmpeg(
        "-i", backdrop, "-i", face,
        "-f", "lavfi", "-i", "anoisesrc=colour=pink:amplitude=0.2:seed=7,tremolo=f=3:d=0.8",
        "-filter_complex", graph, "-map", "[v]", "-map", "2:a", "-t", seconds,
        "-c:v", "libx264", "-preset", "superfast", "-b:v", "5M", "-g", "60", "-c:a", "aac", path,
    )  # fmt: skip


def looped(source: Path, path: Path, times: int) -> None:
    """`source` again and again without encoding: an hour costs a second."""
    _ffmpeg("-stream_loop", times - 1, "-i", source, "-c", "copy", path)


def transcript(path: Path, seconds: int, words_per_minute: int = 150, seed: int = 7) -> int:
    """Write a transcript with word times; returns the number of words."""
    rng = random.Random(seed)
    step_ms = 60_000 // words_per_minute
    words: list[dict[str, object]] = []
    sentences: list[dict[str, object]] = []
    at_ms, speaker = 400, "A"
    while at_ms < seconds * 1000 - 10_000:
        length = rng.randint(6, 18)
        said = [rng.choice(WORDS) for _ in range(length)]
        said[-1] += rng.choice(".....?!")
        said[0] = said[0].capitalize()
        begin_ms = at_ms
        for text in said:
            words.append({"text": text, "start_ms": at_ms, "end_ms": at_ms + step_ms - 20})
            at_ms += step_ms
        sentences.append(
            {"id": len(sentences), "text": " ".join(said), "start_ms": begin_ms, "end_ms": at_ms - 20,
             "speaker": speaker}
        )  # fmt: skip
        speaker = speaker if rng.random() < 0.8 else ("B" if speaker == "A" else "A")
        at_ms += rng.choice((80, 120, 700))
    document = {"language": "en", "engine": "bench", "sentences": sentences, "words": words}
    path.write_text(json.dumps(document), encoding="utf-8")
    return len(words)


def _ffmpeg(*arguments: object) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    subprocess.run([*command, *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)
