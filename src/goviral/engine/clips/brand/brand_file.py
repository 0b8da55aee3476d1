"""`brand.json`: the brand as people write it, and what is made of it. The schema is published."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from goviral.engine.clips.brand.brand import (
    Brand,
    BrandColors,
    BrandDefaults,
    BrandFont,
    CaptionChanges,
)
from goviral.engine.clips.brand.brand_media import read_bumper, read_logo
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.fonts.own_fonts import check_font
from goviral.engine.clips.plans.plan import Logo
from goviral.engine.clips.thumbnails.packs.packs import find_pack
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.files import content_fingerprint

if TYPE_CHECKING:
    from goviral.engine.media.ffmpeg import Ffmpeg

Color = Annotated[
    str,
    Field(
        pattern=r"^#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?$",
        description="#RRGGBB, or #RRGGBBAA with how opaque it is.",
    ),
]
_LARGEST_BYTES = 1_000_000
_SAYING = {
    "string_pattern_mismatch": "is no colour such as #FFE100",
    "extra_forbidden": "is not a field of a brand",
    "missing": "is missing",
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fonts(_Part):
    """Font files, TrueType or OpenType, beside the brand file or anywhere."""

    text: str | None = Field(None, description="Captions; titles too where they have none.")
    titles: str | None = Field(None, description="Hook title and thumbnails.")


class Colors(_Part):
    """Colours that replace those of whatever style is chosen."""

    text: Color | None = Field(None, description="Captions.")
    active: Color | None = Field(None, description="The word that is spoken.")
    emphasis: Color | None = Field(None, description="The word that carries a page.")
    outline: Color | None = Field(None, description="Around the letters of captions.")
    box: Color | None = Field(None, description="The box of caption styles that have one.")
    title: Color | None = Field(None, description="Words of the hook title and of labels.")
    title_box: Color | None = Field(None, description="The card behind them.")
    accent: Color | None = Field(None, description="The last line on thumbnails S1 and S3.")
    ground: Color | None = Field(None, description="Behind the person of S3, the field of S4.")
    bar: Color | None = Field(None, description="The progress bar.")


class Mark(_Part):
    """A picture over the whole clip."""

    file: str = Field(description="PNG, JPEG or WebP; PNG and WebP may be transparent.")
    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"] = "top-right"
    width: float = Field(0.18, gt=0, le=1, description="Share of the frame's width.")
    opacity: float = Field(1.0, ge=0, le=1)


class Watermark(Mark):
    """The same, faint, bottom right unless told otherwise."""

    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"] = (
        "bottom-right"
    )
    width: float = Field(0.22, gt=0, le=1, description="Share of the frame's width.")
    opacity: float = Field(0.35, ge=0, le=1)


class CaptionOptions(_Part):
    """Caption style, and what of it is otherwise."""

    style: str | None = Field(None, description="A caption style, or none.")
    uppercase: bool | None = None
    size: int | None = Field(None, ge=20, le=300, description="Pixels of a frame 1080 wide.")
    position: float | None = Field(
        None, ge=0, le=1, description="Middle of the text, share of the height."
    )
    words_per_line: int | None = Field(None, ge=1, le=12)
    lines: int | None = Field(None, ge=1, le=4)
    outline: float | None = Field(None, ge=0, le=40, description="Pixels.")
    highlight: Literal["color", "box", "pop", "none"] | None = None


class BrandFile(_Part):
    """A brand kit. Every field may be left out; paths count from the brand file's folder."""

    schema_: str | None = Field(None, alias="$schema")
    name: str = ""
    fonts: Fonts = Field(default_factory=Fonts)
    colors: Colors = Field(default_factory=Colors)
    logo: Mark | None = None
    watermark: Watermark | None = None
    intro: str | None = Field(None, description="A film before every clip, up to 30 s.")
    outro: str | None = Field(None, description="A film after every clip, up to 30 s.")
    layout: Literal["auto", "follow", "split", "screen", "fit"] | None = None
    captions: CaptionOptions = Field(default_factory=CaptionOptions)
    hook: bool | None = Field(None, description="The title over the first seconds.")
    progress_bar: bool | None = None
    thumbnails: list[str] | None = Field(
        None, max_length=2, description="Styles of the thumbnails A and B; [] for none."
    )


