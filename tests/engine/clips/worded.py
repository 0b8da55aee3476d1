"""A plan with words, for what edits and draws them."""

from dataclasses import replace
from fractions import Fraction

from goviral.engine.clips.captions.clearance import Ground
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.captions.wording import WordWishes, with_words
from goviral.engine.clips.plans.plan import ClipPlan, CropKey, Frame, Layout, Shot, Source
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.document import Transcript, Word
from goviral.kit.timecode import Span

TEXT = (
    "Nobody told me. We lost three million dollars, and then the shit began. Really, Ada said so."
)
CLIP = Span(10_000, 20_000)
FPS = Fraction(25)


def transcript(text: str = TEXT, start_ms: int = 8_000, each_ms: int = 500) -> Transcript:
    """Words from two seconds before the clip on."""
    texts = ["Long", "ago", "there", "was.", *text.split(), "And", "after", "that", "nothing."]
    words = [
        Word(t, start_ms + each_ms * i, start_ms + each_ms * (i + 1) - 40)
        for i, t in enumerate(texts)
    ]
    return build_transcript(words=words, language="en", engine="twin")


def worded(
    style: str | None = "punch",
    wishes: WordWishes = WordWishes(),
    ground: Ground = Ground(),
    **more: object,
) -> ClipPlan:
    """A clip of ten seconds of a film of a minute."""
    plan = ClipPlan(
        name="01-nobody",
        title="Nobody told me about the shit",
        source=Source("/talk.mp4", "f00", 60_000, 1920, 1080, FPS, 0, 1),
        span=CLIP,
        frame=Frame(1080, 1920, FPS),
        shots=(
            Shot(
                Span(0, 4_000),
                Layout.FOLLOW,
                608,
                1080,
                (CropKey(0, 100, 0), CropKey(3000, 200, 0)),
            ),
            Shot(Span(4_000, 10_000), Layout.FOLLOW, 608, 1080, (CropKey(4_000, 900, 0),)),
        ),
    )
    look = load_style(style) if style else None
    return replace(with_words(plan, transcript(), look, wishes, ground), **more)  # type: ignore[arg-type]  # any field


def said(plan: ClipPlan) -> list[str]:
    """The pages as they are drawn."""
    assert plan.captions is not None
    return [
        " ".join(word.text for line in page.lines for word in line) for page in plan.captions.pages
    ]
