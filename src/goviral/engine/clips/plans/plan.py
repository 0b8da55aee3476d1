"""ClipPlan, the narrow waist: analysis makes it, people edit it, rendering only reads it.

Everything that decides a pixel or a sample is in the plan, so that an old plan renders again to the
same picture. Times inside `captions`, `shots` and `thumbnail` count from the start of the clip.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from goviral.kit.timecode import Span

PLAN_VERSION = 2
"""2 adds divided frames, removals, zooms, inserts, music, hook title, progress bar, branding: all empty by
default, so a plan of version 1 reads as what it was."""


class Layout(StrEnum):
    """How one shot fills the frame."""

    FOLLOW = "follow"  # a crop that follows its key frames
    FIT = "fit"  # the picture, or the part its crop names, whole over its own blurred copy
    CANVAS = "canvas"  # no picture: a drawn background (audio-only source)
    SPLIT = "split"  # two to four faces, each in its own cell
    SCREEN = "screen"  # a shared screen in the upper cell, the speaker's face in the lower


class Platform(StrEnum):
    """Whose buttons and texts lie over a clip where it is watched; ANY: of all of them."""

    ANY = "any"
    TIKTOK = "tiktok"
    REELS = "reels"
    SHORTS = "shorts"


@dataclass(frozen=True, slots=True)
class Source:
    """The file a clip is cut from, as the viewer sees it (rotation applied).

    `start_offset_ms` is where its first picture stands in source time. `color_space` empty: untold.
    `picture_end_ms` is where its last one ends, 0: untold. `interlaced`: two half pictures a frame.
    `turned`: stored on its side or head, shown upright.
    """

    path: str
    fingerprint: str
    duration_ms: int
    width: int = 0
    height: int = 0
    fps: Fraction = Fraction(30)
    video_stream: int | None = None
    audio_stream: int | None = None
    color_transfer: str = ""
    start_offset_ms: int = 0
    color_space: str = ""
    variable_rate: bool = False
    container: str = ""
    interlaced: bool = False
    picture_end_ms: int = 0
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Size and rate of the clip, and where it is watched. Width and height are even."""

    width: int
    height: int
    fps: Fraction
    platform: Platform = Platform.ANY


@dataclass(frozen=True, slots=True)
class CropKey:
    """Top-left corner of the crop, in source pixels, at a moment of the clip."""

    at_ms: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One part of a divided frame: where it lies, in pixels of the frame, and what it shows.

    The crop (source pixels) has the cell's shape; its corner moves as a shot's does.
    """

    x: int
    y: int
    width: int
    height: int
    crop_width: int
    crop_height: int
    path: tuple[CropKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch without a camera cut: one layout, one crop size, a path for its corner.

    Between keys the corner moves by smoothstep easing; before the first and after the last it rests.
    SPLIT and SCREEN have `cells` instead, which cover the frame without overlapping.
    """

    span: Span
    layout: Layout
    crop_width: int = 0
    crop_height: int = 0
    path: tuple[CropKey, ...] = ()
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class CaptionWord:
    """One word on screen; `text` is what is drawn, already cased and masked.

    `said` is the word as a reader would write it, masked, for subtitles and for another style; empty:
    the same as `text`. A word too long for a line is drawn in pieces: the first says all of it, the
    others `continue` it.
    """

    text: str
    start_ms: int
    end_ms: int
    emphasis: bool = False
    said: str = ""
    speaker: str | None = None
    continues: bool = False


@dataclass(frozen=True, slots=True)
class CaptionPage:
    """What is on screen at once: one or two lines of words."""

    span: Span
    lines: tuple[tuple[CaptionWord, ...], ...]


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """A caption look as plain numbers; sizes are pixels of a frame whose shorter side is 1080.

    Colours are `#RRGGBB` or `#RRGGBBAA`. `center_y` is the middle of the text block as a share of the
    frame's height; `size` is the em. `highlight` says what the spoken word does: change colour, stand
    in a box of `box_color`, or grow to `active_scale` too. Without the `box` highlight a `box_color`
    lies behind whole lines. `line_height` and `word_space` are in ems and in spaces of the font.
    `font` is a family that comes with us, or the path of a font file of that `font_fingerprint`.
    """

    name: str
    font: str
    weight: int
    size: int
    color: str
    active_color: str
    outline_color: str
    outline: float
    shadow: float
    box_color: str = ""
    uppercase: bool = False
    highlight: str = "color"  # color | box | pop | none
    max_words: int = 5  # on a line
    max_lines: int = 2
    center_y: float = 0.70
    shadow_color: str = "#00000099"
    shadow_blur: float = 0.0
    active_scale: float = 1.0
    most_growth: float = 0.0  # in spaces between words; 0: long words grow as much as short ones
    upcoming_color: str = ""  # words not yet spoken; empty: as the others
    emphasis_color: str = ""
    box_radius: float = 0.0
    box_padding: float = 0.0
    line_height: float = 1.2
    word_space: float = 1.0
    punctuation: str = "keep"  # keep | light: no full stops, no commas at the end of a line
    font_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class CaptionMove:
    """From `at_ms` on captions stand at `center_y`, as in `CaptionStyle`; None: where the style says."""

    at_ms: int
    center_y: float | None = None