def read_brand(path: Path, ffmpeg: "Ffmpeg") -> Brand:
    """Read a brand file and look into every file it names; `ffmpeg` hears how loud its films are.

    Raises `NotFoundError` and `InputError` that name the field at fault.
    """
    path = path.expanduser()
    if not path.is_file():
        raise NotFoundError(f"There is no brand file {path}.", remedy="Check the path.")
    if path.stat().st_size > _LARGEST_BYTES:
        raise InputError(f"{path.name} is too large to be a brand file.")
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not a text file.") from error
    return parse_brand(text, path.absolute().parent, ffmpeg, name=path.name)


def parse_brand(text: str, folder: Path, ffmpeg: "Ffmpeg", *, name: str = "brand.json") -> Brand:
    """A brand of its JSON text, its files looked for from `folder`; otherwise as `read_brand`."""
    try:
        written = BrandFile.model_validate(json.loads(text))
    except ValidationError as error:
        raise InputError(
            f"{name}: {_first_fault(error)}.", remedy="docs/brand.md has every field."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not JSON: {error}.") from error
    _check_names(written, name)
    return Brand(
        name=written.name,
        text_font=_font(written.fonts.text, folder),
        title_font=_font(written.fonts.titles, folder),
        colors=BrandColors(**written.colors.model_dump(exclude_none=True)),
        captions=_changes(written.captions),
        defaults=_defaults(written),
        logo=_mark(written.logo, folder),
        watermark=_mark(written.watermark, folder),
        intro=read_bumper(_path(written.intro, folder), "intro", ffmpeg) if written.intro else None,
        outro=read_bumper(_path(written.outro, folder), "outro", ffmpeg) if written.outro else None,
    )


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"]) or "it"
    given = f" {fault['input']!r}" if isinstance(fault["input"], str | int | float) else ""
    if fault["type"] in ("missing", "extra_forbidden"):
        given = ""
    message = _SAYING.get(fault["type"], f": {fault['msg'][0].lower()}{fault['msg'][1:]}")
    return f"{where}{given}{'' if message.startswith(':') else ' '}{message}"


def _check_names(written: BrandFile, name: str) -> None:
    """Names of styles, which only the engine knows."""
    try:
        if written.captions.style not in (None, "none"):
            load_style(str(written.captions.style))
        for style in written.thumbnails or ():
            find_pack(style)
    except InputError as error:
        raise InputError(f"{name}: {error.message}", remedy=error.remedy) from error


def _changes(options: CaptionOptions) -> CaptionChanges:
    return CaptionChanges(
        uppercase=options.uppercase,
        size=options.size,
        center_y=options.position,
        max_words=options.words_per_line,
        max_lines=options.lines,
        outline=options.outline,
        highlight=options.highlight,
    )


def _defaults(written: BrandFile) -> BrandDefaults:
    stills = written.thumbnails
    return BrandDefaults(
        layout=written.layout,
        captions=written.captions.style,
        hook=written.hook,
        progress_bar=written.progress_bar,
        thumbnails=None if stills is None else tuple(find_pack(style).name for style in stills),
    )


def _path(name: str, folder: Path) -> Path:
    """Raises `InputError` for what no file can be called."""
    try:
        path = folder / Path(name).expanduser()
        path.exists()
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"{name[:60]!r} is no path of a file.", remedy="Check the path."
        ) from error
    return path


def _font(name: str | None, folder: Path) -> BrandFont | None:
    if name is None:
        return None
    path = _path(name, folder)
    check_font(path)
    return BrandFont(str(path), content_fingerprint(path))


def _mark(mark: Mark | None, folder: Path) -> Logo | None:
    if mark is None:
        return None
    logo = read_logo(_path(mark.file, folder))
    return replace(logo, corner=mark.corner, width=mark.width, opacity=mark.opacity)
