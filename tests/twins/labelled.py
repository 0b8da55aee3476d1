"""Labelled talks that a test makes up: the same numbers every time, points, passages, weights, a margin."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

from twins.interviews import interview

_HOUR_MS = 3_600_000


def made_talk(number: int) -> dict[str, Any]:
    """Talk `number` as a line of a collection: even ones have point labels, odd ones passages."""
    dice = random.Random(number)
    duration = (1 + number % 3) * _HOUR_MS + number * 777
    labels = []
    for _ in range(20 + number % 8):
        at = dice.randrange(60_000, duration - 60_000)
        length = 0 if number % 2 == 0 else dice.randrange(3_000, 50_000)
        weight = dice.choice((0.5, 1.0, 0.3))
        labels.append({"start_ms": at, "end_ms": at + length, "weight": weight, "kind": "made"})
    talk: dict[str, Any] = {
        "id": f"made-{number}",
        "collection": "made",
        "split": "test" if number % 4 < 2 else "train",
        "language": "en",
        "duration_ms": duration,
        "sentences": [{"start_ms": 0, "end_ms": 4_000, "text": "One sentence is enough here."}],
        "labels": sorted(labels, key=lambda label: label["start_ms"]),
    }
    if number % 3 == 0:
        talk["valid_ms"] = [30_000, duration - 45_000]
    return talk


def made_picks(number: int) -> list[tuple[float, float, float]]:
    """Sixty predictions for talk `number`: too early, too late, too long, too short, overlapping."""
    dice = random.Random(1_000 + number)
    duration = made_talk(number)["duration_ms"]
    picks = []
    for _ in range(60):
        start = dice.uniform(-5_000, duration)
        picks.append((start, start + dice.uniform(5_000, 120_000), round(dice.random(), 2)))
    return picks


def spoken_talk(number: int, split: str = "test") -> dict[str, Any]:
    """A talk with words: an interview whose funny stretches are labelled."""
    made = interview(seed=number)
    sentences = [
        {
            "id": s.id,
            "start_ms": s.start_ms,
            "end_ms": s.end_ms,
            "text": s.text,
            "speaker": s.speaker,
        }
        for s in made.transcript.sentences
    ]
    return {
        "id": f"spoken-{number}",
        "collection": "spoken",
        "split": split,
        "language": "en",
        "duration_ms": made.transcript.duration_ms,
        "sentences": sentences,
        "labels": [
            {"start_ms": at, "end_ms": at, "weight": 1.0, "kind": "laughter"} for at in made.laughs
        ],
    }


def write_collection(path: Path, talks: list[dict[str, Any]]) -> Path:
    """Write talks a line each; gzipped where the name says so."""
    text = "".join(json.dumps(talk) + "\n" for talk in talks)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path
