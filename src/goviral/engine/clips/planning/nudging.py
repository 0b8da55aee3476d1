"""A clip that begins or ends elsewhere: every time in its plan moved along. Pure but for fonts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from goviral.engine.clips.captions.captions import set_pages
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import (
    CaptionMove,
    CaptionPage,
    Captions,
    ClipPlan,
    CropKey,
    HookTitle,
    Insert,
    Removal,
    Shot,
    Zoom,
)
from goviral.engine.clips.thumbnails.thumbnail_choice import shifted
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span, frame_count, frame_start_ms

_SHORTEST_MS = 1_000

Placed = TypeVar("Placed", Removal, Zoom, Insert)


def with_ends_moved(
    plan: ClipPlan, start_by_ms: int, end_by_ms: int, transcript: Transcript | None = None
) -> ClipPlan:
    """The plan beginning and ending so much later (earlier where negative), on whole frames.

    What is framed at either end goes on where the clip grows; the words heard there come from
    `transcript` (times of the source), if there is one. Raises `InputError` for a clip shorter than a
    second or beyond its source.
    """
    span = _moved_span(plan, start_by_ms, end_by_ms)
    by_ms = span.start_ms - plan.span.start_ms
    length_ms = span.duration_ms
    music = plan.music and replace(
        plan.music, speech=tuple(_inside((s for s in plan.music.speech), by_ms, length_ms))
    )
    return replace(
        plan,
        span=span,
        shots=_shots(plan.shots, by_ms, length_ms),
        captions=_captions(plan, span, transcript),
        removals=_placed(plan.removals, by_ms, length_ms),
        zooms=_placed(plan.zooms, by_ms, length_ms),
        inserts=_placed(plan.inserts, by_ms, length_ms),
        music=music,
        hook=_hook(plan.hook, length_ms),
        thumbnail=shifted(plan.thumbnail, by_ms, length_ms),
    )


def _moved_span(plan: ClipPlan, start_by_ms: int, end_by_ms: int) -> Span:
    fps, old = plan.frame.fps, plan.span
    last = frame_count(old.duration_ms, fps) + round(end_by_ms * fps / 1000)
    first = round(start_by_ms * fps / 1000)
    step_ms = frame_start_ms(first, fps) if first >= 0 else -frame_start_ms(-first, fps)
    span = Span(old.start_ms + step_ms, old.start_ms + frame_start_ms(max(0, last), fps))
    if span.start_ms < 0 or span.end_ms > plan.source.duration_ms:
        raise InputError(
            "The clip would begin or end beyond its source, which lasts "
            f"{plan.source.duration_ms / 1000:.1f} s.",
            remedy="Move its ends by less.",
        )
    if span.duration_ms < _SHORTEST_MS:
        raise InputError("Less than a second of the clip would be left.", remedy="Move by less.")
    return span


def _shots(shots: Sequence[Shot], by_ms: int, length_ms: int) -> tuple[Shot, ...]:
    """Shots that are still seen; the first and the last reach to the clip's ends."""
    starts = [max(0, shot.span.start_ms - by_ms) for shot in shots]
    starts[0] = 0
    ends = [*starts[1:], length_ms]
    moved = [
        _moved_shot(shot, Span(start, min(end, length_ms)), by_ms)
        for shot, start, end in zip(shots, starts, ends, strict=True)
        if start < min(end, length_ms)
    ]
    return tuple(moved)


def _moved_shot(shot: Shot, span: Span, by_ms: int) -> Shot:
    return replace(
        shot,
        span=span,
        path=_moved_path(shot.path, by_ms),
        cells=tuple(replace(cell, path=_moved_path(cell.path, by_ms)) for cell in shot.cells),
    )


def _moved_path(path: Sequence[CropKey], by_ms: int) -> tuple[CropKey, ...]:
    return tuple(replace(key, at_ms=key.at_ms - by_ms) for key in path)


def _inside(spans: Iterator[Span], by_ms: int, length_ms: int) -> Iterator[Span]:
    for span in spans:
        moved = Span(max(0, span.start_ms - by_ms), min(length_ms, span.end_ms - by_ms))
        if moved.duration_ms > 0:
            yield moved


def _placed(things: Sequence[Placed], by_ms: int, length_ms: int) -> tuple[Placed, ...]:
    return tuple(
        replace(thing, span=span)
        for thing in things
        for span in _inside(iter([thing.span]), by_ms, length_ms)
    )


def _hook(hook: HookTitle | None, length_ms: int) -> HookTitle | None:
    """A title belongs to the clip's beginning, wherever that is."""
    return hook and replace(hook, span=Span(0, min(hook.span.duration_ms, length_ms)))


def _captions(plan: ClipPlan, span: Span, transcript: Transcript | None) -> Captions | None:
    captions = plan.captions
    if captions is None:
        return None
    by_ms = span.start_ms - plan.span.start_ms
    pages = [page for old in captions.pages for page in _moved_page(old, by_ms, span.duration_ms)]
    if transcript:
        setter = Typesetter(captions.style, plan.frame, captions.language)
        before = Span(span.start_ms, min(plan.span.start_ms, span.end_ms))
        after = Span(max(plan.span.end_ms, span.start_ms), span.end_ms)
        pages = [
            *_new_pages(before, span, transcript, setter),
            *pages,
            *_new_pages(after, span, transcript, setter),
        ]
    moves = tuple(_moves(captions.moves, by_ms, span.duration_ms))
    return replace(captions, pages=tuple(pages), moves=moves)


def _moves(moves: Sequence[CaptionMove], by_ms: int, length_ms: int) -> Iterator[CaptionMove]:
    """Those within the clip, and what holds at its beginning."""
    before = [move for move in moves if move.at_ms <= max(0, by_ms)]
    if before:
        yield replace(before[-1], at_ms=0)
    for move in moves:
        if max(0, by_ms) < move.at_ms < by_ms + length_ms:
            yield replace(move, at_ms=move.at_ms - by_ms)


def _moved_page(page: CaptionPage, by_ms: int, length_ms: int) -> Iterator[CaptionPage]:
    for span in _inside(iter([page.span]), by_ms, length_ms):
        lines = tuple(
            kept
            for line in page.lines
            if (
                kept := tuple(
                    replace(
                        word,
                        start_ms=word.start_ms - by_ms,
                        end_ms=min(word.end_ms - by_ms, length_ms),
                    )
                    for word in line
                    if 0 <= word.start_ms - by_ms < length_ms
                )
            )
        )
        if lines:
            start_ms = max(span.start_ms, lines[0][0].start_ms)
            yield replace(page, span=Span(start_ms, max(span.end_ms, start_ms + 1)), lines=lines)


def _new_pages(
    stretch: Span, clip: Span, transcript: Transcript, setter: Typesetter
) -> Iterator[CaptionPage]:
    """Pages of the words heard in a stretch that the clip did not have."""
    if stretch.duration_ms <= 0:
        return
    by_ms = clip.start_ms - stretch.start_ms
    for page in set_pages(transcript.words_in(stretch), stretch, setter):
        yield from _moved_page(page, by_ms, clip.duration_ms)
