"""Sound as numbers: mono PCM for recognisers, and the loudness curve of a whole source."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from goviral.engine.media import container as media_container
from goviral.engine.media.signals import Levels, Signals
from goviral.kit.errors import InputError
from goviral.kit.progress import Progress, SilentProgress
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from av.audio.fifo import AudioFifo
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream as AvAudioStream
    from av.container import InputContainer

Pcm = NDArray[np.float32]

STAGE = "listen"
_LEVEL_MS = 20
_STEP_MS = 100
_FLOOR_DB = -90.0
_LISTEN_RATE_HZ = 8000
_BLOCK_MS = 10_000
_DRIFT_MS = 60
_LONGEST_GAP_MS = 600_000
_CLOCK_RESET_MS = 10_000
_MOST_GAPS_MS = 6 * 3_600_000
"""A few bytes may claim years of silence, a gap a packet: from here on gaps are closed."""
_SHORTEST_PAUSE_MS = 240
_FINE_MS = 10
_EMPHASIS = 0.97
_JOINED_S = 0.3
_SEAM_S = 0.02
_FINE_RATE_HZ = 16_000
"""Twice what `listen` needs: an s or an f has nearly all of its sound above 4 kHz."""


def read_pcm(path: Path, *, sample_rate_hz: int = 16000, span: Span | None = None) -> Pcm:
    """Mono samples in [-1, 1], shape (n,); sample 0 is the start of `span` (of the source).

    Channels are mixed down, time without sound is zeros, so that sample n is at n / rate. Damaged
    packets are left out. Raises `InputError` when there is no sound.
    """
    blocks = list(iter_pcm(path, sample_rate_hz=sample_rate_hz, span=span))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def iter_pcm(
    path: Path, *, sample_rate_hz: int = 16000, span: Span | None = None, block_ms: int = _BLOCK_MS
) -> Iterator[Pcm]:
    """The same samples in blocks of `block_ms` (the last one shorter): memory does not grow."""
    size = max(1, sample_rate_hz * block_ms // 1000)
    held: list[Pcm] = []
    count = 0
    for piece in _aligned(path, sample_rate_hz, span):
        held.append(piece)
        count += len(piece)
        while count >= size:
            joined = np.concatenate(held)
            yield joined[:size]
            held, count = [joined[size:]], count - size
    if count:
        yield np.concatenate(held)


def listen(path: Path, progress: Progress | None = None) -> Signals:
    """Loudness every 100 ms and the pauses of the whole source; what is broken counts as silence."""
    progress = progress or SilentProgress()
    levels: list[NDArray[np.float32]] = []
    progress.start(STAGE, None)
    for number, block in enumerate(iter_pcm(path, sample_rate_hz=_LISTEN_RATE_HZ), start=1):
        levels.append(_mean_squares(block, _LISTEN_RATE_HZ * _LEVEL_MS // 1000))
        progress.advance(STAGE, number * _BLOCK_MS)
    signals = signals_of(np.concatenate(levels) if levels else np.zeros(0, np.float32))
    progress.finish(STAGE, f"{len(signals.pauses)} pauses")
    return signals


def span_levels(path: Path, span: Span) -> Levels:
    """How loud a span is, every 10 ms; about 0.1 CPU-s for a minute. Raises `InputError` without sound.

    High tones count more (first-order pre-emphasis, as in speech recognition): hum and rumble, which are
    mostly below 150 Hz, would hide every pause of an old tape; consonants would be taken for silence.
    """
    pcm = read_pcm(path, sample_rate_hz=_FINE_RATE_HZ, span=span)
    pcm[1:] -= np.float32(_EMPHASIS) * pcm[:-1].copy()
    levels = _decibels(_mean_squares(pcm, _FINE_RATE_HZ * _FINE_MS // 1000))
    rounded = tuple(round(float(level), 1) for level in levels)
    return Levels(span.start_ms, _FINE_MS, rounded, round(_silence_threshold_db(levels), 1))


def signals_of(mean_squares: NDArray[np.float32]) -> Signals:
    """Signals from the mean square of every 20 ms."""
    per_step = _STEP_MS // _LEVEL_MS
    padded = np.pad(mean_squares, (0, -len(mean_squares) % per_step))
    loudness = _decibels(padded.reshape(-1, per_step).mean(axis=1))
    rounded = tuple(round(float(level), 1) for level in loudness)
    return Signals(_STEP_MS, rounded, _pauses(_decibels(mean_squares)))


def _pauses(levels_db: NDArray[np.float32]) -> tuple[Span, ...]:
    quiet = levels_db < _silence_threshold_db(levels_db)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.view(np.int8), [0]))))
    spans = (
        Span(int(start) * _LEVEL_MS, int(end) * _LEVEL_MS)
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    )
    return tuple(span for span in spans if span.duration_ms >= _SHORTEST_PAUSE_MS)


def _silence_threshold_db(levels_db: NDArray[np.float32]) -> float:
    """Between the room's noise and the voice, whatever the recording's level.

    A third of the way up from the quietest tenth to the loudest tenth, at least 12 and at most 35 dB
    below the voice: steady music or noise gives no pauses, a studio's breaths are not counted as voice.
    """
    heard = levels_db[levels_db > _FLOOR_DB + 1]
    if len(heard) == 0:
        return 0.0
    voice = float(np.percentile(heard, 90))
    room = float(np.percentile(heard, 10))
    return float(np.clip(room + (voice - room) / 3, voice - 35, voice - 12))


def _mean_squares(block: Pcm, size: int) -> NDArray[np.float32]:
    padded = np.pad(block, (0, -len(block) % size))
    return np.asarray(np.square(padded.reshape(-1, size)).mean(axis=1), np.float32)


def _decibels(mean_squares: NDArray[np.float32]) -> NDArray[np.float32]:
    floor = 10 ** (_FLOOR_DB / 10)
    return np.asarray(10 * np.log10(np.maximum(mean_squares, floor)), np.float32)


def _aligned(path: Path, rate: int, span: Span | None) -> Iterator[Pcm]:
    """Pieces put where their timestamps say: gaps become zeros, overlaps are dropped."""
    first = span.start_ms * rate // 1000 if span else 0
    last = span.end_ms * rate // 1000 if span else None
    position = first
    for begin, piece in _steady(_timed(path, rate, span.start_ms if span else 0), rate, first):
        if last is not None and begin >= last:
            break
        kept = piece[max(0, position - begin) : None if last is None else last - begin]
        if not len(kept):
            continue
        if begin > position:
            yield np.zeros(begin - position, np.float32)
        yield kept
        position = max(begin, position) + len(kept)
    if last is not None and position < last:
        yield np.zeros(last - position, np.float32)


def _steady(pieces: Iterable[tuple[int, Pcm]], rate: int, first: int) -> Iterator[tuple[int, Pcm]]:
    """Pieces with what their containers get wrong put right: stamps rounded to milliseconds, and
    clocks that wrap or start again (transport streams), after which the sound simply goes on."""
    drift, ahead, back = (rate * ms // 1000 for ms in (_DRIFT_MS, _LONGEST_GAP_MS, _CLOCK_RESET_MS))
    expected, shift = None, 0
    gaps = rate * (_MOST_GAPS_MS // 1000)
    for stamp, piece in pieces:
        begin = stamp + shift
        if expected is None:
            shift = first - stamp if stamp - first > ahead else 0
            begin = stamp + shift
        elif begin - expected > min(ahead, gaps) or expected - begin > back:
            begin, shift = expected, expected - stamp
        elif abs(begin - expected) <= drift:
            begin = expected
        gaps -= max(0, begin - expected) if expected is not None else 0
        expected = begin + len(piece)
        yield begin, piece


def _timed(path: Path, rate: int, from_ms: int) -> Iterator[tuple[int, Pcm]]:
    """Decoded pieces with the number of their first sample, from a little before `from_ms` on."""
    import av

    with media_container.open_media(path) as container:
        stream = _sound_of(container, path)
        if from_ms:
            # Codecs such as AAC and Opus need a few packets before the sound is right again.
            media_container.seek(container, max(0, from_ms - 500))
        # Whole numbers, because for those alone channels are mixed without exceeding full scale.
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        offset_s = media_container.start_ms(container) / 1000
        packets = media_container.packets(container, stream)
        frames = (frame for packet in packets for frame in media_container.decoded(packet))
        for frame in _joined(frames):
            yield from _resampled(frame, resampler, rate, offset_s)


def _joined(frames: "Iterable[AudioFrame]") -> "Iterator[AudioFrame]":
    """Frames that follow one another as one, up to a third of a second: resampling costs by the frame.

    Those without a time are left out.
    """
    import av

    fifo, start, end_s = av.AudioFifo(), 0, 0.0
    for frame in frames:
        base, at = frame.time_base, frame.pts
        if base is None or at is None or not frame.sample_rate:
            continue
        at_s = at * base.numerator / base.denominator
        if fifo.samples >= frame.sample_rate * _JOINED_S or abs(at_s - end_s) > _SEAM_S:
            yield from _taken_from(fifo, start)
        frame.pts = None  # the queue would refuse what a container's clock rounded
        try:
            fifo.write(frame)
        except ValueError:
            # A stream that changes its format midway.
            yield from _taken_from(fifo, start)
            fifo = av.AudioFifo()
            fifo.write(frame)
        if fifo.samples == frame.samples:
            start = at
        end_s = at_s + frame.samples / frame.sample_rate
    yield from _taken_from(fifo, start)


def _taken_from(fifo: "AudioFifo", start: int) -> "Iterator[AudioFrame]":
    frame = fifo.read()
    if frame is not None:
        frame.pts = start
        yield frame


def _resampled(
    frame: "AudioFrame", resampler: "AudioResampler", rate: int, offset_s: float
) -> Iterator[tuple[int, Pcm]]:
    import av

    try:
        pieces = resampler.resample(frame)
    except (av.error.FFmpegError, ValueError):
        # A stream that changes its format midway; what fits is kept.
        return
    for piece in pieces:
        if piece.samples and piece.pts is not None and piece.time_base is not None:
            base = piece.time_base
            start = round((piece.pts * base.numerator / base.denominator - offset_s) * rate)
            samples = np.frombuffer(memoryview(piece.planes[0]), np.int16, piece.samples)
            yield start, samples * np.float32(1 / 32768)


def _sound_of(container: "InputContainer", path: Path) -> "AvAudioStream":
    from av.stream import Disposition

    streams = [s for s in container.streams.audio if media_container.has_decoder(s)]
    preferred = [s for s in streams if s.disposition & Disposition.default] or streams
    if not preferred:
        raise InputError(
            f"{path.name} has no audio track.", remedy="Give a file with speech in it."
        )
    return preferred[0]
