"""What can be left out of a clip without a word lost: long silences, and fillers that stand alone. Pure.

Words and sound have to agree. A recogniser's times are off by a tenth of a second or two, so edges are set
by the sound; the sound does not know a whisper from noise, so no word is cut however soft it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from goviral.engine.clips.pace.dips import dip_after
from goviral.engine.clips.pace.fillers import Filler, find_fillers
from goviral.engine.clips.plans.plan import Removal
from goviral.engine.media.signals import Levels
from goviral.engine.transcripts.document import Transcript, Word
from goviral.kit.timecode import Span, frame_start_ms

SILENCE_MS = 600
"""Silences longer than this are taken out."""
GUARD_MS = 80
NARROWEST_GUARD_MS, WIDEST_GUARD_MS = 60, 100
"""What stays of a pause beside speech: 80 ms, moved to a whole frame, never less than 60."""
TAIL_MS = 350
"""What stays after the last word of a clip."""
_BLIP_MS = 40
"""A click of the lips does not part a silence."""
_NEAR_MS = 160
"""How far the recogniser may be off when it places a filler."""
_LONGEST_FILLER_MS = 1500
_CLIPPED_MS = 20
"""How much of a filler may be left over for the sake of a whole frame."""
_SLACK_MS = 80
_SLIVER_MS = 150
_SHORTEST_MS = 100
_WORD_MS, _LETTER_MS = 150, 90
"""How long a word of so many letters takes at most; recognisers stretch words over the pause behind them."""


def find_removals(
    transcript: Transcript, levels: Levels, span: Span, fps: Fraction
) -> tuple[Removal, ...]:
    """What to leave out of the clip `span`, in clip time, on whole frames.

    `levels` are those of the same span. Fillers need words that were timed by ear: where times were
    derived from sentences, only silences are found.
    """
    words = [_clip_word(word, span) for word in transcript.words_in(span)]
    quiet = levels.quiet_spans(_BLIP_MS)
    timed = not transcript.words_estimated
    fillers = find_fillers(words, transcript.language) if timed else ()
    dropped = {at for filler in fillers for at in range(filler.first, filler.end)}
    kept = [_plausible(word) for at, word in enumerate(words) if timed and at not in dropped]
    found = [*_silences(quiet, kept, span.duration_ms, fps)]
    sound = _Sound(levels, quiet, span.duration_ms, fps)
    cuts = (_around(filler, words, kept, sound) for filler in fillers)
    return _merged([*found, *(cut for cut in cuts if cut)], kept)


def _clip_word(word: Word, span: Span) -> Word:
    return replace(word, start_ms=word.start_ms - span.start_ms, end_ms=word.end_ms - span.start_ms)


def _plausible(word: Word) -> Span:
    """Where the word is surely spoken, whatever its end is said to be."""
    longest_ms = _WORD_MS + _LETTER_MS * len(word.text)
    return Span(word.start_ms, min(word.end_ms, word.start_ms + longest_ms))


def _silences(
    quiet: Sequence[Span], words: Sequence[Span], clip_ms: int, fps: Fraction
) -> Iterator[Removal]:
    parts = (part for stretch in quiet for part in _without(stretch, words))
    for part in parts:
        if part.duration_ms <= SILENCE_MS:
            continue
        first = _after(part.start_ms, fps) if part.start_ms > 0 else 0
        end = _before(part.end_ms, fps)
        if part.end_ms >= clip_ms:
            first, end = ceil((part.start_ms + TAIL_MS) * fps / 1000), round(clip_ms * fps / 1000)
        cut = _frames(first, end, fps)
        if cut.duration_ms >= _SHORTEST_MS:
            yield Removal(cut, "silence")


@dataclass(frozen=True, slots=True)
class _Sound:
    """What is heard in the clip: how loud, and the stretches without speech."""

    levels: Levels
    quiet: Sequence[Span]
    clip_ms: int
    fps: Fraction


@dataclass(frozen=True, slots=True)
class _Edge:
    """One end of a cut: the frame, and where what is cut out begins or ends to be heard."""

    frame: int
    heard_ms: int


def _around(
    filler: Filler, words: Sequence[Word], kept: Sequence[Span], sound: _Sound
) -> Removal | None:
    """The cut that takes a filler out with the pauses about it.

    None unless there is a pause on both sides, or after a mere sound a clear dip, and what is heard between
    them is the filler alone.
    """
    said = Span(words[filler.first].start_ms, words[filler.end - 1].end_ms)
    left = _left_pause(said, sound)
    right = _right_pause(said, sound) or (_dip(said, sound) if filler.is_sound else None)
    if (
        left is None
        or right is None
        or not 0 < right.heard_ms - left.heard_ms <= _LONGEST_FILLER_MS
    ):
        return None
    cut = _frames(left.frame, right.frame, sound.fps)
    whole = (
        left.heard_ms + _CLIPPED_MS >= cut.start_ms and right.heard_ms - _CLIPPED_MS <= cut.end_ms
    )
    heard = Span(left.heard_ms, right.heard_ms)
    if not whole or any(_cuts_into(word, cut, heard) for word in kept):
        return None
    return Removal(cut, "filler", filler.text)


def _left_pause(said: Span, sound: _Sound) -> _Edge | None:
    quiet = [*sound.quiet, Span(-WIDEST_GUARD_MS, 0)]
    pause = _gap(quiet, said.start_ms, said, before=True)
    if pause is None:
        return None
    return _Edge(max(0, _after(pause.start_ms, sound.fps)), pause.end_ms)


def _right_pause(said: Span, sound: _Sound) -> _Edge | None:
    quiet = [*sound.quiet, Span(sound.clip_ms, sound.clip_ms + WIDEST_GUARD_MS)]
    pause = _gap(quiet, said.end_ms, said, before=False)
    return None if pause is None else _Edge(_before(pause.end_ms, sound.fps), pause.start_ms)


def _dip(said: Span, sound: _Sound) -> _Edge | None:
    frame = dip_after(sound.levels, said, sound.fps)
    return None if frame is None else _Edge(frame, frame_start_ms(frame, sound.fps))


def _cuts_into(word: Span, cut: Span, heard: Span) -> bool:
    """Whether a cut takes more of a word than its recogniser may be wrong about its edges."""
    return heard.overlap_ms(word) > _SLACK_MS or 2 * cut.overlap_ms(word) > word.duration_ms


def _gap(quiet: Sequence[Span], edge_ms: int, said: Span, *, before: bool) -> Span | None:
    """The pause next to one edge of what was said: the one whose own edge is nearest to it."""

    def off(gap: Span) -> int:
        return abs((gap.end_ms if before else gap.start_ms) - edge_ms)

    middle = (said.start_ms + said.end_ms) // 2
    sided = [gap for gap in quiet if (gap.end_ms <= middle if before else gap.start_ms >= middle)]
    near = [gap for gap in sided if off(gap) <= _NEAR_MS and gap.duration_ms >= NARROWEST_GUARD_MS]
    return min(near, key=off, default=None)


def _after(speech_end_ms: int, fps: Fraction) -> int:
    """The first frame that may go once speech has ended: the nearest to the guard, never before it."""
    nearest = round((speech_end_ms + GUARD_MS) * fps / 1000)
    return max(nearest, ceil((speech_end_ms + NARROWEST_GUARD_MS) * fps / 1000))


def _before(speech_start_ms: int, fps: Fraction) -> int:
    """The first frame that has to stay before speech begins."""
    nearest = round((speech_start_ms - GUARD_MS) * fps / 1000)
    return min(nearest, floor((speech_start_ms - NARROWEST_GUARD_MS) * fps / 1000))


def _frames(first: int, end: int, fps: Fraction) -> Span:
    return Span(frame_start_ms(first, fps), frame_start_ms(max(first, end), fps))


def _without(stretch: Span, words: Sequence[Span]) -> Iterator[Span]:
    """The parts of a stretch in which no word is spoken."""
    at_ms = stretch.start_ms
    for word in sorted(words):
        if word.end_ms <= at_ms or word.start_ms >= stretch.end_ms:
            continue
        if word.start_ms > at_ms:
            yield Span(at_ms, word.start_ms)
        at_ms = max(at_ms, word.end_ms)
    if at_ms < stretch.end_ms:
        yield Span(at_ms, stretch.end_ms)


def _merged(removals: Sequence[Removal], words: Sequence[Span]) -> tuple[Removal, ...]:
    """In order and apart. What is left between two of them without a word in it goes too."""
    merged: list[Removal] = []
    for cut in sorted(removals, key=lambda removal: removal.span):
        if merged and _belongs(merged[-1].span, cut.span, words):
            last = merged.pop()
            span = Span(last.span.start_ms, max(last.span.end_ms, cut.span.end_ms))
            fillers = [each.text for each in (last, cut) if each.reason == "filler"]
            cut = Removal(span, "filler" if fillers else "silence", " ".join(fillers))  # noqa: PLW2901  both as one
        merged.append(cut)
    return tuple(merged)


def _belongs(one: Span, other: Span, words: Sequence[Span]) -> bool:
    between = Span(one.end_ms, other.start_ms)
    if between.duration_ms <= 0:
        return True
    return between.duration_ms < _SLIVER_MS and not any(between.overlap_ms(word) for word in words)
