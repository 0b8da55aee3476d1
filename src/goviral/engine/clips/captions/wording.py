"""What is written on a clip: its captions, its hook title, its progress bar, as wished. Pure but for fonts."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from goviral.engine.clips.captions.captions import plan_captions
from goviral.engine.clips.captions.clearance import Ground
from goviral.engine.clips.captions.emphasis import Emphasis, word_counts
from goviral.engine.clips.captions.hook import (
    caption_band,
    hook_band,
    hook_ground,
    load_hook_style,
    plan_hook,
)
from goviral.engine.clips.captions.masking import NO_MASK, Mask, mask_for
from goviral.engine.clips.captions.places import usual_ground
from goviral.engine.clips.captions.safe_area import safe_area
from goviral.engine.clips.captions.styles import DEFAULT_STYLE, load_style
from goviral.engine.clips.plans.plan import (
    Captions,
    CaptionStyle,
    ClipPlan,
    HookTitle,
    ProgressBar,
)
from goviral.engine.moments.titles import FALLBACK
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span

BAR_HEIGHT = 12
_BAR_COLOR = "#FFE100"
_LOWER = (0.02, 0.04, 0.06, 0.08, 0.1)
_LOWER_COST = 0.35
_SIZES = (1.0, 0.88, 0.76)
_SMALLER_COST = 0.25
_NO_HOOK_COST = 100.0


@dataclass(frozen=True, slots=True)
class WordWishes:
    """What the user wants written.

    `hook` None: where captions are drawn. `mask` hides strong language everywhere it would be read,
    `mask_words` more of the user's own.
    """

    emphasis: bool = True
    mask: bool = False
    mask_words: tuple[str, ...] = field(default=())
    hook: bool | None = None
    progress_bar: bool = False

    def mask_in(self, language: str) -> Mask:
        """The mask for a language; none where none is wished."""
        return mask_for(language, self.mask_words) if self.mask or self.mask_words else NO_MASK


def with_words(
    plan: ClipPlan,
    transcript: Transcript,
    style: CaptionStyle | None,
    wishes: WordWishes,
    ground: Ground,
    hook_style: CaptionStyle | None = None,
) -> ClipPlan:
    """The plan with all that is written on it, clear of the `ground`. `style` None: captions are not
    drawn, and set in the default style for later; `hook_style` None: ours."""
    title = wishes.mask_in(transcript.language).apply(plan.title)
    captions = _captions(plan, transcript, style or load_style(DEFAULT_STYLE), wishes, ground)
    captions = captions if style else replace(captions, drawn=False)
    plan = replace(plan, title=title, captions=captions)
    hooked = captions.drawn if wishes.hook is None else wishes.hook
    if hooked:
        plan = _with_hook(plan, ground, hook_style or load_hook_style())
    return replace(plan, progress_bar=bar_for(captions) if wishes.progress_bar else None)


def _with_hook(plan: ClipPlan, ground: Ground, style: CaptionStyle) -> ClipPlan:
    """The plan with its title over what is seen at first. Where a face leaves no room, captions go
    lower, if what is seen later allows, and the title becomes a little smaller."""
    assert plan.captions is not None
    later = usual_ground(plan.captions, ground, Span(0, plan.span.duration_ms))

    def cost(way: ClipPlan) -> float:
        assert way.captions is not None
        assert plan.captions is not None
        if way.hook is None:
            return _NO_HOOK_COST
        down = way.captions.style.center_y - plan.captions.style.center_y
        smaller = 1 - way.hook.style.size / style.size
        title = hook_ground(way.hook, ground, plan.frame).hidden(hook_band(way.hook, plan.frame))
        captions = later.hidden(caption_band(way.captions, plan.frame))
        return round(title + captions + _LOWER_COST * down + _SMALLER_COST * smaller, 4)

    sizes = (replace(style, size=round(style.size * size)) for size in _SIZES)
    ways = (_hooked(way, ground, sized) for sized in sizes for way in _lowered(plan))
    return min(ways, key=cost)


def _hooked(plan: ClipPlan, ground: Ground, style: CaptionStyle) -> ClipPlan:
    return replace(plan, hook=hook_for(plan.title, plan, ground, style))


def _lowered(plan: ClipPlan) -> Iterator[ClipPlan]:
    """The plan, and the same with its captions ever lower, as far as the platforms leave it free."""
    captions = plan.captions
    assert captions is not None
    yield plan
    for step in _LOWER:
        style = replace(captions.style, center_y=round(captions.style.center_y + step, 4))
        lower = replace(captions, style=style)
        if captions.drawn and caption_band(lower, plan.frame)[1] <= safe_area(plan.frame).bottom:
            yield replace(plan, captions=lower)


def _captions(
    plan: ClipPlan,
    transcript: Transcript,
    style: CaptionStyle,
    wishes: WordWishes,
    ground: Ground,
) -> Captions:
    emphasis = None
    if wishes.emphasis:
        counts = word_counts(word.text for word in transcript.words)
        emphasis = Emphasis(transcript.language, counts)
    return plan_captions(
        transcript.words_in(plan.span),
        clip_span=plan.span,
        style=style,
        frame=plan.frame,
        language=transcript.language,
        shots=plan.shots,
        ground=ground,
        mask=wishes.mask_in(transcript.language),
        emphasis=emphasis,
    )


def hook_for(
    title: str, plan: ClipPlan, ground: Ground = Ground(), style: CaptionStyle | None = None
) -> HookTitle | None:
    """The title over the first seconds; none where nothing was said that it could be made of."""
    if plan.captions is None or not plan.captions.pages or title == FALLBACK:
        return None
    return plan_hook(
        title,
        frame=plan.frame,
        clip_ms=plan.span.duration_ms,
        style=style,
        captions=plan.captions,
        language=plan.captions.language,
        ground=ground,
    )


def bar_for(captions: Captions | None) -> ProgressBar:
    """A thin line in the colour that lights up the words."""
    color = captions.style.active_color if captions and captions.drawn else _BAR_COLOR
    vivid = color[:7].upper() not in ("#FFFFFF", "#000000")
    return ProgressBar(color[:7] if vivid else _BAR_COLOR, BAR_HEIGHT)
