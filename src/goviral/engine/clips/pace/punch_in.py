"""Where a cut closer helps: on a word that carries the sentence, to the end of its phrase. Pure."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from goviral.engine.clips.fonts.writing import ends_sentence
from goviral.engine.clips.plans.plan import Captions, CaptionWord, Frame, Layout, Shot, Zoom
from goviral.engine.clips.plans.played import Timeline
from goviral.engine.clips.plans.screen import Box
from goviral.engine.media.signals import Levels
from goviral.kit.timecode import Span, frame_at, frame_start_ms

FACTOR = 1.12
"""Enough to be felt; the picture is enlarged by an eighth, which no phone shows."""
_SHORTEST_MS, _LONGEST_MS = 900, 2_600
_APART_MS = 4_000
_HEAD_MS = 1_200
_PAUSE_MS = 250
_STRESS_DB = 3.0
_LEAST_LETTERS = 4
_ZOOMED = frozenset({Layout.FOLLOW})
_WIDEST_FACE, _AIR = 0.5, 0.04


def choose_zooms(
    captions: Captions | None,
    levels: Levels,
    shots: Sequence[Shot],
    line: Timeline,
    fits: Callable[[Zoom], bool] = lambda _: True,
) -> tuple[Zoom, ...]:
    """Punch-ins in clip time, on whole frames, in order, at least 4 s of what is played apart.

    On words marked as emphasised; where none are, on long words said at least 3 dB louder than the
    clip's others. Never across a camera cut: the closer picture ends there. `fits` refuses those whose
    picture would be too close.
    """
    words = (
        [word for page in captions.pages for row in page.lines for word in row] if captions else []
    )
    heard = [word for word in words if line.span(_span(word)).duration_ms]
    marked = [at for at, word in enumerate(heard) if word.emphasis] or _stressed(heard, levels)
    zooms: list[Zoom] = []
    for at in marked:
        zoom = _zoom(heard, at, shots, line)
        apart = not zooms or (zoom and _apart_ms(zooms[-1], zoom, line) >= _APART_MS)
        if zoom and apart and fits(zoom):
            zooms.append(zoom)
    return tuple(zooms)


def faces_fit(faces: Sequence[Box], frame: Frame) -> bool:
    """Whether faces in the finished frame stay whole, with air about them, and below half its width."""
    edge = frame.width * _AIR
    return all(
        face.width <= frame.width * _WIDEST_FACE
        and edge <= face.x
        and face.x + face.width <= frame.width - edge
        and face.y >= edge
        for face in faces
    )


def _zoom(
    words: Sequence[CaptionWord], at: int, shots: Sequence[Shot], line: Timeline
) -> Zoom | None:
    starts_ms = _on_frame(words[at].start_ms, line)
    shot = next((shot for shot in shots if shot.span.contains(starts_ms)), None)
    if shot is None or shot.layout not in _ZOOMED or line.at(starts_ms) < _HEAD_MS:
        return None
    latest_ms = line.clip_ms(min(line.duration_ms, line.at(starts_ms) + _LONGEST_MS))
    end_ms = min(_phrase_end_ms(words, at), latest_ms, shot.span.end_ms)
    least_ms = line.clip_ms(line.at(starts_ms) + _SHORTEST_MS)
    end_ms = _on_frame(min(max(end_ms, least_ms), shot.span.end_ms), line)
    span = Span(starts_ms, end_ms)
    return Zoom(span, FACTOR) if line.span(span).duration_ms >= _SHORTEST_MS - 50 else None


def _phrase_end_ms(words: Sequence[CaptionWord], at: int) -> int:
    """The end of the last word before a breath."""
    for word, following in pairwise(words[at:]):
        gap_ms = following.start_ms - word.end_ms
        if gap_ms >= _PAUSE_MS or ends_sentence(word.said or word.text):
            return word.end_ms
    return words[-1].end_ms


def _stressed(words: Sequence[CaptionWord], levels: Levels) -> list[int]:
    loudness = [max(_heard_db(word, levels), default=levels.quiet_db) for word in words]
    if not loudness:
        return []
    usual = median(loudness)
    return [
        at
        for at, level in enumerate(loudness)
        if level >= usual + _STRESS_DB and len(words[at].text) >= _LEAST_LETTERS
    ]


def _heard_db(word: CaptionWord, levels: Levels) -> Iterator[float]:
    """Levels of the word over 50 ms each: a click is no stress."""
    first, end = word.start_ms // levels.step_ms, word.end_ms // levels.step_ms
    width = max(1, 50 // levels.step_ms)
    for start in range(first, max(first + 1, end - width + 1)):
        part = levels.db[start : start + width]
        if part:
            yield sum(part) / len(part)


def _apart_ms(one: Zoom, other: Zoom, line: Timeline) -> int:
    return line.at(other.span.start_ms) - line.at(one.span.end_ms)


def _on_frame(at_ms: int, line: Timeline) -> int:
    return frame_start_ms(frame_at(at_ms, line.fps), line.fps)


def _span(word: CaptionWord) -> Span:
    return Span(word.start_ms, word.end_ms)
