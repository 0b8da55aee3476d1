"""Frame after frame of the whole talk, and the truth about each of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from talk.drawing import Frame
from talk.shots import Box, Moment, Shot, make_shot
from talk.voices import SAMPLE_RATE, VoiceTrack

FPS: Final = 25
FRAME_MS: Final = 1000 // FPS
FACE_STEP_MS: Final = 200
_CHART_WORDS: Final = (("Only", "nine"), ("Twenty", "three"), ("sixty", "eight"))


@dataclass
class ShotTruth:
    """What one shot shows; face boxes as (time_ms, x, y, width, height), every 200 ms."""

    shot: str
    first_frame: int
    last_frame: int
    faces: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)

    @property
    def start_ms(self) -> int:
        return self.first_frame * FRAME_MS

    @property
    def end_ms(self) -> int:
        return (self.last_frame + 1) * FRAME_MS


def frame_count(track: VoiceTrack) -> int:
    return track.duration_ms * FPS // 1000


def shot_list(track: VoiceTrack) -> list[ShotTruth]:
    """The script's cuts on frame boundaries."""
    starts = [round(at_ms / FRAME_MS) for at_ms, _ in track.cuts]
    ends = [*starts[1:], frame_count(track)]
    return [
        ShotTruth(shot, start, end - 1)
        for (_, shot), start, end in zip(track.cuts, starts, ends, strict=True)
    ]


def loudness(track: VoiceTrack, speaker: str, frames: int) -> NDArray[np.float64]:
    """How loud `speaker` is in each frame, 0-1, over 60 ms around its middle."""
    gate = np.zeros(len(track.samples), bool)
    for word in track.words:
        if word.speaker == speaker:
            gate[word.start_ms * SAMPLE_RATE // 1000 : word.end_ms * SAMPLE_RATE // 1000] = True
    power = np.concatenate([[0.0], np.cumsum((track.samples * gate).astype(np.float64) ** 2)])
    middle = (np.arange(frames) + 0.5) * SAMPLE_RATE / FPS
    half = 0.03 * SAMPLE_RATE
    low = np.clip(middle - half, 0, len(power) - 1).astype(int)
    high = np.clip(middle + half, 0, len(power) - 1).astype(int)
    rms = np.sqrt((power[high] - power[low]) / (2 * half))
    return np.clip(rms / 0.13, 0, 1) ** 0.8


def talking(track: VoiceTrack, speaker: str, frames: int) -> NDArray[np.float64]:
    """1 while `speaker` has the word, with slopes of a second."""
    gate = np.zeros(frames)
    for first, second in pairwise(track.words):
        if first.speaker == second.speaker == speaker:
            gate[first.start_ms // FRAME_MS : second.end_ms // FRAME_MS] = 1
    window = np.hanning(FPS + 2)
    return np.convolve(gate, window / window.sum(), mode="same")


def _levels(loud: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shot's loudness as the 46 bars of the voice message."""
    return np.array([part.mean() for part in np.array_split(loud, 46)])


def _said_s(track: VoiceTrack, shot: ShotTruth) -> tuple[float, float, float]:
    """When each number of the chart is said, in seconds after the shot's start."""
    begins = []
    for first, second in _CHART_WORDS:
        at_ms = next(
            (
                b.start_ms
                for a, b in pairwise(track.words)
                if (a.text, b.text.strip(",.")) == (first, second)
            ),
            0,
        )
        begins.append((at_ms - shot.start_ms) / 1000 if at_ms else 1e9)
    return begins[0], begins[1], begins[2]


class Film:
    """Draws the talk. `shots` fills with face boxes while the frames are taken."""

    def __init__(self, track: VoiceTrack) -> None:
        self._track = track
        self.shots = shot_list(track)
        self.frames = frame_count(track)
        speakers = sorted({word.speaker for word in track.words})
        self._loud = {s: loudness(track, s, self.frames) for s in speakers}
        self._talk = {s: talking(track, s, self.frames) for s in speakers}
        self._made: dict[str, Shot] = {}

    def _shot(self, truth: ShotTruth) -> Shot:
        """Cameras come back, so a shot is built once."""
        if truth.shot not in self._made:
            loud = self._loud["Callum"][truth.first_frame : truth.last_frame + 1]
            self._made[truth.shot] = make_shot(
                truth.shot, _levels(loud), _said_s(self._track, truth)
            )
        return self._made[truth.shot]

    def _moment(self, truth: ShotTruth, frame: int) -> Moment:
        into = frame - truth.first_frame
        length = truth.last_frame - truth.first_frame + 1
        return Moment(
            frame / FPS,
            into / FPS,
            into / length,
            {s: float(values[frame]) for s, values in self._loud.items()},
            {s: float(values[frame]) for s, values in self._talk.items()},
        )

    def draw(self, truth: ShotTruth, frame: int) -> Frame:
        picture, faces = self._shot(truth).draw(self._moment(truth, frame))
        if (frame - truth.first_frame) * FRAME_MS % FACE_STEP_MS == 0:
            self._note(truth, frame * FRAME_MS, faces)
        return picture

    @staticmethod
    def _note(truth: ShotTruth, time_ms: int, faces: dict[str, Box]) -> None:
        for speaker, box in faces.items():
            truth.faces.setdefault(speaker, []).append((time_ms, *(round(v) for v in box)))

    def play(self, progress: Callable[[int, int], None]) -> Iterator[Frame]:
        for truth in self.shots:
            progress(truth.first_frame, self.frames)
            for frame in range(truth.first_frame, truth.last_frame + 1):
                yield self.draw(truth, frame)
