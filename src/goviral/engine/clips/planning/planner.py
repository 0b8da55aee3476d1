"""From a moment to a ClipPlan: where the clip begins and ends, how large and fast, what is framed. Pure."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from goviral.engine.clips.brand.brand import (
    NO_BRAND,
    Brand,
    caption_style,
    hook_style,
    still_style,
    with_brand,
)
from goviral.engine.clips.captions.hook import load_hook_style
from goviral.engine.clips.captions.masking import Mask
from goviral.engine.clips.captions.safe_area import is_tall
from goviral.engine.clips.captions.styles import DEFAULT_STYLE, load_style
from goviral.engine.clips.captions.wording import WordWishes, with_words
from goviral.engine.clips.framing.reframe import Framing, LayoutWish, choose_framing, layout_wish
from goviral.engine.clips.graph.logo import logo_boxes
from goviral.engine.clips.pace.pace import PaceWishes
from goviral.engine.clips.plans.plan import (
    ClipPlan,
    Frame,
    Layout,
    Loudness,
    Platform,
    Shot,
    Source,
)
from goviral.engine.clips.plans.screen import ScreenBox, faces_on_screen
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.plans.variants import Variant, preview_frame, variants
from goviral.engine.clips.thumbnails.packs.packs import DEFAULT_PACKS, find_pack
from goviral.engine.clips.thumbnails.thumbnail_choice import plan_thumbnails
from goviral.engine.media.probe import MediaInfo, VideoStream
from goviral.engine.moments.moment import Moment
from goviral.engine.moments.titles import FALLBACK
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span, frame_at, frame_start_ms

if TYPE_CHECKING:
    from goviral.engine.media.look import Look

ASPECTS: dict[str, tuple[int, int]] = {
    "9:16": (1080, 1920),
    "1:1": (1080, 1080),
    "4:5": (1080, 1350),
    "16:9": (1920, 1080),
}
_LEAD_MS = 200
_TAIL_MS = 350
_FASTEST = Fraction(60)
_SLOWEST = Fraction(20)
_AUDIO_ONLY_RATE = Fraction(30)
_STANDARD_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)


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


def clip_span(moment: Span, transcript: Transcript, media: MediaInfo) -> Span:
    """Where the clip of a moment begins and ends, on whole frames of the source.

    From the first word minus a short lead (200 ms, at most half the pause before it) to the last
    word's end plus a short tail (350 ms, at most half the pause after it); never beyond what can be
    read.
    """
    heard, room = _speech(moment, transcript), _room(moment, transcript, media)
    lead_ms = min(_LEAD_MS, max(0, heard.start_ms - room.start_ms) // 2)
    tail_ms = min(_TAIL_MS, max(0, room.end_ms - heard.end_ms) // 2)
    wanted = Span(heard.start_ms - lead_ms, heard.end_ms + tail_ms)
    return _on_frames(wanted, room, media)


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

    marks = logo_boxes([brand.logo] if brand.logo else [], frame)

    def faces(within: Span) -> tuple[ScreenBox, ...]:
        """What words keep clear of."""
        return (*faces_on_screen(look, shots, frame, within), *marks) if look else marks

    style = caption_style(load_style(wishes.captions), brand) if wishes.captions else None
    hook = hook_style(load_hook_style(), brand)
    worded = with_words(plan, transcript, style, wishes.words, faces, hook)
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
    return mask.apply(moment.title), mask.apply(moment.hook)


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


def clip_rate(video: VideoStream | None) -> Fraction:
    """The source's own rate between 20 and 60, so that no frame is shown twice or left out.

    Faster sources lose every second frame, slower ones show each frame several times (captions need
    the steps); a variable rate becomes the nearest standard one.
    """
    if video is None:
        return _AUDIO_ONLY_RATE
    if video.variable_rate:
        return min(_STANDARD_RATES, key=lambda rate: abs(rate - video.fps))
    if video.fps > _FASTEST:
        return video.fps / ceil(video.fps / _FASTEST)
    return video.fps * ceil(_SLOWEST / video.fps)


def _speech(moment: Span, transcript: Transcript) -> Span:
    """First to last word of the moment; itself where words are not known."""
    words = transcript.words_in(moment)
    if words:
        return Span(words[0].start_ms, max(word.end_ms for word in words))
    return moment


def _room(moment: Span, transcript: Transcript, media: MediaInfo) -> Span:
    """From the end of the word before to the start of the word after, within the file."""
    spoken = transcript.words or transcript.sentences
    before = [s.end_ms for s in spoken if s.start_ms < moment.start_ms]
    after = [s.start_ms for s in spoken if s.start_ms >= moment.end_ms]
    start_ms = min(max(before, default=0), moment.start_ms)
    return Span(start_ms, min(min(after, default=media.duration_ms), media.duration_ms))


def _on_frames(wanted: Span, room: Span, media: MediaInfo) -> Span:
    """The frames that hold `wanted`; a first frame that would show the word before is left out."""
    fps = clip_rate(media.video)
    offset_ms = media.video.start_ms if media.video else 0
    first = frame_at(wanted.start_ms - offset_ms, fps)
    if offset_ms + frame_start_ms(first, fps) < room.start_ms:
        first += 1
    last = max(first + 1, ceil((wanted.end_ms - offset_ms) * fps / 1000))
    readable = max(first + 1, frame_at(media.duration_ms - offset_ms, fps))
    last = min(last, readable)
    return Span(offset_ms + frame_start_ms(first, fps), offset_ms + frame_start_ms(last, fps))


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
