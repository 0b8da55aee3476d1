"""The sample talk, its transcript and its truth agree. Looks at a few places; makes nothing again."""

import json
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

EXAMPLES = Path(__file__).parents[2] / "examples"
FRAME_MS = 40
RATE = 16_000


@cache
def document(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(EXAMPLES / "talk.mp4")) as film:
        blocks = [
            out.to_ndarray()[0]
            for frame in film.decode(audio=0)
            for out in resampler.resample(frame)
        ]
    return np.concatenate(blocks)


def level_db(sound: NDArray[np.float32], start_ms: int, end_ms: int) -> float:
    part = sound[start_ms * RATE // 1000 : end_ms * RATE // 1000]
    return float(10 * np.log10(np.mean(np.square(part, dtype=np.float64)) + 1e-12))


def frames_at(wanted_ms: set[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """The frames at these times, each found by a seek of its own."""
    with av.open(str(EXAMPLES / "talk.mp4")) as film:
        stream = film.streams.video[0]
        assert stream.time_base is not None
        for time_ms in sorted(wanted_ms):
            film.seek(round(time_ms / 1000 / stream.time_base), stream=stream)
            for frame in film.decode(stream):
                if round(frame.time * 1000) >= time_ms:
                    yield time_ms, frame.to_ndarray(format="bgr24")
                    break


def overlap(a: list[float], b: list[float]) -> float:
    """Intersection over union of two boxes (x, y, width, height)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def test_the_sample_stays_small() -> None:
    assert (EXAMPLES / "talk.mp4").stat().st_size <= 7.5e6
    made = [p for p in EXAMPLES.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(path.stat().st_size for path in made) <= 8e6


def test_the_film_has_the_size_rate_and_length_the_truth_says() -> None:
    truth = document("talk.truth.json")
    with av.open(str(EXAMPLES / "talk.mp4")) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert (video.width, video.height) == (truth["width"], truth["height"]) == (1280, 720)
        assert video.average_rate == truth["fps"] == 25
        assert video.pix_fmt == "yuv420p"
        assert audio.rate == 48_000
        assert film.duration is not None
        assert abs(film.duration // 1000 - truth["duration_ms"]) <= 100
    assert truth["duration_ms"] >= 300_000


def test_words_are_in_order_and_inside_their_sentence() -> None:
    talk = document("talk.json")
    words, sentences = talk["words"], talk["sentences"]
    assert all(word["start_ms"] < word["end_ms"] for word in words)
    assert all(a["end_ms"] <= b["start_ms"] for a, b in pairwise(words))
    assert [sentence["id"] for sentence in sentences] == list(range(len(sentences)))
    assert " ".join(w["text"] for w in words) == " ".join(s["text"] for s in sentences)
    for sentence in sentences:
        inside = [w for w in words if sentence["start_ms"] <= w["start_ms"] < sentence["end_ms"]]
        assert " ".join(w["text"] for w in inside) == sentence["text"]
        assert {w["speaker"] for w in inside} == {sentence["speaker"]}


def test_the_transcript_is_what_the_script_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from talk.script import Line, read_script

    spoken = [step for step in read_script() if isinstance(step, Line)]
    heard = document("talk.json")["sentences"]
    assert [(line.speaker, line.text) for line in spoken] == [
        (sentence["speaker"], sentence["text"]) for sentence in heard
    ]
    assert "talk.flite" not in sys.modules


def test_there_is_a_talk_worth_cutting() -> None:
    talk, truth = document("talk.json"), document("talk.truth.json")
    assert {w["speaker"] for w in talk["words"]} == {"Nora", "Theo", "Callum"}
    assert len(truth["fillers"]) >= 10
    assert len([p for p in truth["pauses"] if p["end_ms"] - p["start_ms"] >= 600]) >= 20
    assert {shot["kind"] for shot in truth["shots"]} == {
        "two_shot", "close_up", "walk", "slide_with_speaker", "card",
    }  # fmt: skip


def test_every_word_is_heard(sound: NDArray[np.float32]) -> None:
    levels = [level_db(sound, w["start_ms"], w["end_ms"]) for w in document("talk.json")["words"]]
    assert min(levels) > -40
    assert np.median(levels) > -27


def test_every_pause_is_quiet(sound: NDArray[np.float32]) -> None:
    for pause in document("talk.truth.json")["pauses"]:
        if pause["start_ms"] > 20_000:  # before that the title's music rings
            start_ms = pause["start_ms"] + (
                200 if pause["end_ms"] - pause["start_ms"] > 400 else 120
            )
            assert level_db(sound, start_ms, pause["end_ms"] - 30) < -50


def test_nothing_clips(sound: NDArray[np.float32]) -> None:
    assert 0.3 < float(np.abs(sound).max()) < 0.97


def test_shots_follow_each_other_without_a_gap() -> None:
    truth = document("talk.truth.json")
    shots = truth["shots"]
    assert shots[0]["start_ms"] == 0
    assert shots[-1]["end_ms"] == truth["duration_ms"]
    assert [shot["start_ms"] for shot in shots[1:]] == truth["cuts_ms"]
    assert all(a["end_ms"] == b["start_ms"] for a, b in pairwise(shots))


def test_a_key_frame_stands_at_every_cut() -> None:
    with av.open(str(EXAMPLES / "talk.mp4")) as film:
        stream = film.streams.video[0]
        keys = {
            round(packet.pts * packet.time_base * 1000)
            for packet in film.demux(stream)
            if packet.is_keyframe and packet.pts is not None
        }
    assert set(document("talk.truth.json")["cuts_ms"]) <= keys


def test_the_picture_changes_at_a_cut_and_not_beside_it() -> None:
    cuts = document("talk.truth.json")["cuts_ms"][2::7]
    wanted = {cut + shift for cut in cuts for shift in (-2 * FRAME_MS, -FRAME_MS, 0, FRAME_MS)}
    frames = dict(frames_at(wanted))

    def change(a_ms: int, b_ms: int) -> float:
        return float(np.mean(cv2.absdiff(frames[a_ms], frames[b_ms])))

    for cut in cuts:
        across = change(cut - FRAME_MS, cut)
        assert across > 5
        assert change(cut - 2 * FRAME_MS, cut - FRAME_MS) < across / 5
        assert change(cut, cut + FRAME_MS) < across / 5


def test_a_detector_finds_the_faces_where_the_truth_has_them() -> None:
    shots = document("talk.truth.json")["shots"]
    firsts = {shot["shot"]: shot for shot in reversed(shots) if shot["faces"]}
    boxes: dict[int, list[list[float]]] = {}
    for shot in firsts.values():
        for track in shot["faces"].values():
            time_ms, *box = track[len(track) // 2]
            boxes.setdefault(time_ms, []).append([value / 2 for value in box])
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")
    found = []
    for time_ms, frame in frames_at(set(boxes)):
        small = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), (640, 360))
        seen = [[float(v) for v in box] for box in cascade.detectMultiScale(small, 1.1, 3)]
        found += [max((overlap(box, s) for s in seen), default=0) > 0.4 for box in boxes[time_ms]]
    assert len(found) >= 12
    assert sum(found) >= 0.9 * len(found)
