"""A brand: what makes all clips of one sender look alike. Laid over any style; everything goes into the plan."""

from dataclasses import dataclass, fields, replace

from goviral.engine.clips.plans.plan import (
    Bumper,
    CaptionStyle,
    ClipPlan,
    Logo,
    ThumbnailStyle,
)

_DARK, _LIGHT = "#15141A", "#FFFFFF"


@dataclass(frozen=True, slots=True)
class BrandFont:
    """A font file and what it held when the brand was read."""

    path: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class BrandColors:
    """Colours as in a style; empty leaves the style's own.

    `text`, `active`, `emphasis`, `outline` and `box` are those of captions. `title` and `title_box` are the
    hook title's and those of labels on stills, `accent` that of a still's last line, `ground` what a
    person or words stand on there, `bar` the progress bar's.
    """

    text: str = ""
    active: str = ""
    emphasis: str = ""
    outline: str = ""
    box: str = ""
    title: str = ""
    title_box: str = ""
    accent: str = ""
    ground: str = ""
    bar: str = ""


@dataclass(frozen=True, slots=True)
class CaptionChanges:
    """What of a caption style is otherwise; None leaves it. Names as in `CaptionStyle`."""

    uppercase: bool | None = None
    size: int | None = None
    center_y: float | None = None
    max_words: int | None = None
    max_lines: int | None = None
    outline: float | None = None
    highlight: str | None = None


@dataclass(frozen=True, slots=True)
class BrandDefaults:
    """What is done where the user says nothing else; None: what would be done without a brand."""

    layout: str | None = None
    captions: str | None = None  # a style, or none
    hook: bool | None = None
    progress_bar: bool | None = None
    thumbnails: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand file, read: paths absolute, files looked into."""

    name: str = ""
    text_font: BrandFont | None = None
    title_font: BrandFont | None = None
    colors: BrandColors = BrandColors()
    captions: CaptionChanges = CaptionChanges()
    defaults: BrandDefaults = BrandDefaults()
    logo: Logo | None = None
    watermark: Logo | None = None
    intro: Bumper | None = None
    outro: Bumper | None = None


NO_BRAND = Brand()


def caption_style(style: CaptionStyle, brand: Brand) -> CaptionStyle:
    """A caption style in the brand's font, colours and measures."""
    colors = brand.colors
    changes = {
        field.name: getattr(brand.captions, field.name)
        for field in fields(CaptionChanges)
        if getattr(brand.captions, field.name) is not None
    }
    style = replace(style, **changes)
    return replace(
        _in_font(style, brand.text_font),
        color=colors.text or style.color,
        active_color=colors.active or style.active_color,
        emphasis_color=colors.emphasis or style.emphasis_color,
        outline_color=colors.outline or style.outline_color,
        box_color=(colors.box or style.box_color) if style.box_color else "",
    )


def hook_style(style: CaptionStyle, brand: Brand) -> CaptionStyle:
    """The hook title's style in the brand's title font and colours."""
    colors = brand.colors
    return replace(
        _in_font(style, brand.title_font or brand.text_font),
        color=colors.title or style.color,
        active_color=colors.title or style.active_color,
        box_color=colors.title_box or style.box_color,
    )


def still_style(style: ThumbnailStyle, brand: Brand) -> ThumbnailStyle:
    """A still's style in the brand's title font and colours; words on the brand's ground are dark or
    light, whichever is read better."""
    colors, title = brand.colors, _in_font(style.title, brand.title_font or brand.text_font)
    if title.box_color:
        title = replace(
            title,
            color=colors.title or title.color,
            box_color=colors.title_box or title.box_color,
        )
    if style.band_color and colors.ground:
        readable = _DARK if is_light(colors.ground) else _LIGHT
        title = replace(title, color=readable, emphasis_color=readable)
    elif title.emphasis_color and colors.accent and not style.band_color:
        title = replace(title, emphasis_color=colors.accent)
    return replace(
        style,
        title=title,
        ground_color=(colors.ground or style.ground_color) if style.ground_color else "",
        band_color=(colors.ground or style.band_color) if style.band_color else "",
    )


def with_brand(plan: ClipPlan, brand: Brand) -> ClipPlan:
    """The plan with the brand's pictures and films, and its bar's colour."""
    bar = plan.progress_bar
    if bar and brand.colors.bar:
        bar = replace(bar, color=brand.colors.bar)
    return replace(
        plan,
        progress_bar=bar,
        logo=brand.logo,
        watermark=brand.watermark,
        intro=brand.intro,
        outro=brand.outro,
    )


def is_light(color: str) -> bool:
    """Whether dark words are read better on it than light ones: relative luminance (WCAG 2.2) above the
    middle of contrast, 0.18."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _in_font(style: CaptionStyle, font: BrandFont | None) -> CaptionStyle:
    return replace(style, font=font.path, font_fingerprint=font.fingerprint) if font else style
