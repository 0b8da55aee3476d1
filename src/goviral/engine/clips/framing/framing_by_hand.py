"""A crop set by hand, in place of what was chosen. Pure: a plan in, a plan out."""

from collections.abc import Iterator
from dataclasses import replace

from goviral.engine.clips.plans.plan import ClipPlan, CropKey, Layout, Shot
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span, frame_count, frame_start_ms

_ALIKE = 0.03
_SMALLEST = 16
_REMEDY = "Give left, top, width and height in pixels of the source."


def with_crop(
    plan: ClipPlan, crop: tuple[int, int, int, int], span: Span | None = None
) -> ClipPlan:
    """The plan showing `crop` (left, top, width, height, source pixels) for `span` of the clip, or all of it.

    A crop in the frame's shape, to 3 %, fills the frame; any other is shown whole over its blurred copy.
    Raises `InputError` for a crop that is not inside the source, a span outside the clip, and a source
    without a picture.
    """
    _check(plan, crop)
    fps = plan.frame.fps
    last = frame_count(plan.span.duration_ms, fps)
    first, end = 0, last
    if span is not None:
        first, end = (round(at_ms * fps / 1000) for at_ms in (span.start_ms, span.end_ms))
    if not 0 <= first < end <= last:
        raise InputError(
            f"The crop's time is outside the clip, which lasts {plan.span.duration_ms} ms.",
            remedy="Give times that count from the start of the clip.",
        )
    stretch = Span(frame_start_ms(first, fps), frame_start_ms(end, fps))
    if end == last:
        stretch = Span(stretch.start_ms, max(stretch.end_ms, plan.shots[-1].span.end_ms))
    shots = [*_before(plan, stretch), _shot(plan, crop, stretch), *_after(plan, stretch)]
    return replace(plan, shots=tuple(shots))


def _check(plan: ClipPlan, crop: tuple[int, int, int, int]) -> None:
    source, (left, top, width, height) = plan.source, crop
    if source.video_stream is None:
        raise InputError("There is no picture to crop: the source is sound only.")
    if min(width, height) < min(_SMALLEST, source.width, source.height):
        raise InputError(f"A crop of {width}x{height} is too small.", remedy=_REMEDY)
    if min(left, top) < 0 or left + width > source.width or top + height > source.height:
        raise InputError(
            f"The crop {left},{top},{width},{height} is not inside the source,"
            f" which is {source.width}x{source.height}.",
            remedy=_REMEDY,
        )


def _shot(plan: ClipPlan, crop: tuple[int, int, int, int], span: Span) -> Shot:
    left, top, width, height = crop
    shape = width * plan.frame.height / (height * plan.frame.width)
    layout = Layout.FOLLOW if abs(shape - 1) <= _ALIKE else Layout.FIT
    size = max(1, width // 2 * 2), max(1, height // 2 * 2)
    return Shot(span, layout, *size, (CropKey(span.start_ms, left, top),))


def _before(plan: ClipPlan, stretch: Span) -> Iterator[Shot]:
    for shot in plan.shots:
        if shot.span.start_ms < stretch.start_ms:
            end_ms = min(shot.span.end_ms, stretch.start_ms)
            yield replace(shot, span=Span(shot.span.start_ms, end_ms))


def _after(plan: ClipPlan, stretch: Span) -> Iterator[Shot]:
    for shot in plan.shots:
        if shot.span.end_ms > stretch.end_ms:
            start_ms = max(shot.span.start_ms, stretch.end_ms)
            yield replace(shot, span=Span(start_ms, shot.span.end_ms))
