"""A brand file: read, refused with reasons, laid over styles."""

import json
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.clips.slates import ffmpeg, slates
from engine.clips.worded import worded
from engine.media.reels import Encoding, tone, write_film
from goviral.engine.clips.brand.brand import (
    NO_BRAND,
    Brand,
    BrandColors,
    BrandFont,
    caption_style,
    hook_style,
    is_light,
    still_style,
    with_brand,
)
from goviral.engine.clips.brand.brand_file import parse_brand, read_brand
from goviral.engine.clips.captions.hook import load_hook_style
from goviral.engine.clips.captions.styles import STYLE_NAMES, load_style
from goviral.engine.clips.fonts.fonts import find_face
from goviral.engine.clips.fonts.own_fonts import own_face
from goviral.engine.clips.plans.word_faults import style_fault
from goviral.engine.clips.thumbnails.packs.packs import STYLES
from goviral.kit.errors import InputError, NotFoundError


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a font, a logo, an intro, and what is none of these."""
    folder = tmp_path_factory.mktemp("kit")
    shutil.copy(find_face("Roboto", 900).path, folder / "text.ttf")
    Image.new("RGBA", (80, 40), (200, 30, 30, 255)).save(folder / "logo.png")
    write_film(folder / "intro.mp4", slates(25), tone(1.0, level=0.05), Encoding())
    (folder / "words.ttf").write_text("not a font at all")
    (folder / "words.png").write_text("not a picture at all")
    return folder


def read(kit: Path, **fields: object) -> Brand:
    return parse_brand(json.dumps(fields), kit, ffmpeg())


def test_an_empty_brand_changes_nothing(kit: Path) -> None:
    assert read(kit) == NO_BRAND
    for name in STYLE_NAMES:
        assert caption_style(load_style(name), NO_BRAND) == load_style(name)
    assert hook_style(load_hook_style(), NO_BRAND) == load_hook_style()
    for pack in STYLES.values():
        assert still_style(pack.style, NO_BRAND) == pack.style


def test_a_whole_brand_is_read(kit: Path) -> None:
    brand = read(
        kit,
        name="Acme",
        fonts={"text": "text.ttf"},
        colors={"active": "#39D98A", "bar": "#FF7A00"},
        logo={"file": "logo.png", "corner": "top-left", "width": 0.2},
        watermark={"file": "logo.png"},
        intro="intro.mp4",
        layout="follow",
        captions={"style": "clean", "uppercase": True, "position": 0.7, "words_per_line": 3},
        hook=False,
        progress_bar=True,
        thumbnails=["s2"],
    )
    assert brand.text_font is not None
    assert brand.text_font.path == str(kit / "text.ttf")
    assert brand.logo is not None
    assert (brand.logo.corner, brand.logo.opacity, brand.logo.aspect) == ("top-left", 1.0, 2.0)
    assert brand.watermark is not None
    assert brand.watermark.opacity < 0.5
    assert brand.intro is not None
    assert brand.intro.source.duration_ms == pytest.approx(1000, abs=40)
    assert brand.intro.loudness is not None
    assert brand.intro.loudness.gain_db > 3
    assert brand.defaults.thumbnails == ("S2",)
    assert (brand.defaults.captions, brand.defaults.hook) == ("clean", False)


def test_a_brand_file_is_read_from_where_it_lies(kit: Path, tmp_path: Path) -> None:
    (kit / "brand.json").write_text('{"logo": {"file": "logo.png"}}')
    brand = read_brand(kit / "brand.json", ffmpeg())
    assert brand.logo is not None
    assert Path(brand.logo.path).is_absolute()
    with pytest.raises(NotFoundError, match="There is no brand file"):
        read_brand(tmp_path / "none.json", ffmpeg())


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"colors": {"text": "red"}}, "colors.text 'red' is no colour such as #FFE100"),
        ({"colors": {"ground": "#12345"}}, "colors.ground '#12345' is no colour"),
        ({"colours": {}}, "colours is not a field of a brand"),
        ({"logo": {"corner": "top-left"}}, "logo.file is missing"),
        (
            {"logo": {"file": "logo.png", "corner": "middle"}},
            "logo.corner 'middle': input should be",
        ),
        ({"logo": {"file": "logo.png", "width": 2}}, "logo.width 2: input should be less"),
        ({"captions": {"size": 5000}}, "captions.size 5000: input should be less"),
        ({"captions": {"style": "loud"}}, "There is no caption style 'loud'"),
        ({"thumbnails": ["S9"]}, "There is no thumbnail style 'S9'"),
        ({"fonts": {"text": "words.ttf"}}, "words.ttf is not a TrueType or OpenType font"),
        ({"fonts": {"text": "logo.png"}}, "logo.png is not a TrueType or OpenType font"),
        ({"logo": {"file": "words.png"}}, "words.png is not a picture that can be read"),
        ({"intro": "words.png"}, "words.png"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(
    kit: Path, fields: dict[str, object], told: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(kit, **fields)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "fields", [{"fonts": {"text": "a.ttf"}}, {"logo": {"file": "a.png"}}, {"intro": "a.mp4"}]
)
def test_a_file_that_is_not_there_is_said(kit: Path, fields: dict[str, object]) -> None:
    with pytest.raises(NotFoundError, match=r"a\.(ttf|png|mp4)"):
        read(kit, **fields)


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-at-all/file"])
@pytest.mark.parametrize("field", ["fonts", "logo", "intro"])
def test_what_no_file_can_be_called_is_told_in_one_line(kit: Path, field: str, name: str) -> None:
    value = {"fonts": {"text": name}, "logo": {"file": name}, "intro": name}[field]
    with pytest.raises(InputError, match="is no path of a file"):
        read(kit, **{field: value})


def test_a_picture_that_would_fill_the_memory_is_refused_unopened(kit: Path) -> None:
    picture = bytearray((kit / "logo.png").read_bytes())
    picture[16:24] = struct.pack(">II", 60_000, 60_000)
    picture[29:33] = struct.pack(">I", zlib.crc32(picture[12:29]))
    (kit / "huge.png").write_bytes(picture)
    with pytest.raises(InputError, match=r"huge\.png has too many pixels"):
        read(kit, logo={"file": "huge.png"})


def test_a_font_cut_off_in_the_middle_is_refused_before_any_work(kit: Path) -> None:
    whole = (kit / "text.ttf").read_bytes()
    (kit / "half.ttf").write_bytes(whole[: len(whole) * 9 // 10])
    with pytest.raises(InputError, match=r"half\.ttf is not a TrueType or OpenType font, or a dam"):
        read(kit, fonts={"text": "half.ttf"})


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"brand"', "[" * 400_000, '{"a":' * 9000])
def test_what_is_no_brand_is_refused(kit: Path, text: str) -> None:
    with pytest.raises(InputError):
        parse_brand(text, kit, ffmpeg())


def test_a_long_film_is_no_intro(tmp_path: Path) -> None:
    write_film(
        tmp_path / "long.mp4", slates(31), None, Encoding(times_ms=[at * 1100 for at in range(31)])
    )
    with pytest.raises(InputError, match=r"intro long\.mp4 is 3\d s long"):
        read(tmp_path, intro="long.mp4")


def test_a_web_font_is_refused_before_it_is_replaced_silently(kit: Path, tmp_path: Path) -> None:
    font = TTFont(kit / "text.ttf")
    font.flavor = "woff"
    font.save(tmp_path / "web.ttf")
    with pytest.raises(InputError, match=r"web\.ttf is not a TrueType"):
        read(tmp_path, fonts={"text": "web.ttf"})


def test_an_own_font_gets_a_name_of_its_own(kit: Path, tmp_path: Path) -> None:
    face = own_face(kit / "text.ttf", 700)
    assert face.name.startswith("Own ")
    assert face.shape("Hello").advance == find_face("Roboto", 900).shape("Hello").advance
    assert find_face(str(kit / "text.ttf"), 700) == face
    other = tmp_path / "text.ttf"
    shutil.copy(find_face("Manrope", 800).path, other)
    assert own_face(other, 700).name != face.name


def test_a_variable_font_is_as_bold_as_the_style(tmp_path: Path) -> None:
    import fontpkg_noto_sans_devanagari

    folder = Path(next(iter(fontpkg_noto_sans_devanagari.__path__))) / "files"
    shutil.copy(next(folder.glob("*wght*.ttf")), tmp_path / "own.ttf")
    thin, bold = (own_face(tmp_path / "own.ttf", weight) for weight in (300, 800))
    assert bold.shape("नमस्ते").advance > 1.03 * thin.shape("नमस्ते").advance


def test_colours_are_laid_over_every_style() -> None:
    colors = BrandColors(text="#111111", active="#222222", outline="#333333", box="#444444")
    for name in STYLE_NAMES:
        plain, worn = load_style(name), caption_style(load_style(name), Brand(colors=colors))
        assert (worn.color, worn.active_color, worn.outline_color) == (
            "#111111",
            "#222222",
            "#333333",
        )
        assert worn.box_color == ("#444444" if plain.box_color else "")
        assert style_fault(worn, "style") == ""


def test_titles_take_the_title_font_else_the_other() -> None:
    text, title = BrandFont("/a.ttf", "a"), BrandFont("/b.ttf", "b")
    assert hook_style(load_hook_style(), Brand(text_font=text)).font == "/a.ttf"
    assert hook_style(load_hook_style(), Brand(text_font=text, title_font=title)).font == "/b.ttf"
    assert caption_style(load_style("punch"), Brand(title_font=title)).font == "Roboto"
    worn = still_style(STYLES["S1"].style, Brand(text_font=text, title_font=title)).title
    assert (worn.font, worn.font_fingerprint) == ("/b.ttf", "b")


@given(st.integers(0, 0xFFFFFF))
def test_words_on_the_brands_ground_can_be_read(color: int) -> None:
    ground = f"#{color:06X}"
    style = still_style(STYLES["S4"].style, Brand(colors=BrandColors(ground=ground)))
    assert style.band_color == ground
    assert _contrast(style.title.color, ground) >= 4.0
    assert style.title.emphasis_color == style.title.color


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""

    def luminance(color: str) -> float:
        shares = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_is_dark_and_white_is_light() -> None:
    assert is_light("#FFFFFF")
    assert not is_light("#000000")


def test_pictures_and_films_go_into_the_plan(kit: Path) -> None:
    brand = read(kit, logo={"file": "logo.png"}, intro="intro.mp4")
    plan = with_brand(worded(), brand)
    assert plan.logo == brand.logo
    assert plan.intro == brand.intro
    assert plan.outro is None
