"""Make the pictures of docs/thumbnails.md and docs/brand.md of the sample talk, by the real renderer."""

import json
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from goviral.engine.clips.brand.brand import Brand
from goviral.engine.clips.brand.brand_file import read_brand
from goviral.engine.clips.captions.wording import WordWishes
from goviral.engine.clips.fonts.fonts import find_face
from goviral.engine.clips.planning.planner import ClipWishes, plan_clip
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.thumbnails.thumbnails import STYLES, ThumbnailWishes, make_thumbnails
from goviral.engine.media.ffmpeg import find_ffmpeg, run_ffmpeg
from goviral.engine.media.frames import frame_at
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.engine.studio.tools import LocalTools
from goviral.engine.transcripts.formats import read_transcript
from goviral.kit.files import atomic_path
from goviral.kit.settings import load_settings
from goviral.kit.timecode import Span

TALK = Path("examples/talk.mp4")
OUT = Path("docs/pictures")
SPAN = Span(38_280, 43_600)
TITLE = "Why databases lose your data"
TALL, WIDE, GAP = (234, 416), (416, 234), 10
GREEN, ORANGE = "#1B7F5C", "#FF7A00"
INTRO_MS, OUTRO_MS = 1200, 1000


def main() -> None:
    tools = LocalTools(load_settings())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packs(tools, folder)
        brand(tools, folder)


def planned(tools: LocalTools, brand: Brand, words: WordWishes) -> ClipPlan:
    media = tools.probe(TALK)
    return plan_clip(
        name="look",
        moment=Moment(SPAN, 0, Scorecard(*[0] * 6), TITLE, "", "", "insight"),
        media=media,
        transcript=read_transcript(TALK.with_suffix(".json")),
        look=tools.look(media, SPAN),
        loudness=None,
        wishes=ClipWishes(
            captions=brand.defaults.captions or "punch",
            words=words,
            thumbnails=brand.defaults.thumbnails or ("S1", "S4"),
            brand=brand,
        ),
        span=SPAN,
    )


def packs(tools: LocalTools, folder: Path) -> None:
    """S1 to S4 in both shapes."""
    plan = planned(tools, Brand(), WordWishes())
    columns = []
    for style in STYLES:
        made = make_thumbnails(plan, folder, ThumbnailWishes(style=style))
        tall, wide = (Image.open(still.path) for still in made)
        column = Image.new("RGB", (WIDE[0], TALL[1] + GAP + WIDE[1]), "white")
        column.paste(tall.resize(TALL), ((WIDE[0] - TALL[0]) // 2, 0))
        column.paste(wide.resize(WIDE), (0, TALL[1] + GAP))
        columns.append(column)
    keep(beside(columns), "thumbnails.jpg")


def brand(tools: LocalTools, folder: Path) -> None:
    """Intro, three frames and outro of a clip with a brand, and its two stills."""
    kit = read_brand(brand_kit(tools, folder), find_ffmpeg(load_settings()))
    plan = planned(tools, kit, WordWishes(progress_bar=True))
    clip = tools.render(plan, folder / "look.mp4", lambda _: None)
    end_ms = INTRO_MS + SPAN.duration_ms + OUTRO_MS
    times = (INTRO_MS // 2, INTRO_MS + 700, INTRO_MS + 4_900, end_ms - OUTRO_MS // 2)
    frames = [Image.fromarray(frame_at(clip.path, at_ms)) for at_ms in times]
    stills = make_thumbnails(plan, folder, ThumbnailWishes(aspects=("9:16",)))
    frames += [Image.open(still.path) for still in stills]
    keep(beside([frame.resize(TALL) for frame in frames]), "brand.jpg")


def brand_kit(tools: LocalTools, folder: Path) -> Path:
    """An invented brand: its files, drawn here."""
    tile = Image.new("RGBA", (420, 160), (0, 0, 0, 0))
    draw = ImageDraw.Draw(tile)
    draw.rounded_rectangle((0, 0, 419, 159), 44, fill=GREEN)
    draw.ellipse((36, 36, 124, 124), fill="white")
    draw.text((150, 36), "lantern", fill="white", font_size=72)
    tile.save(folder / "logo.png")
    for name, color, length_ms in (("intro", GREEN, INTRO_MS), ("outro", ORANGE, OUTRO_MS)):
        card = Image.new("RGB", (1080, 1920), color)
        large = tile.resize((840, 320))
        card.paste(large, (120, 800), large)
        card.save(folder / "card.png")
        film = ["-loop", "1", "-framerate", "25", "-t", str(length_ms / 1000)]
        run_ffmpeg(
            find_ffmpeg(load_settings()),
            [
                *film,
                "-i",
                str(folder / "card.png"),
                "-pix_fmt",
                "yuv420p",
                str(folder / f"{name}.mp4"),
            ],
        )
    (folder / "titles.ttf").write_bytes(find_face("Fredoka One", 400).path.read_bytes())
    fields = {
        "name": "Lantern",
        "fonts": {"titles": "titles.ttf"},
        "colors": {
            "active": "#FFB15C",
            "title": "#FFFFFF",
            "title_box": GREEN,
            "accent": "#FFB15C",
            "ground": GREEN,
            "bar": ORANGE,
        },
        "logo": {"file": "logo.png", "corner": "top-left", "width": 0.2},
        "intro": "intro.mp4",
        "outro": "outro.mp4",
        "captions": {"style": "clean"},
        "thumbnails": ["S3", "S4"],
    }
    (folder / "brand.json").write_text(json.dumps(fields), encoding="utf-8")
    return folder / "brand.json"


def beside(pictures: list[Image.Image]) -> Image.Image:
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    at = 0
    for picture in pictures:
        sheet.paste(picture, (at, 0))
        at += picture.width + GAP
    return sheet


def keep(picture: Image.Image, name: str) -> None:
    with atomic_path(OUT / name) as partial:
        picture.save(partial, "JPEG", quality=84, optimize=True)
    print(OUT / name)


if __name__ == "__main__":
    main()