@dataclass(frozen=True, slots=True)
class Captions:
    """The words of the clip, paged, with the style they are drawn in.

    Not `drawn`, they are only the clip's subtitles, and what another style can be given to later. Until
    the first of the `moves` they stand where the style says.
    """

    style: CaptionStyle
    pages: tuple[CaptionPage, ...]
    language: str = "und"
    drawn: bool = True
    moves: tuple[CaptionMove, ...] = ()


@dataclass(frozen=True, slots=True)
class Loudness:
    """A fixed gain and a limiter, measured beforehand: linear, repeatable, one pass.

    `side` is the only side of a stereo source that has sound, heard on both; empty: both as they are.
    """

    target_lufs: float
    gain_db: float
    limit_dbfs: float
    measured_lufs: float
    side: str = ""  # left | right


@dataclass(frozen=True, slots=True)
class Removal:
    """A stretch left out of the clip. Deleting it from the plan puts the stretch back.

    Every other time in a plan counts as if nothing were removed; rendering closes the gaps.
    """

    span: Span
    reason: str  # silence | filler | hand
    text: str = ""


@dataclass(frozen=True, slots=True)
class Zoom:
    """A punch-in: for `span` the crop is `factor` times tighter, about its own middle.

    Not of a shared screen, which nothing may be cut off, nor of a drawn background.
    """

    span: Span
    factor: float


@dataclass(frozen=True, slots=True)
class Insert:
    """B-roll: a piece of another file, or a still, shown for `span`; the clip's own sound goes on."""

    span: Span
    path: str
    fingerprint: str
    start_ms: int = 0  # in that file
    mode: str = "full"  # full | corner
    still: bool = False
    words: tuple[str, ...] = ()  # why it was chosen


@dataclass(frozen=True, slots=True)
class Music:
    """Background music, looped to the clip's length, lowered by `duck_db` throughout `speech`.

    Its gain counts beside the source's own sound, before the clip's `loudness` lifts both.
    """

    path: str
    fingerprint: str
    gain_db: float
    duck_db: float
    speech: tuple[Span, ...] = ()
    stream: int = 0  # of that file


@dataclass(frozen=True, slots=True)
class HookTitle:
    """Words over the first seconds. `center_y` as in `CaptionStyle`, which draws it."""

    lines: tuple[str, ...]
    span: Span
    style: CaptionStyle
    center_y: float


@dataclass(frozen=True, slots=True)
class ProgressBar:
    """A line at the frame's edge that grows with the clip."""

    color: str
    height: int  # pixels of a frame whose shorter side is 1080
    edge: str = "bottom"  # bottom | top


CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right", "center")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture over the clip: a logo in a corner, a watermark where `opacity` is low. It waits for a hook
    title that stands in its place.

    `aspect` is its width over its height, for keeping words clear of it; the file decides what is drawn.
    """

    path: str
    fingerprint: str
    corner: str = "top-right"  # one of CORNERS
    width: float = 0.18  # share of the frame's width
    opacity: float = 1.0
    aspect: float = 1.0


@dataclass(frozen=True, slots=True)
class Bumper:
    """A short film before or after the clip, whole, fitted into the frame, as loud as the clip.

    `source.duration_ms` is its length in the clip too.
    """

    source: Source
    loudness: Loudness | None = None


@dataclass(frozen=True, slots=True)
class ThumbnailStyle:
    """How a still with words is composed, as plain numbers; `title` draws the words, the last line of
    several in its `emphasis_color`.

    `face` is the height that a face is enlarged to, as a share of the still's shorter side; 0 leaves
    the crop as in the clip. `cutout` takes the person out of the picture and sets them, ringed by
    `ring_color`, on `ground_color`. `band_color` fills the part of the still where the words stand.
    `scrim` darkens the picture under the words, 0 to 1.
    """

    name: str
    title: CaptionStyle
    scrim: float = 0.0
    face: float = 0.0
    cutout: bool = False
    ground_color: str = ""
    ring_color: str = ""
    ring: float = 0.0  # pixels of a still whose shorter side is 1080
    band_color: str = ""
    emoji: bool = False


@dataclass(frozen=True, slots=True)
class FaceArea:
    """A face in source pixels: brow to chin, ear to ear."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ThumbnailVariant:
    """One still to try against another. `emoji` empty: none. `face`: the one it is about, if any."""

    name: str  # A | B
    at_ms: int
    title: str
    style: ThumbnailStyle
    emoji: str = ""
    face: FaceArea | None = None


@dataclass(frozen=True, slots=True)
class ThumbnailPlan:
    """The frame to show, at a moment of the clip, and the stills with words made of it or of another."""

    at_ms: int
    title: str = ""
    variants: tuple[ThumbnailVariant, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """One clip, completely described. `name` is the file stem, e.g. `01-why-we-sleep`."""

    name: str
    title: str
    source: Source
    span: Span
    frame: Frame
    shots: tuple[Shot, ...]
    captions: Captions | None = None
    loudness: Loudness | None = None
    thumbnail: ThumbnailPlan | None = None
    version: int = PLAN_VERSION
    notes: tuple[str, ...] = field(default=())
    removals: tuple[Removal, ...] = ()
    zooms: tuple[Zoom, ...] = ()
    inserts: tuple[Insert, ...] = ()
    music: Music | None = None
    hook: HookTitle | None = None
    progress_bar: ProgressBar | None = None
    logo: Logo | None = None
    watermark: Logo | None = None
    intro: Bumper | None = None
    outro: Bumper | None = None
    preview: bool = False
    """Small and quickly encoded: to look at, never taken for the finished clip."""
