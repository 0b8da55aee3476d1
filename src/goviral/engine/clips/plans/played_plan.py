"""A plan as it is played: removals closed up and punch-ins applied. What the graph is made from. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionWord,
    ClipPlan,
    HookTitle,
    Insert,
    Music,
    Shot,
    ThumbnailPlan,
)
from goviral.engine.clips.plans.played import Timeline, timeline_of
from goviral.engine.clips.plans.shot_pieces import joined, piece_of
from goviral.engine.clips.plans.zooms import zoomed
from goviral.kit.timecode import Span, frame_at


def played(plan: ClipPlan) -> ClipPlan:
    """The plan with every time counted from the start of the finished clip, nothing left to remove.

    Its span has the length of what is played; where in the source that lies, only the plan itself and
    `played_spans` know. A plan without removals and zooms is returned as it is.
    """
    plan = _closed_up(plan) if plan.removals else plan
    if not plan.zooms:
        return plan
    shots = zoomed(plan.shots, plan.zooms, plan.source, plan.frame.fps)
    return replace(plan, shots=shots, zooms=())


def _closed_up(plan: ClipPlan) -> ClipPlan:
    line = timeline_of(plan)
    start_ms = plan.span.start_ms
    return replace(
        plan,
        span=Span(start_ms, start_ms + line.duration_ms),
        shots=played_shots(plan.shots, line),
        captions=_captions(plan.captions, line),
        thumbnail=_thumbnail(plan.thumbnail, line),
        removals=(),
        zooms=tuple(
            replace(zoom, span=line.span(zoom.span))
            for zoom in plan.zooms
            if line.span(zoom.span).duration_ms
        ),
        inserts=tuple(_inserts(plan.inserts, line)),
        music=_music(plan.music, line),
        hook=_hook(plan.hook, line),
    )


def played_shots(shots: tuple[Shot, ...], line: Timeline) -> tuple[Shot, ...]:
    """The shots on the frames that are played. A shot that rests through a removal stays one shot."""
    return tuple(piece for shot in shots for piece in _shot_pieces(shot, line))


def _shot_pieces(shot: Shot, line: Timeline) -> list[Shot]:
    first, end = (
        frame_at(shot.span.start_ms, line.fps),
        frame_at(shot.span.end_ms - 1, line.fps) + 1,
    )
    pieces: list[Shot] = []
    for start, stop in line.kept:
        start, stop = max(start, first), min(stop, end)  # noqa: PLW2901  the part that is the shot's
        if start >= stop:
            continue
        piece = piece_of(shot, start, stop, line.frame(start), line.fps)
        one = joined(pieces[-1], piece) if pieces else None
        pieces[-1:] = [one] if one else [*pieces[-1:], piece]
    return pieces


def _captions(captions: Captions | None, line: Timeline) -> Captions | None:
    if captions is None:
        return None
    # Of moves that fall together, as where a whole shot is removed, the last one holds.
    moves = {line.at(move.at_ms): move for move in captions.moves}
    return replace(
        captions,
        pages=tuple(_pages(captions.pages, line)),
        moves=tuple(replace(move, at_ms=at_ms) for at_ms, move in moves.items()),
    )


def _pages(pages: tuple[CaptionPage, ...], line: Timeline) -> Iterator[CaptionPage]:
    """Words that are cut out go, and pages without words."""
    for page in pages:
        lines = tuple(kept for words in page.lines if (kept := tuple(_words(words, line))))
        span = line.span(page.span)
        if lines and span.duration_ms:
            yield replace(page, span=span, lines=lines)


def _words(words: tuple[CaptionWord, ...], line: Timeline) -> Iterator[CaptionWord]:
    for word in words:
        span = line.span(Span(word.start_ms, word.end_ms))
        if span.duration_ms:
            yield replace(word, start_ms=span.start_ms, end_ms=span.end_ms)


def _thumbnail(thumbnail: ThumbnailPlan | None, line: Timeline) -> ThumbnailPlan | None:
    return thumbnail and replace(thumbnail, at_ms=line.at(thumbnail.at_ms))


def _inserts(inserts: tuple[Insert, ...], line: Timeline) -> Iterator[Insert]:
    for insert in inserts:
        span = line.span(insert.span)
        if span.duration_ms:
            yield replace(insert, span=span)


def _music(music: Music | None, line: Timeline) -> Music | None:
    if music is None:
        return None
    spans = (line.span(span) for span in music.speech)
    return replace(music, speech=tuple(span for span in spans if span.duration_ms))


def _hook(hook: HookTitle | None, line: Timeline) -> HookTitle | None:
    """A title stays as long as was planned: what is cut out beneath it does not hurry its reader."""
    if hook is None:
        return None
    start_ms = line.at(hook.span.start_ms)
    end_ms = min(line.duration_ms, start_ms + hook.span.duration_ms)
    return replace(hook, span=Span(start_ms, end_ms)) if end_ms > start_ms else None
