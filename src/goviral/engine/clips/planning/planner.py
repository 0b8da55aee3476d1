"""From a moment to a ClipPlan: how large and fast it is, what is framed, what is written on it. Pure."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from goviral.engine.clips.brand.brand import (
    NO_BRAND,
    Brand,
    caption_style,
    hook_style,
    still_style,
    with_brand,
)
from goviral.engine.clips.captions.clearance import Ground
from goviral.engine.clips.captions.hook import load_hook_style
from goviral.engine.clips.captions.masking import Mask
from goviral.engine.clips.captions.safe_area import is_tall
from goviral.engine.clips.captions.styles import DEFAULT_STYLE, load_style
from goviral.engine.clips.captions.wording import WordWishes, with_words
from goviral.engine.clips.framing.reframe import Framing, LayoutWish, choose_framing, layout_wish
from goviral.engine.clips.graph.logo import logo_boxes
from goviral.engine.clips.pace.pace import PaceWishes
from goviral.engine.clips.planning.ends import clip_rate, clip_span
from goviral.engine.clips.plans.plan import (
    ClipPlan,
    Frame,
    Layout,
    Loudness,
    Platform,
    Shot,
    Source,
)
from goviral.engine.clips.plans.screen import faces_on_screen
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.plans.variants import Variant, preview_frame, variants
from goviral.engine.clips.plans.word_faults import title_fault
from goviral.engine.clips.thumbnails.packs.packs import DEFAULT_PACKS, find_pack
from goviral.engine.clips.thumbnails.thumbnail_choice import plan_thumbnails
from goviral.engine.media.probe import MediaInfo
from goviral.engine.moments.moment import Moment
from goviral.engine.moments.titles import FALLBACK
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from goviral.engine.media.look import Look

ASPECTS: dict[str, tuple[int, int]] = {
    "9:16": (1080, 1920),
    "1:1": (1080, 1080),
    "4:5": (1080, 1350),
    "16:9": (1920, 1080),
}


@dataclass(frozen=True, slots=True)
class ClipWishes:
    """How clips should look. `captions` names a style, None draws none; `layout` as in `LayoutWish`.

    `platform`: whose buttons words keep clear of in tall clips.
    `more_aspects` and `more_platforms` are made besides, from the same decode. `preview`: small and quickly
    made.
    `thumbnails` names the style packs of the stills A and B; one: of two frames; none: only the plain one.
    """

    aspect: str = "9:16"
    layout: str = "auto"
    captions: str | None = DEFAULT_STYLE
    words: WordWishes = field(default_factory=WordWishes)
    pace: PaceWishes = field(default_factory=PaceWishes)
    thumbnails: tuple[str, ...] = DEFAULT_PACKS
    more_aspects: tuple[str, ...] = ()
    preview: bool = False
    brand: Brand = NO_BRAND
    platform: Platform = Platform.ANY
    more_platforms: tuple[Platform, ...] = ()

    @property
    def variants(self) -> tuple[Variant, ...]:
        """What is made of each moment, the first first."""
        return variants((self.aspect, *self.more_aspects), (self.platform, *self.more_platforms))

    def of_variant(self, one: Variant) -> "ClipWishes":
        """For one of them. Stills with words have shapes of their own: the first one's serve all."""
        stills = self.thumbnails if one == self.variants[0] and not self.preview else ()
        return replace(self, aspect=one.aspect, platform=one.platform, thumbnails=stills)


def plan_clip(
    *,
    name: str,
    moment: Moment,
    media: MediaInfo,
    transcript: Transcript,
    look: "Look | None",
    loudness: Loudness | None,
    wishes: ClipWishes,
    span: Span | None = None,
) -> ClipPlan:
    """Everything about one clip, decided. `span` is `clip_span` of the moment unless given.

    Raises `InputError` for an aspect, a layout or a caption style there is not.
    """
    span = span or clip_span(moment.span, transcript, media)
    media, missing = _with_what_is_seen(media, span)
    brand = wishes.brand
    frame = frame_for(wishes.aspect, media, wishes.platform)
    frame = preview_frame(frame) if wishes.preview else frame
    source = source_of(media)
    source = replace(source, interlaced=source.interlaced or (look is not None and look.interlaced))
    framing = _framing(look, source, frame, span, wishes, transcript)
    shots = framing.shots
    plan = ClipPlan(
        name=name,
        title=moment.title,
        source=source,
        span=span,
        frame=frame,
        shots=shots,
        loudness=loudness,
        thumbnail=plan_thumbnails(
            look,
            span,
            frame,
            shots,
            titles=_still_titles(moment, wishes.words.mask_in(transcript.language)),
            styles=[still_style(find_pack(name).style, brand) for name in wishes.thumbnails],
        ),
        notes=(*missing, *framing.notes),
        preview=wishes.preview,
    )

    seen = faces_on_screen(look, shots, frame, span) if look else ()
    marks = logo_boxes([logo for logo in (brand.logo, brand.watermark) if logo], frame)
    style = caption_style(load_style(wishes.captions), brand) if wishes.captions else None
    hook = hook_style(load_hook_style(), brand)
    worded = with_words(plan, transcript, style, wishes.words, Ground(seen, marks), hook)
    return with_brand(worded, brand)


def _with_what_is_seen(media: MediaInfo, span: Span) -> tuple[MediaInfo, tuple[str, ...]]:
    """A picture that begins after the clip or is over before it is none, and a note says so."""
    video = media.video
    if video is None or (video.start_ms < span.end_ms and not 0 < video.end_ms <= span.start_ms):
        return media, ()
    when = "begins later" if video.start_ms >= span.end_ms else "is over by then"
    return replace(media, video=None), (f"The picture {when}: a background is drawn.",)


def _still_titles(moment: Moment, mask: Mask) -> tuple[str, ...]:
    """What may stand on stills, best first; nothing where no title was found."""
    if moment.title == FALLBACK:
        return ("",)
    # An opening that goes on and on is no title.
    hook = "" if title_fault(moment.hook, "it") else moment.hook
    return mask.apply(moment.title), mask.apply(hook)


def frame_for(aspect: str, media: MediaInfo, platform: Platform = Platform.ANY) -> Frame:
    """Size by aspect, rate by source. Raises `InputError` for an unknown aspect.

    A platform is that of tall frames only: it changes nothing in others, and no other clip is made for it.
    """
    if aspect not in ASPECTS:
        raise InputError(
            f"There is no aspect {aspect!r}.", remedy=f"Choose one of: {', '.join(ASPECTS)}."
        )
    width, height = ASPECTS[aspect]
    covered = platform if is_tall(width, height) else Platform.ANY
    return Frame(width, height, clip_rate(media.video), covered)


def _without_picture(wish: LayoutWish) -> tuple[str, ...]:
    if wish is LayoutWish.AUTO:
        return ()
    return (f"Layout {wish}: the source has no picture; a background is drawn.",)


def _framing(
    look: "Look | None",
    source: Source,
    frame: Frame,
    span: Span,
    wishes: ClipWishes,
    transcript: Transcript,
) -> Framing:
    wish = layout_wish(wishes.layout)
    if source.video_stream is None:
        return Framing((Shot(Span(0, span.duration_ms), Layout.CANVAS),), _without_picture(wish))
    # Looking needs numpy and OpenCV; who only plans sound, or shows help, does not.
    from goviral.engine.media.look import Look

    words = transcript.words_in(span)
    return choose_framing(look or Look(span, 0), source, frame, span, wish, words)
