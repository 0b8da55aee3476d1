"""Small plans to export: 1080p at 25, a clip of four seconds from the tenth on."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionWord,
    Cell,
    ClipPlan,
    CropKey,
    Frame,
    Layout,
    Loudness,
    Shot,
    Source,
)
from goviral.kit.timecode import Span


def follow(start_ms: int, end_ms: int, x: float) -> Shot:
    return Shot(Span(start_ms, end_ms), Layout.FOLLOW, 608, 1080, (CropKey(start_ms, x, 0),))


def split() -> Shot:
    """Two faces, one above the other, the lower one moving."""
    moving = (CropKey(0, 900, 100), CropKey(1000, 900, 100), CropKey(2000, 1000, 100))
    upper = Cell(0, 0, 1080, 960, 720, 640, (CropKey(0, 100, 50),))
    lower = Cell(0, 960, 1080, 960, 720, 640, moving)
    return Shot(Span(0, 4000), Layout.SPLIT, cells=(upper, lower))


def captions() -> Captions:
    """Two sentences; what is said is not what is drawn."""
    said = [
        ("That", 100, 400), ("is", 400, 600), ("why.", 600, 1400),
        ("Nobody", 2000, 2600), ("knows", 2600, 3000), ("<this> & that.", 3000, 3900),
    ]  # fmt: skip
    words = [CaptionWord(text.upper(), start, end, said=text) for text, start, end in said]
    pages = tuple(
        CaptionPage(Span(part[0].start_ms, part[-1].end_ms), (tuple(part),))
        for part in (words[:3], words[3:])
    )
    return Captions(load_style("punch"), pages, "en")


def clip_plan(*, fps: Fraction = Fraction(25), **changes: Any) -> ClipPlan:
    source = Source(
        "/media/my talk & more.mp4", "x", 600_000, 1920, 1080, fps, video_stream=0, audio_stream=1
    )
    plan = ClipPlan(
        name="01-why",
        title="Why?",
        source=source,
        span=Span(10_000, 14_000),
        frame=Frame(1080, 1920, fps),
        shots=(follow(0, 4000, 656),),
        captions=captions(),
        loudness=Loudness(-14.0, 3.25, -1.5, -17.0),
    )
    return replace(plan, **changes)
