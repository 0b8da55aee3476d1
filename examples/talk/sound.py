"""From the dry voices to the finished sound: room, telephone, music, level."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from scipy.io import wavfile

from talk.voices import SAMPLE_RATE, SpokenWord, VoiceTrack

OUT_RATE: Final = 48_000
ROOM_TONE_DB: Final = -62
_SPEECH_GAIN_DB: Final = 8.0
_CEILING: Final = 0.84

Samples = NDArray[np.float32]


def _db(value: float) -> float:
    return float(10 ** (value / 20))


def _filtered(
    samples: Samples, kind: str, hz: float | tuple[float, float], order: int = 2
) -> Samples:
    sos = signal.butter(order, hz, kind, fs=OUT_RATE, output="sos")
    return signal.sosfilt(sos, samples).astype(np.float32)


def _spoken_by(track: VoiceTrack, speaker: str) -> Samples:
    """The track with everybody else silent (nobody talks over anybody here)."""
    gate = np.zeros(len(track.samples), np.float32)
    for words in _runs(track.words, speaker):
        start = max(0, words[0].start_ms - 60) * SAMPLE_RATE // 1000
        gate[start : (words[-1].end_ms + 60) * SAMPLE_RATE // 1000] = 1
    return track.samples * gate


def _runs(words: Sequence[SpokenWord], speaker: str) -> list[list[SpokenWord]]:
    """Words of `speaker`, one list a sentence."""
    runs: dict[int, list[SpokenWord]] = {}
    for word in words:
        if word.speaker == speaker:
            runs.setdefault(word.sentence, []).append(word)
    return list(runs.values())


def _studio(voice: Samples) -> Samples:
    """Less boom, a little presence, and the first reflections of a small furnished room."""
    rng = np.random.default_rng(11)
    tail = np.arange(int(0.16 * OUT_RATE)) / OUT_RATE
    room = rng.normal(0, 1, len(tail)) * np.exp(-tail / 0.035)
    room /= np.sqrt(np.sum(room**2))
    clear = _filtered(voice, "highpass", 75) + 0.2 * _filtered(voice, "highpass", 3000, 1)
    wet = signal.fftconvolve(clear, room)[: len(clear)]
    return (clear + _db(-21) * _filtered(wet.astype(np.float32), "lowpass", 5000)).astype(
        np.float32
    )


def _telephone(voice: Samples) -> Samples:
    return 1.5 * _filtered(voice, "bandpass", (320, 3300), 3)


def _note(hz: float, seconds: float) -> Samples:
    time = np.arange(int(seconds * OUT_RATE)) / OUT_RATE
    tone = sum(
        np.sin(2 * np.pi * hz * k * time) * 0.5**k * np.exp(-time * k * 1.6) for k in (1, 2, 3)
    )
    attack = np.minimum(1, time / 0.012)
    return (tone * attack * np.minimum(1, (seconds - time) / 0.3)).astype(np.float32)


def _jingle(ending: bool) -> Samples:
    """Six plucked notes, upwards to open the show and downwards to close it."""
    steps = [0, 4, 7, 11, 14, 16]
    if ending:
        steps.reverse()
    music = np.zeros(int(4.4 * OUT_RATE), np.float32)
    for index, step in enumerate(steps):
        start = int((0.1 + index * 0.26) * OUT_RATE)
        note = _note(220 * 2 ** (step / 12), 2.4)
        music[start : start + len(note)] += note[: len(music) - start]
    low = _note(110, 3.2)
    music[: len(low)] += 0.8 * low
    return music * np.float32(_db(-17))


def _add(mix: Samples, what: Samples, at_ms: int) -> None:
    start = at_ms * OUT_RATE // 1000
    mix[start : start + len(what)] += what[: max(0, len(mix) - start)]


def _room_tone(count: int) -> Samples:
    noise = np.random.default_rng(5).normal(0, 1, count).astype(np.float32)
    noise = _filtered(noise, "lowpass", 900, 1)
    return noise * np.float32(_db(ROOM_TONE_DB) / np.std(noise))


def _limited(mix: Samples) -> Samples:
    """Soft above half scale, never past the ceiling."""
    knee = 0.5
    over = np.maximum(np.abs(mix) - knee, 0)
    bent = knee + (_CEILING - knee) * np.tanh(over / (_CEILING - knee))
    return np.where(over > 0, np.sign(mix) * bent, mix).astype(np.float32)


def mix(track: VoiceTrack) -> Samples:
    """48 kHz mono, as long as the voice track to the sample."""
    speakers = sorted({word.speaker for word in track.words})
    out = np.zeros(len(track.samples) * OUT_RATE // SAMPLE_RATE, np.float32)
    for speaker in speakers:
        voice = signal.resample_poly(_spoken_by(track, speaker), OUT_RATE // SAMPLE_RATE, 1)
        voice = voice.astype(np.float32) * np.float32(_db(_SPEECH_GAIN_DB))
        out += _telephone(voice) if speaker == "Callum" else _studio(voice)
    for at_ms, shot in track.cuts:
        if shot in ("title", "end"):
            _add(out, _jingle(ending=shot == "end"), at_ms)
    return _limited(out + _room_tone(len(out)))


def write_wav(path: Path, samples: Samples) -> None:
    wavfile.write(path, OUT_RATE, (samples * 32767).astype(np.int16))
