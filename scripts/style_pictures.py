"""Make the pictures of docs/captions.md: each look on a frame of the sample talk, by the real renderer."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

from goviral.engine.clips.captions.styles import STYLE_NAMES
from goviral.engine.clips.captions.wording import WordWishes
from goviral.engine.clips.planning.planner import ClipWishes, plan_clip
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.media.frames import frame_at
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.engine.studio.tools import LocalTools
from goviral.engine.transcripts.formats import read_transcript
from goviral.kit.files import atomic_path
from goviral.kit.settings import load_settings
from goviral.kit.timecode import Span

TALK = Path("examples/talk.mp4")
OUT = Path("docs/pictures/styles")
SPAN = Span(38_280, 43_600)
TITLE = "Why databases lose your data"
WORDS_AT_MS = 4_900
HOOK_AT_MS = 700
WIDTH = 360
_JPEG_QUALITY = 84

LOOKS: dict[str, tuple[ClipWishes, int]] = {
    **{
        name: (ClipWishes(captions=name, words=WordWishes(hook=False)), WORDS_AT_MS)
        for name in STYLE_NAMES
    },
    "hook": (ClipWishes(), HOOK_AT_MS),
    "progress-bar": (ClipWishes(words=WordWishes(hook=False, progress_bar=True)), WORDS_AT_MS),
}


def main() -> None:
    """All of them, or the looks named on the command line."""
    tools = LocalTools(load_settings())
    for name in sys.argv[1:] or LOOKS:
        wishes, at_ms = LOOKS[name]
        picture = rendered(planned(tools, wishes), at_ms, tools)
        small = picture.resize((WIDTH, WIDTH * picture.height // picture.width))
        with atomic_path(OUT / f"{name}.jpg") as partial:
            small.save(partial, "JPEG", quality=_JPEG_QUALITY, optimize=True)
        print(OUT / f"{name}.jpg")


def planned(tools: LocalTools, wishes: ClipWishes) -> ClipPlan:
    """The clip that all pictures are frames of."""
    media = tools.probe(TALK)
    return plan_clip(
        name="look",
        moment=Moment(SPAN, 0, Scorecard(*[0] * 6), TITLE, "", "", "insight"),
        media=media,
        transcript=read_transcript(TALK.with_suffix(".json")),
        look=tools.look(media, SPAN),
        loudness=None,
        wishes=wishes,
        span=SPAN,
    )


def rendered(plan: ClipPlan, at_ms: int, tools: LocalTools) -> Image.Image:
    """One frame of the finished clip."""
    with tempfile.TemporaryDirectory() as folder:
        clip = tools.render(replace(plan, name="look"), Path(folder) / "look.mp4", lambda _: None)
        return Image.fromarray(frame_at(clip.path, at_ms))


if __name__ == "__main__":
    main()
