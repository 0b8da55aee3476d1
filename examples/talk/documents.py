"""The two files beside the film: the transcript a program reads, and the truth a test compares with."""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from talk import slides
from talk.compose import FPS, ShotTruth
from talk.drawing import HEIGHT, WIDTH
from talk.script import Line
from talk.sets import SEATS
from talk.voices import SpokenWord, VoiceTrack

FILLERS: Final = ("um,", "you know,")
SLIDES: Final = {
    "title": "Worth Repeating",
    "chart_small": slides.CHART_TITLE,
    "chart_full": slides.CHART_TITLE,
    "list_small_1": slides.LIST_TITLE,
    "list_small_2": slides.LIST_TITLE,
    "list_small_3": slides.LIST_TITLE,
    "message": "Voice message from Callum",
    "end": "You tell me.",
}
_FULL_SCREEN: Final = ("title", "chart_full", "message", "end")


def transcript(track: VoiceTrack) -> dict[str, Any]:
    """Sentences and words as `goviral` writes its own transcripts."""
    words = [
        {"text": w.text, "start_ms": w.start_ms, "end_ms": w.end_ms, "speaker": w.speaker}
        for w in track.words
    ]
    sentences = [
        _sentence(number, track.lines[number], list(spoken))
        for number, spoken in groupby(track.words, key=lambda word: word.sentence)
    ]
    return {
        "language": "en",
        "engine": "script",
        "words_estimated": False,
        "duration_ms": track.duration_ms,
        "sentences": sentences,
        "words": words,
    }


def _sentence(number: int, line: Line, words: Sequence[SpokenWord]) -> dict[str, Any]:
    return {
        "id": number,
        "text": line.text,
        "start_ms": words[0].start_ms,
        "end_ms": words[-1].end_ms,
        "speaker": line.speaker,
    }


def _fillers(words: Sequence[SpokenWord]) -> list[dict[str, Any]]:
    found = []
    for index in range(len(words)):
        for filler in FILLERS:
            said = words[index : index + len(filler.split())]
            if " ".join(word.text for word in said).lower() == filler:
                found.append(
                    {
                        "text": filler.strip(","),
                        "start_ms": said[0].start_ms,
                        "end_ms": said[-1].end_ms,
                        "speaker": said[0].speaker,
                    }
                )
    return found


def _shot(shot: ShotTruth) -> dict[str, Any]:
    return {
        "shot": shot.shot,
        "start_ms": shot.start_ms,
        "end_ms": shot.end_ms,
        "kind": _kind(shot.shot),
        "faces": {who: [list(box) for box in boxes] for who, boxes in shot.faces.items()},
    }


def _kind(shot: str) -> str:
    if shot in _FULL_SCREEN:
        return "card"
    if shot in SLIDES:
        return "slide_with_speaker"
    if shot.startswith("walk"):
        return "walk"
    return "two_shot" if shot == "wide" else "close_up"


def _slide(shot: ShotTruth) -> dict[str, Any]:
    boxes = [] if shot.shot in _FULL_SCREEN else [list(slides.PICTURE_BOX)]
    return {
        "shot": shot.shot,
        "text": SLIDES[shot.shot],
        "start_ms": shot.start_ms,
        "end_ms": shot.end_ms,
        "full_screen": shot.shot in _FULL_SCREEN,
        "speaker_pictures": boxes,
    }


def truth(track: VoiceTrack, shots: Sequence[ShotTruth]) -> dict[str, Any]:
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "fps": FPS,
        "duration_ms": shots[-1].end_ms,
        "speakers": sorted({word.speaker for word in track.words}),
        "seats": {who: list(seat) for who, seat in SEATS.items()},
        "face_box": "hairline to chin, cheek to cheek; [time_ms, x, y, width, height] in pixels",
        "cuts_ms": [shot.start_ms for shot in shots[1:]],
        "pauses": [{"start_ms": p.start_ms, "end_ms": p.end_ms} for p in track.pauses],
        "fillers": _fillers(track.words),
        "slides": [_slide(shot) for shot in shots if shot.shot in SLIDES],
        "shots": [_shot(shot) for shot in shots],
    }


def dumps(document: dict[str, Any]) -> str:
    """JSON with one list item a line: small, and readable in a diff."""
    lines = []
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join("  " + json.dumps(item, ensure_ascii=False) for item in value)
            lines.append(f"{json.dumps(key)}: [\n{rows}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
