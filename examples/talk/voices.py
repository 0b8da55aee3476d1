"""Speaks the script: one dry voice track and the exact time of every word."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from talk.flite import Utterance, synthesise
from talk.script import Cut, Line, Silence, Step

SAMPLE_RATE: Final = 16_000
GAP_SAME_MS: Final = 300
GAP_OTHER_MS: Final = 380
CUT_LEAD_MS: Final = 160


@dataclass(frozen=True, slots=True)
class Voice:
    """A Flite voice, how slowly it speaks, how high, and how loud it is brought."""

    name: str
    stretch: float
    pitch: float
    rms_db: float


# Measured on the script with pocketsphinx (word error rate): rms 0.12-0.14, awb 0.19, kal16 0.21,
# slt 0.22, espeak-ng 0.78; Flite's three statistical voices are also the most natural of them.
VOICES: Final = {
    "Nora": Voice("cmu_us_slt", 1.02, 1.0, -23),
    "Theo": Voice("cmu_us_rms", 0.9, 1.0, -23),
    "Callum": Voice("cmu_us_awb", 1.05, 1.0, -25),
}


@dataclass(frozen=True, slots=True)
class SpokenWord:
    text: str
    start_ms: int
    end_ms: int
    speaker: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence that the script asks for, between the words around it."""

    start_ms: int
    end_ms: int


@dataclass
class VoiceTrack:
    """Everything said, on one clock. `cuts` are (time, shot), the first at 0."""

    samples: NDArray[np.float32]
    words: list[SpokenWord] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    cuts: list[tuple[int, str]] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    @property
    def duration_ms(self) -> int:
        return len(self.samples) * 1000 // SAMPLE_RATE


def _at_pitch(said: Utterance, pitch: float) -> Utterance:
    """Play faster by `pitch`: the caller has slowed the speech by as much.

    Formants rise along with the pitch; up to some 10 % that is heard as emphasis, and it has none of
    the artefacts of a pitch shifter (Flite's statistical voices ignore its own pitch features).
    """
    count = round(len(said.samples) / pitch)
    grid = np.arange(count) * pitch
    samples = np.interp(grid, np.arange(len(said.samples)), said.samples).astype(np.float32)
    return Utterance(
        samples, said.sample_rate, tuple((a / pitch, b / pitch) for a, b in said.token_times)
    )


def _at_level(samples: NDArray[np.float32], rms_db: float) -> NDArray[np.float32]:
    loud = samples[np.abs(samples) > 0.02]
    rms = float(np.sqrt(np.mean(loud**2))) if len(loud) else 1.0
    return samples * np.float32(10 ** (rms_db / 20) / rms)


def _fade(samples: NDArray[np.float32], ms: int = 8) -> NDArray[np.float32]:
    count = min(SAMPLE_RATE * ms // 1000, len(samples) // 2)
    faded = samples.copy()
    ramp = np.linspace(0, 1, count, dtype=np.float32)
    faded[:count] *= ramp
    faded[len(faded) - count :] *= ramp[::-1]
    return faded


class _Recorder:
    """Lays sentence after sentence on the tape."""

    def __init__(self) -> None:
        self.track = VoiceTrack(np.zeros(0, np.float32))
        self._pieces: list[NDArray[np.float32]] = []
        self._length = 0
        self._speaker = ""
        self._pending: str | None = None

    @property
    def _now_ms(self) -> int:
        return round(self._length * 1000 / SAMPLE_RATE)

    def _lay(self, samples: NDArray[np.float32]) -> None:
        self._pieces.append(samples)
        self._length += len(samples)

    def _rest(self, ms: int) -> None:
        self._lay(np.zeros(SAMPLE_RATE * ms // 1000, np.float32))

    def cut(self, shot: str) -> None:
        self._pending = shot

    def _commit_cut(self, lead_ms: int) -> None:
        if self._pending is not None:
            at_ms = max(0, self._now_ms - lead_ms) if self.track.cuts else 0
            self.track.cuts.append((at_ms, self._pending))
            self._pending = None

    def silence(self, step: Silence) -> None:
        if self._pending is not None:
            self._rest(350)
        self._commit_cut(0)
        self._rest(step.duration_ms)

    def say(self, line: Line) -> None:
        gap_ms = line.pause_before_ms
        if gap_ms is None:
            gap_ms = GAP_SAME_MS if line.speaker == self._speaker else GAP_OTHER_MS
        elif self._length and self.track.words:
            self.track.pauses.append(Pause(self._now_ms, self._now_ms + gap_ms))
        self._rest(gap_ms)
        self._commit_cut(min(CUT_LEAD_MS, gap_ms // 2))
        self._speaker = line.speaker
        self.track.lines.append(line)
        self._lay_words(line, self._spoken(line))

    def _spoken(self, line: Line) -> Utterance:
        voice = VOICES[line.speaker]
        pitch = voice.pitch * line.pitch
        text = " ".join(token.spoken for token in line.tokens)
        said = synthesise(voice.name, text, stretch=voice.stretch * line.stretch * pitch)
        if len(said.token_times) != len(line.tokens):
            raise ValueError(f"flite split {text!r} into {len(said.token_times)} tokens")
        said = _at_pitch(said, pitch)
        return Utterance(_at_level(said.samples, voice.rms_db), said.sample_rate, said.token_times)

    def _lay_words(self, line: Line, said: Utterance) -> None:
        """Trim the silence Flite adds at both ends, open the pauses within, note the words."""
        margin_s = 0.03
        begin = max(0, round((said.token_times[0][0] - margin_s) * SAMPLE_RATE))
        for index, (token, times) in enumerate(zip(line.tokens, said.token_times, strict=True)):
            if token.pause_before_ms:
                middle = round((said.token_times[index - 1][1] + times[0]) / 2 * SAMPLE_RATE)
                self._lay(_fade(said.samples[begin:middle]))
                start_ms = self._now_ms
                self._rest(token.pause_before_ms)
                self.track.pauses.append(Pause(start_ms, self._now_ms))
                begin = middle
            origin = self._length - begin
            start_ms, end_ms = (
                round((origin + t * SAMPLE_RATE) * 1000 / SAMPLE_RATE) for t in times
            )
            self.track.words.append(
                SpokenWord(token.text, start_ms, end_ms, line.speaker, len(self.track.lines) - 1)
            )
        end = round((said.token_times[-1][1] + margin_s) * SAMPLE_RATE)
        self._lay(_fade(said.samples[begin:end]))

    def finish(self) -> VoiceTrack:
        self._rest(0)
        self.track.samples = np.concatenate(self._pieces)
        return self.track


def speak(steps: Sequence[Step]) -> VoiceTrack:
    recorder = _Recorder()
    for step in steps:
        match step:
            case Cut(shot):
                recorder.cut(shot)
            case Silence():
                recorder.silence(step)
            case Line():
                recorder.say(step)
    return recorder.finish()
